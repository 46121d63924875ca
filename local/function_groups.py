"""Where the functions of a local run log, found as `cognito-proxy top` finds it."""

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.local_run import LocalRun as FoundRun
from cognito_proxy.smoke.target import NotAProxy, local_target
from cognito_proxy.top.places import find_places
from cognito_proxy.top.questions import FUNCTION
from local.run import LocalRun


def function_groups(run: LocalRun) -> list[tuple[str, str]]:
    """Region and name of each log group of the proxy's function. None in an assembly that is not of a proxy."""
    outputs = run.outputs
    found = FoundRun(
        file=run.outputs_file,
        endpoint_url=outputs.aws_endpoint_url,
        stack=outputs.stack,
        region=outputs.stack_region,
    )
    aws = Aws(local=found)
    try:
        target = local_target(aws.client, run.outputs_file)
    except NotAProxy:
        return []
    groups = find_places(aws.client, target).groups.get(FUNCTION, ())
    return [(group.region, group.name) for group in groups]
