"""Samples beside the proxy: a stack each, in the user pool's Region, for the tokens that came through the proxy.

A further sample is a member of `stacks.flags.sample.Sample` and a line in `SAMPLES`.
"""

from collections.abc import Mapping

from constructs import Construct

from stacks.flags import AppFlags
from stacks.flags.sample import Sample
from stacks.proxy import ProxyStack
from stacks.samples.http import HttpStack
from stacks.samples.page import PageStack
from stacks.samples.rest import RestStack
from stacks.samples.sample_stack import SampleStack

SAMPLES: Mapping[Sample, type[SampleStack]] = {
    Sample.REST: RestStack,
    Sample.HTTP: HttpStack,
    Sample.PAGE: PageStack,
}
"""What each value of the flag makes, in the order in which they are made: the page calls the others."""


def sample_stacks(scope: Construct, flags: AppFlags, proxy_stack: ProxyStack) -> list[SampleStack]:
    """The stacks that the flag `sample` asks for: `<the proxy's stack>-Rest` and so on."""
    made: list[SampleStack] = []
    for sample in (sample for sample in SAMPLES if sample in flags.sample):
        name = f"{proxy_stack.stack_name}-{sample.capitalize()}"
        made.append(SAMPLES[sample](scope, name, flags=flags, proxy_stack=proxy_stack, beside=tuple(made)))
    return made
