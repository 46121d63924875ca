"""docs/audit.md names every rule, option and permission."""

import inspect
import json
import re
from datetime import UTC, datetime

import pytest

from cognito_proxy.audit.doors import POOL_RULES, RULES, Kind
from cognito_proxy.audit.reading import read
from cognito_proxy.cli.audit import audit
from tests.audit.cloud import POOL, Cloud
from tests.needs import ROOT

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
DOORS = PAGE.split("## The doors")[1].split("## Last use")[0]


def test_every_door_has_a_row_and_every_note_is_named() -> None:
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", DOORS, flags=re.MULTILINE))
    assert rows == {rule.name for rule in RULES if rule.kind is Kind.DOOR}
    for rule in RULES:
        assert f"`{rule.name}`" in DOORS
    assert any(rule.name in PAGE for rule in POOL_RULES)


def test_every_option_has_a_row_and_no_other() -> None:
    options = {name.replace("as_json", "json").replace("_", "-") for name in inspect.signature(audit).parameters}
    rows = set(re.findall(r"^\| `--([a-z-]+)[ `]", PAGE, flags=re.MULTILINE))
    assert rows == options - {"context"}


@pytest.mark.proves("audit-changes-nothing")
def test_the_policy_allows_what_is_asked_and_no_more() -> None:
    cloud = Cloud()
    cloud.add("old")
    read(cloud, POOL, of_the_proxy=(), now=datetime(2030, 1, 1, tzinfo=UTC))
    asked = {operation for operation, _ in cloud.calls}
    (policy,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    actions = [statement["Action"] for statement in json.loads(policy)["Statement"]]
    allowed = {action for some in actions for action in ([some] if isinstance(some, str) else some)}
    # GetWebACL: AWS WAF asks for it on behalf of GetWebACLForResource. DescribeStacks: the command's, for --stack.
    assert {action.partition(":")[2] for action in allowed} == asked | {"GetWebACL", "DescribeStacks"}


def test_lines_are_not_too_long() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 100 and not line.startswith(("|", "[metrics]"))] == []
