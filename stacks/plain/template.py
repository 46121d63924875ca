"""The whole template of a variant, and its text."""

from typing import Any

import yaml

from stacks.flags import Variant
from stacks.plain.merge import Merge, States
from stacks.plain.parameters import interface, parameters
from stacks.plain.plan import API_REVISION, rules, switches
from stacks.plain.synthesis import call_deployments_alike, synthesized

LARGEST_BYTES = 1_000_000
"""Of a template that CloudFormation reads from a bucket, where the console puts it by itself:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (1 MB)"""

_SECTIONS = ("Mappings", "Conditions", "Resources", "Outputs")
_WIDTH = 120
# W1030: an empty default is none of the values that a property takes, where a condition keeps it from being used.
# W3005: the CDK names the role as a dependency of its function, which refers to it anyway.
_CFN_LINT = {"cfn-lint": {"config": {"ignore_checks": ["W1030", "W3005"]}}}

Template = dict[str, Any]


def plain_template(variant: Variant) -> Template:
    """The template that stands for every combination of a variant's switches."""
    own = switches(variant)
    merged = Merge(own, _Templates(variant)).template()
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{merged['Description']} (plain template)",
        "Metadata": {**interface(variant), **_CFN_LINT},
        "Parameters": {each.name: each.document() for each in parameters(variant)},
        "Rules": rules(variant),
        **{section: merged[section] for section in _SECTIONS if merged[section]},
    }


class _Templates:
    """The templates of combinations. What only the revision of the API tells apart is synthesized once."""

    def __init__(self, variant: Variant) -> None:
        self._variant = variant
        self._switches = switches(variant)
        self._synthesized: dict[States, Template] = {}

    def __call__(self, states: States) -> Template:
        named = {switch.name: state for switch, state in zip(self._switches, states, strict=True)}
        revision = named.pop(API_REVISION, 0)
        key = tuple(named.values())
        if key not in self._synthesized:
            self._synthesized[key] = synthesized(self._variant, named)
        return call_deployments_alike(self._synthesized[key], "RevisionB" if revision else "")


def text(template: Template) -> str:
    """The template as YAML, which console and command line take; the same template gives the same text.

    Raises:
        ValueError: it is larger than CloudFormation takes.
    """
    written: str = yaml.dump(template, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=False)
    if len(written.encode()) > LARGEST_BYTES:
        raise ValueError(f"the template has {len(written.encode()):,} bytes; CloudFormation takes {LARGEST_BYTES:,}")
    return written


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, and nothing by reference (`&id001`), which CloudFormation does not know."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own signature
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.represent_text)
