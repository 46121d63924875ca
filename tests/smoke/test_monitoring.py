"""Dashboard, alarms, subscriptions and metrics, with scripted answers: what is told of each."""

from __future__ import annotations

from typing import Any

import pytest

from cognito_proxy.smoke.check import Result
from cognito_proxy.smoke.run import perform, plan
from cognito_proxy.smoke.verdicts import Failed, NotCheckable, Verdict
from tests.smoke.fakes import check, refusal, stack, world

TOPIC = "arn:aws:sns:eu-west-1:123456789012:CognitoProxyRegional-Topic"
ADDRESS = "ops@example.com"


def pairs(**dimensions: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


LATENCY = {
    "Namespace": "CognitoProxy",
    "MetricName": "Latency",
    "Dimensions": [{"Name": "variant", "Value": "regional"}, {"Name": "function", "Value": {"Ref": "Function"}}],
    "Threshold": 3000,
    "AlarmActions": [{"Ref": "Topic"}],
}
LATENCY_TOLD = LATENCY | {
    "AlarmName": "proxy-latency",
    "Dimensions": pairs(function="the-function", variant="regional"),
    "Threshold": 3000.0,
    "AlarmActions": [TOPIC],
    "ActionsEnabled": True,
    "StateValue": "OK",
}
CALLS = {"Service": "Cognito user pool", "Type": "API", "Resource": "UserToken", "Class": "None"}


def usage(**dimensions: str) -> dict[str, Any]:
    return {"Namespace": "AWS/Usage", "MetricName": "CallCount", "Dimensions": pairs(**dimensions)}


QUOTA = {
    "Metrics": [
        {"Id": "percent", "Expression": "100 * calls / (PERIOD(calls) * 120)"},
        {"Id": "calls", "MetricStat": {"Metric": usage(**CALLS), "Period": 300, "Stat": "Sum"}},
    ],
    "Threshold": 50,
    "AlarmActions": [{"Ref": "Topic"}],
}
QUOTA_TOLD = QUOTA | {
    "AlarmName": "proxy-quota",
    "Threshold": 50.0,
    "AlarmActions": [TOPIC],
    "ActionsEnabled": True,
    "StateValue": "ALARM",
}
TEMPLATE = {
    "Resources": {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "proxy.regional.handler"}},
        "Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": "{}"}},
        "Latency": {"Type": "AWS::CloudWatch::Alarm", "Properties": LATENCY},
        "Quota": {"Type": "AWS::CloudWatch::Alarm", "Properties": QUOTA},
        "Mail": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"Protocol": "email", "Endpoint": ADDRESS, "TopicArn": {"Ref": "Topic"}},
        },
    }
}
IDS = {
    "Function": "the-function",
    "Dashboard": "the-dashboard",
    "Latency": "proxy-latency",
    "Quota": "proxy-quota",
    "Topic": TOPIC,
}


def run(name: str, *, ids: dict[str, str] | None = None, **more: Any) -> str:
    aws = {name: more.pop(name) for name in list(more) if "_" in name and name != "is_local"}
    return check(name).run(world(stack=stack(TEMPLATE, IDS if ids is None else ids), aws=aws, **more))


def alarms(*told: dict[str, Any]) -> dict[str, Any]:
    return {"MetricAlarms": list(told)}


def test_alarms_as_promised_are_told_with_their_states() -> None:
    told = run("alarms", describe_alarms=alarms(LATENCY_TOLD, QUOTA_TOLD))
    assert told == "2 in eu-west-1: 1 ALARM, 1 OK (proxy-quota)"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Dimensions": pairs(variant="regional", function="gone")}, "function=gone, variant=regional, not at"),
        ({"Dimensions": pairs(variant="regional")}, "variant=regional, not at CognitoProxy Latency of function="),
        ({"MetricName": "Requests"}, "looks at CognitoProxy Requests of"),
        ({"Namespace": "Other"}, "looks at Other Latency of"),
        ({"Threshold": 9000.0}, "rings at 9000, not at 3000"),
        ({"AlarmActions": []}, "tells nobody"),
        ({"ActionsEnabled": False}, "tells nobody"),
    ],
)
def test_an_alarm_that_somebody_changed_is_named_with_the_difference(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(Failed, match=told) as raised:
        run("alarms", describe_alarms=alarms(LATENCY_TOLD | changed, QUOTA_TOLD))
    assert str(raised.value).startswith("proxy-latency ")


def test_an_alarm_of_metric_math_is_compared_by_what_it_looks_at() -> None:
    other = usage(**CALLS | {"Resource": "UserCreation"})
    changed = QUOTA_TOLD | {"Metrics": [QUOTA["Metrics"][0], {"Id": "calls", "MetricStat": {"Metric": other}}]}
    with pytest.raises(Failed, match=r"proxy-quota looks at .*UserCreation.*, not at .*UserToken"):
        run("alarms", describe_alarms=alarms(LATENCY_TOLD, changed))


def test_alarms_that_are_gone_are_counted_and_named() -> None:
    with pytest.raises(Failed, match=r"^1 of 2 alarms are gone in eu-west-1: proxy-quota$"):
        run("alarms", describe_alarms=alarms(LATENCY_TOLD))
    with pytest.raises(Failed, match="stack Proxy has no Quota"):
        run("alarms", describe_alarms=alarms(), ids={"Latency": "proxy-latency"})


def test_a_dashboard_that_is_gone_is_named() -> None:
    assert run("dashboard", get_dashboard={}) == "the-dashboard"
    with pytest.raises(Failed, match="there is no dashboard the-dashboard"):
        run("dashboard", get_dashboard=refusal("GetDashboard", "ResourceNotFound"))


@pytest.mark.parametrize(
    ("subscriptions", "told"),
    [
        ([], "is not subscribed"),
        ([("email", ADDRESS, "PendingConfirmation")], "has not confirmed"),
        ([("email", ADDRESS, "Deleted")], "has not confirmed"),
        ([("email", "other@example.com", f"{TOPIC}:1")], "is not subscribed"),
        ([("sms", ADDRESS, f"{TOPIC}:1")], "is not subscribed"),
    ],
)
def test_who_is_not_told_is_said_without_the_address(subscriptions: list[tuple[str, str, str]], told: str) -> None:
    with pytest.raises(Failed, match=told) as raised:
        run("alarm-mail", list_subscriptions_by_topic=listed(*subscriptions))
    assert "example.com" not in str(raised.value)


def test_one_confirmed_subscription_of_the_address_is_enough() -> None:
    both = listed(("email", ADDRESS, "PendingConfirmation"), ("email", ADDRESS, f"{TOPIC}:1"))
    assert run("alarm-mail", list_subscriptions_by_topic=both) == "1 confirmed"


def listed(*subscriptions: tuple[str, str, str]) -> dict[str, Any]:
    names = ("Protocol", "Endpoint", "SubscriptionArn")
    return {"Subscriptions": [dict(zip(names, each, strict=True)) for each in subscriptions]}


def test_metrics_are_asked_for_under_the_names_that_the_lines_have() -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        (query,) = asked["MetricDataQueries"]
        assert query["MetricStat"]["Metric"] == {
            "Namespace": "CognitoProxy",
            "MetricName": "Requests",
            "Dimensions": pairs(variant="regional", function="the-function"),
        }
        assert (asked["EndTime"] - asked["StartTime"]).total_seconds() == 3900
        return {"MetricDataResults": [{"Values": [2.0, 1.0]}]}

    assert run("function-metrics", get_metric_data=answer) == "Requests in eu-west-1"


def test_no_metric_after_three_minutes_is_a_failure() -> None:
    with pytest.raises(Failed, match="no Requests in CognitoProxy of the-function 180 seconds after"):
        run("function-metrics", get_metric_data={"MetricDataResults": [{"Values": []}]})


def test_at_the_edge_one_region_that_counts_is_enough() -> None:
    asked: list[str] = []

    class Regions:
        def __call__(self, service: str, *, region: str | None = None) -> Any:
            if service == "cloudwatch":
                asked.append(str(region))
            values = [1.0] if region == "ap-south-1" else []
            group = {"logGroupName": "/aws/lambda/us-east-1.the-function"}
            has = region in ("ap-south-1", "eu-central-1")

            class Client:
                def describe_log_groups(self, **_: object) -> Any:
                    return {"logGroups": [group] if has else []}

                def get_metric_data(self, **_: object) -> Any:
                    return {"MetricDataResults": [{"Values": values}]}

            return Client()

    template = {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": EDGE}}}}
    made = world(stack=stack(template, IDS), variant="edge")
    made.clients = Regions()
    assert check("function-metrics").run(made) == "Requests in ap-south-1"
    assert asked == ["ap-south-1", "eu-central-1"]


EDGE = "proxy.edge.handler"


def metrics(*found: dict[str, Any]) -> dict[str, Any]:
    return {"Metrics": list(found)}


def test_quotas_are_counted_under_the_names_that_alarms_have() -> None:
    told = run("quota-metrics", list_metrics=metrics(usage(**CALLS), usage(Service="EC2", Resource="vCPU")))
    assert told == "1 of 1 categories counted in eu-west-1"


@pytest.mark.parametrize("other", [{"Class": "Standard"}, {"Service": "Cognito User Pools"}, {"Type": "Calls"}])
def test_quotas_that_are_counted_under_another_name_are_a_failure(other: dict[str, str]) -> None:
    with pytest.raises(Failed, match=f"{next(iter(other.values()))}.*; the alarms look at AWS/Usage CallCount of"):
        run("quota-metrics", list_metrics=metrics(usage(**CALLS | other)))


@pytest.mark.parametrize("found", [(), (usage(**CALLS | {"Resource": "Other"}),), (usage(Service="EC2"),)])
def test_no_use_of_a_quota_yet_proves_nothing(found: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(NotCheckable, match="no calls of Cognito's in eu-west-1 yet"):
        run("quota-metrics", list_metrics=metrics(*found))


NAMES = ["dashboard", "alarms", "alarm-mail", "function-metrics", "quota-metrics"]


@pytest.mark.parametrize("name", NAMES)
def test_an_emulator_shows_nothing_of_it(name: str) -> None:
    with pytest.raises(NotCheckable, match="an emulator is no CloudWatch"):
        run(name, is_local=True)


def result(name: str, **more: Any) -> Result:
    (found,) = perform(of := world(**more), plan(of, [check(name)]))
    return found


@pytest.mark.parametrize("name", NAMES[:3])
def test_what_is_not_deployed_is_skipped(name: str) -> None:
    assert result(name, stack=stack()).verdict is Verdict.SKIPPED


@pytest.mark.parametrize("name", ["log-line", "function-metrics"])
@pytest.mark.parametrize("level", ["problems", "none"])
def test_lines_are_looked_for_only_where_each_call_has_one(name: str, level: str) -> None:
    found = result(name, stack=stack(TEMPLATE, IDS), settings={"log": level})
    assert (found.verdict, found.evidence) == (Verdict.SKIPPED, f"this deployment's log_level is {level}")
