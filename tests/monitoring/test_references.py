"""Every widget and every alarm looks at a metric that the functions write, or that AWS documents."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from proxy.call import Call
from proxy.messages import Respond
from proxy.metrics import COUNTED
from proxy.request_line import RequestLines
from tests.monitoring.conftest import Template
from tests.monitoring.known_metrics import DOCUMENTED, VALUES
from tests.monitoring.references import Reference, dashboard_body, of_widget, references
from tests.proxy.request_lines import Line, lines_of, series
from tests.proxy.sample_requests import SIGN_UP

_ANY_VALUE = ("AWS/Lambda", "Resource")

Seen = set[tuple[str, frozenset[str]]]


@pytest.fixture
def seen(store, cognito, world) -> Seen:
    """Names and dimensions of the metrics on lines that both functions wrote just now."""
    lines: list[Line] = [
        *world.regional("SignUp", SIGN_UP),
        *world.regional("AdminGetUser", {}),
        *world.edge("SignUp", SIGN_UP),
        *lines_of(with_every_count()),
    ]
    return {(name, frozenset(dict(dimensions))) for line in lines for name, dimensions in series(line)}


def with_every_count() -> str:
    """The line of a call around which everything failed that may be switched on."""
    call = Call(time=0.0, started=0.0)
    call.operation, call.upstream_seconds, call.answer = "SignUp", 0.0, Respond(status=200)
    for name in COUNTED:
        call.count(name)
    return RequestLines(variant="regional", function="f").line(call, now=0.0, cold=False, pseudonyms=None)


def faults(reference: Reference, seen: Seen) -> list[str]:
    """What is wrong with it; nothing if there is such a metric."""
    names = frozenset(reference.dimensions)
    if reference.namespace == "CognitoProxy":
        there = (reference.name, names) in seen
    else:
        there = any(
            reference.name in each.names and names == each.dimensions for each in DOCUMENTED[reference.namespace]
        )
    found = [] if there else [f"{reference.where}: no {reference.namespace} {reference.name} by {sorted(names)}"]
    return found + [
        f"{reference.where}: {name}={value}"
        for name, value in reference.dimensions.items()
        # AWS Lambda's Resource is a function's version or alias, which has a name of any kind.
        if value is not None and value not in VALUES.get(name, {value}) and (reference.namespace, name) != _ANY_VALUE
    ]


@pytest.mark.proves("metrics-exist")
def test_every_reference_is_to_a_metric_that_there_is(templates: dict[str, Template], seen: Seen) -> None:
    found = [reference for template in templates.values() for reference in references(template)]
    assert {reference.namespace for reference in found} == {"CognitoProxy", *DOCUMENTED}
    assert len(found) > 1_000
    assert [fault for reference in found for fault in faults(reference, seen)] == []


@pytest.mark.parametrize(
    ("namespace", "name", "dimensions"),
    [
        ("CognitoProxy", "Failures", {"variant": "edge", "function": "f"}),
        ("CognitoProxy", "Latency", {"variant": "edge", "function": "f", "outcome": None}),
        ("CognitoProxy", "Latency", {"variant": "central", "function": "f"}),
        ("AWS/Usage", "CallCount", {"Service": "Cognito user pool", "Type": "API", "Resource": "UserAuthentication"}),
        ("AWS/WAFV2", "BlockedRequests", {"WebACL": "a", "Rule": "NoSuchRule"}),
        ("AWS/CloudFront", "5xxErrorRate", {"DistributionId": "d"}),
        ("AWS/Lambda", "Error", {"FunctionName": "f"}),
    ],
)
def test_what_there_is_not_is_found(seen: Seen, namespace: str, name: str, dimensions: dict[str, str | None]) -> None:
    assert len(faults(Reference(where="", namespace=namespace, name=name, dimensions=dimensions), seen)) == 1


def test_the_functions_metrics_are_looked_at_under_the_names_that_they_have(templates: dict[str, Template]) -> None:
    """At the edge a function's own lines have its plain name, and AWS Lambda's metrics that of its copies."""
    edge = next(template for name, template in templates.items() if name.startswith("edge/"))
    by_namespace: dict[str, set[Any]] = {}
    for reference in references(edge):
        key = "function" if reference.namespace == "CognitoProxy" else "FunctionName"
        by_namespace.setdefault(reference.namespace, set()).add(reference.dimensions.get(key))
    assert by_namespace["CognitoProxy"] == {"<ProxyFunction6F85094A>"}
    assert by_namespace["AWS/Lambda"] == {"us-east-1.<ProxyFunction6F85094A>"}


def test_no_widget_is_twice_and_none_is_empty(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] != "AWS::CloudWatch::Dashboard":
                continue
            widgets = dashboard_body(resource)["widgets"]
            titles = [widget["properties"]["title"] for widget in widgets]
            assert len(titles) == len(set(titles))
            assert all(list(of_widget(widget)) for widget in widgets if widget["type"] == "metric")
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
            assert all(len(widget["properties"].get("metrics", ())) <= 500 for widget in widgets)
            assert len(json.dumps(widgets)) < 1_000_000


def test_no_two_alarms_are_alike(templates: dict[str, Template]) -> None:
    for template in templates.values():
        alarms = [
            copy.deepcopy(resource["Properties"])
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::CloudWatch::Alarm"
        ]
        looks = [json.dumps({**alarm, "AlarmDescription": ""}, sort_keys=True) for alarm in alarms]
        assert len(looks) == len(set(looks))


@pytest.mark.proves("alarms-told-to-topic")
def test_every_alarm_is_told_once_to_the_one_topic_of_its_stack(templates: dict[str, Template]) -> None:
    for template in templates.values():
        resources = template["Resources"]
        topics = [name for name, resource in resources.items() if resource["Type"] == "AWS::SNS::Topic"]
        for resource in resources.values():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                assert len(topics) == 1
                assert resource["Properties"]["AlarmActions"] == [{"Ref": topics[0]}]
