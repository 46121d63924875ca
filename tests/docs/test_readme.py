"""README.md: its sample runs and is usable, and its table has every flag."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy.cli.proxy_lists import ListName, find_lists
from cognito_proxy.list_edits.ip_set import WafArn
from stacks.flags import AppFlags
from stacks.flags.table import FLAGS
from tests.constructs.synthesized import only

README = Path(__file__).resolve().parents[2] / "README.md"
CONTRACT = {"ProxyEndpoint", "ProxyDomain", "AppClientId", "UserPoolId", "Region", "WebAclArn", "SecretArn"}
ARN = "arn:aws:wafv2:eu-west-1:123456789012:regional"


def section(title: str) -> str:
    _, found = re.split(rf"^## {title}$", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.split(r"^## ", found, flags=re.MULTILINE)[0]


def code(title: str, language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", section(title), flags=re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture(scope="module")
def sample() -> Stack:
    """The stack that the sample makes, as a user would run it."""
    namespace: dict[str, Any] = {"__name__": "readme"}
    exec(compile(code("Use it in your own CDK app", "python"), str(README), "exec"), namespace)  # noqa: S102 - our own
    app = namespace["app"]
    assert isinstance(app, App)
    (stack,) = (child for child in app.node.children if isinstance(child, Stack))
    return stack


def test_the_sample_tells_where_apps_call_and_what_the_command_line_needs(sample: Stack) -> None:
    assert set(Template.from_stack(sample).find_outputs("*")) == CONTRACT


def test_the_sample_warns_of_nothing(sample: Stack) -> None:
    assert Annotations.from_stack(sample).find_warning("*", Match.any_value()) == []


def test_the_lists_of_the_sample_are_found_by_the_command_line(sample: Stack) -> None:
    template = Template.from_stack(sample)
    ((logical_id, _),) = template.find_resources("AWS::WAFv2::WebACL").items()
    assert template.find_outputs("WebAclArn")["WebAclArn"]["Value"] == {"Fn::GetAtt": [logical_id, "Arn"]}
    lists = find_lists(Deployed(template), WafArn.parse(f"{ARN}/webacl/Acl/1"))  # type: ignore[arg-type]
    assert set(lists.lists) == set(ListName)
    for found in lists.lists.values():
        assert set(found.by_hand) == {4, 6}


class Deployed:
    """AWS WAF's answers about a template, as the command line asks for them."""

    def __init__(self, template: Template) -> None:
        self._web_acl = only(template, "AWS::WAFv2::WebACL")["Properties"]
        self._ip_sets = template.find_resources("AWS::WAFv2::IPSet")

    def client(self, _service: str, **_: object) -> Any:
        return SimpleNamespace(
            get_web_acl=self._get_web_acl,
            get_ip_set=lambda Id, **_: {"IPSet": self._ip_sets[Id]["Properties"]},  # noqa: N803 - AWS's name
            list_tags_for_resource=lambda **_: {"TagInfoForResource": {"TagList": self._tags()}},
            exceptions=SimpleNamespace(WAFNonexistentItemException=KeyError),
        )

    def _get_web_acl(self, **_: object) -> dict[str, Any]:
        text = json.dumps(self._web_acl["Rules"])
        for name in self._ip_sets:
            reference = json.dumps({"Fn::GetAtt": [name, "Arn"]})
            text = text.replace(reference, json.dumps(f"{ARN}/ipset/{name}/{name}"))
        # CloudFormation spells the key `Arn`, the API `ARN`.
        return {"WebACL": {"Rules": json.loads(text.replace('"Arn":', '"ARN":'))}}

    def _tags(self) -> list[Mapping[str, str]]:
        return [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in self._web_acl.get("Tags", [])]


def rows() -> Iterator[str]:
    for line in section("Flags of the app").splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`(\w+)`", line.split("|")[1])


def test_the_table_has_every_flag_and_no_other() -> None:
    found = list(rows())
    assert sorted(found) == sorted(["config", *FLAGS])


def test_the_file_of_the_sample_is_one(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text(code("Deploy it", "json"))
    flags = AppFlags.from_mapping({"config": "prod.json"}, folder=tmp_path)
    assert flags.user_pool_id == "eu-west-1_AbCdEf123"
    assert flags.count_only


def places() -> Iterator[tuple[str, str]]:
    """File and name in it, of each answer to where something is in the code."""
    text = README.read_text(encoding="utf-8")
    definitions = dict(re.findall(r"^\[(\w+)\]: (\S+)$", text, flags=re.MULTILINE))
    for reference, names in re.findall(r"`\]\[(\w+)\]: (.+) \|$", section("Where is …\\?"), flags=re.MULTILINE):
        yield from ((definitions[reference], name) for name in re.findall(r"`([\w.]+)`", names))


def test_it_is_read_in_one_go() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 300


def test_every_name_in_the_code_is_where_the_readme_says() -> None:
    found = list(places())
    assert len(found) >= 4
    for file, name in found:
        defined = re.compile(rf"^\s*(?:class |def )?{name.rpartition('.')[2]}\b", re.MULTILINE)
        assert defined.search((README.parent / file).read_text(encoding="utf-8")), f"{name} is not in {file}"
