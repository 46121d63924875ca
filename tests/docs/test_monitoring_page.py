"""docs/monitoring.md: each alarm's row says when it rings, and what the page adds up is what the templates cost."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

import app as deployment_plan
from cognito_proxy import CognitoLimits
from cognito_proxy.monitoring.cognito_limits import LEVELS
from cognito_proxy.monitoring.monitoring import LEAST_CALLS
from local.rehearsal.catalogue import assumptions, prices
from local.rehearsal.costs import AT_REST, bill
from local.rehearsal.plan import read_plan
from tests.docs.markdown import ROOT

TEXT = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
PAGE = " ".join(TEXT.split())
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.partition("## The alarms")[2].partition("\n## ")[0].splitlines()
    if line.startswith(("| `", "| an app client's"))
]
POOL = {"user_pool_id": "eu-west-1_AbCdEf123", "rotation_days": "30"}
EDGE = POOL | {"variant": "edge"}
GUARD = "from cognito_proxy_guards import Call\n\n\ndef check(call: Call) -> None: ...\n"
MARKS = {"²": (3, 2), "³": (3, 3), "": (1, 1)}
"""Periods that are looked at, and how many of them must be too much."""
SAYS = {
    "ServerErrors": "{} answers 5XX",
    "ServerErrorRate": "{} percent of answers 5xx",
    "FunctionErrors": "{} errors",
    "FunctionThrottles": "{} throttled runs",
    "FailedCalls": f"{{}} percent of {LEAST_CALLS} calls or more",
    "Latency": "1 in 10 calls takes {} seconds",
    "ThrottledCalls": "{} calls that Cognito throttled",
    "BlockedRequests": "{} blocked requests",
    "MessageCeiling": "{} call refused at a ceiling",
    "EventFailures": "{} event that EventBridge did not take",
    "UndeliveredEvents": "{} event in the queue",
    "CounterFailures": "{} attempts or messages not counted",
    "HumanCheckFailures": "{} tokens without a verdict",
    "GuardFailures": "{} failures of a guard",
    "Throttled": "{} throttled call of the account",
    "Rotation": "{} failed run",
}
"""How the page says a threshold."""


def alarms(flags: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """By what the page calls them."""
    app = App(context=dict(flags))
    deployment_plan.plan(app)
    found = {}
    for stack in app.synth().stacks:
        for name, resource in stack.template["Resources"].items():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                short = re.sub(r"^(Alarms|Monitoring(Cognito)?|CognitoAlarms)|[0-9A-F]{8}$", "", name)
                found["Rotation" if "Rotation" in short else short] = resource["Properties"]
    return found


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Mapping[str, Any]]]:
    (folder := tmp_path_factory.mktemp("guards")).joinpath("open_guard.py").write_text(GUARD, encoding="utf-8")
    guard = {"guards": f"{folder}:open_guard"}
    chosen = {"message_limit": "500", "user_limits": "true", "events": "true", "human_check": "turnstile"}
    return {"regional": alarms(POOL | chosen | guard), "edge": alarms(EDGE | guard)}


def names(row: list[str]) -> set[str]:
    """Of the alarms that a row is about."""
    if "<category>" in row[0]:
        return {f"{category}{level}" for category in CognitoLimits().by_category() for level in LEVELS}
    return {str(re.findall(r"`(\w+)`", row[0])[0])}


def test_every_alarm_has_a_row_in_its_variant(deployed: Mapping[str, Mapping[str, Any]]) -> None:
    for variant, found in deployed.items():
        told = [name for row in ROWS if row[1] in (variant, "both") for name in names(row)]
        assert sorted(told) == sorted(found)


@pytest.mark.proves(
    "alarm-server-errors",
    "alarm-server-error-rate",
    "alarm-function-errors",
    "alarm-function-throttles",
    "alarm-failed-calls",
    "alarm-latency",
    "alarm-throttled-calls",
    "alarm-blocked-requests",
    "alarm-message-ceiling",
    "quota-alarms",
    "alarm-throttled",
    "alarm-rotation",
)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_when_its_alarm_rings(row: list[str], deployed: Mapping[str, Mapping[str, Any]]) -> None:
    mark = next((each for each in "²³" if each in row[0]), "")
    for variant in ("regional", "edge") if row[1] == "both" else (row[1],):
        for name in names(row):
            alarm = deployed[variant][name]
            assert (alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])) == (
                MARKS[mark]
            ), name
            assert rings_at(name, alarm) == row[2] or "<category>" in row[0]


def rings_at(name: str, alarm: Mapping[str, Any]) -> str:
    """As the page says it."""
    number = alarm["Threshold"]
    if name not in SAYS:
        assert name.endswith(str(number))
        return ""
    if name == "FailedCalls":
        (expression,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
        assert f">= {LEAST_CALLS}" in expression
    if name == "Latency":
        assert alarm["ExtendedStatistic"] == "p90"
        number //= 1000
    return SAYS[name].format(f"{number:,}")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_leads_to_what_to_do(row: list[str]) -> None:
    (where,) = re.findall(r"\]\[(\w+)\]", row[3])
    assert re.search(rf"^\[{where}\]: (operations|events|user-limits|human-check|guards)\.md#\S+$", TEXT, re.MULTILINE)


@pytest.mark.proves("quota-defaults")
def test_quotas_are_aws_s_defaults() -> None:
    of = CognitoLimits().by_category()
    assert of["UserAuthentication"] == of["UserToken"] == 120
    said = (
        f"{of['UserToken']} calls a second for UserAuthentication and UserToken, {of['UserCreation']} for "
        f"UserCreation, {of['UserAccountRecovery']} for UserAccountRecovery, {of['UserFederation']} for UserFederation"
    )
    assert said in PAGE


@pytest.mark.proves("monitoring-costs")
def test_costs_are_those_of_the_templates(tmp_path: Path) -> None:
    named = {"dashboard": "dashboard", "alarm-metric": "alarms", "kms-key": "key"}
    for column, flags in ((2, {"user_pool_id": POOL["user_pool_id"]}), (3, EDGE | {"rotation_days": ""})):
        given = {name: value for name, value in flags.items() if value}
        app = App(context=dict(given), outdir=str(tmp_path / str(column)))
        deployment_plan.plan(app)
        lines = bill(AT_REST, read_plan(Path(app.synth().directory)), given=assumptions(), prices=prices())
        usd = {line.price.what: line.usd for line in lines}
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if "$" in line]
        table = {row[0].split()[0].rstrip(","): row[column] for row in rows if len(row) == 4}
        total = Decimal(0)
        for price, word in named.items():
            amount = usd[prices()[price].what]
            assert table[word] == f"${amount:.2f}", (column, word)
            total += amount
        assert table["together"] == f"${total:.2f}"


def test_the_rows_are_found() -> None:
    assert len(ROWS) == 17
    assert json.dumps(ROWS).count("both") == 4
