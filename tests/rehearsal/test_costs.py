"""The arithmetic, with numbers that anybody can check."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from local.rehearsal.catalogue import Assumptions, Price, prices
from local.rehearsal.costs import AT_REST, IN_USE, bill, total
from local.rehearsal.page import dollars
from local.rehearsal.plan import Plan, Resource
from tests.rehearsal.plans import distribution, edge_plan, plan, resource

GIVEN = Assumptions(
    sign_ins=1_000_000,
    calls_per_sign_in=2,
    minutes_per_month=43_200,
    ms_waiting_for_cognito=100,
    ms_rewriting=10,
    ms_scheduled=1_000,
    mb_scheduled=1_024,
    bytes_out_per_call=1_000,
    bytes_logged_per_call=500,
    bytes_edge_log_per_call=250,
    metrics_in_use=10,
    busy_instances=1,
    seconds_between_fetches=60,
    why=(),
    left_out=(),
)
WEB_ACL = resource("WAFv2::WebACL", Rules=[{"Statement": {}}, {"Statement": {}}, {"Statement": {}}])
SECRET = resource("SecretsManager::Secret")
REPLICATED = resource("SecretsManager::Secret", ReplicaRegions=[{"Region": "us-east-1"}])
ALARM = resource("CloudWatch::Alarm", MetricName="Errors")
ALARM_OF_TWO = resource("CloudWatch::Alarm", Metrics=[{"MetricStat": {}}, {"MetricStat": {}}, {"Expression": "a/b"}])
EVERY_FIVE_MINUTES = resource("Events::Rule", ScheduleExpression="rate(5 minutes)")


def dollars_of(counts: object, made: Plan) -> dict[str, Decimal]:
    by_price = {price: name for name, price in prices().items()}
    return {by_price[line.price]: line.usd for line in bill(counts, made, given=GIVEN, prices=prices())}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("resources", "at_rest"),
    [
        ([], {}),
        ([WEB_ACL], {"web-acl": "5", "web-acl-rule": "3"}),
        ([SECRET], {"secret": "0.4"}),
        ([SECRET, REPLICATED], {"secret": "1.2"}),
        ([ALARM, ALARM_OF_TWO], {"alarm-metric": "0.3"}),
        ([resource("KMS::Key")], {"kms-key": "1"}),
        (
            [
                resource("EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=["one", "two"]),
                resource("EC2::VPCEndpoint", VpcEndpointType="Gateway", RouteTableIds=["one"]),
            ],
            {"endpoint-hour": "14.4"},
        ),
        ([resource("CloudWatch::Dashboard")], {"dashboard": "3"}),
        # 720 hours.
        ([resource("EC2::NatGateway"), resource("EC2::NatGateway")], {"nat-gateway-hour": "64.8"}),
        ([resource("EC2::EIP")], {"public-address-hour": "3.6"}),
        # Two environments of half a GB (the function's), 2,592,000 seconds.
        (
            [resource("Lambda::Alias", ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 2})],
            {"provisioned-gb-second": "8.6401728"},
        ),
        # 8,640 runs of a second with a GB.
        ([EVERY_FIVE_MINUTES], {"lambda-request": "0.001728", "lambda-gb-second": "0.144000288"}),
    ],
)
def test_a_month_at_rest(resources: list[Resource], at_rest: dict[str, str]) -> None:
    assert dollars_of(AT_REST, plan(*resources)) == {name: Decimal(usd) for name, usd in at_rest.items()}


def test_a_million_sign_ins_in_a_region() -> None:
    assert dollars_of(IN_USE, plan(WEB_ACL, SECRET)) == {
        "web-acl-request": Decimal("1.2"),
        "rest-api-request": Decimal(7),
        "lambda-request": Decimal("0.4"),
        # 2 million calls of 0.1 seconds with half a GB.
        "lambda-gb-second": Decimal("1.66667"),
        "internet-out-gb": Decimal("0.18"),
        "log-gb": Decimal("0.5"),
        "custom-metric": Decimal(3),
        # 43,200 minutes, a fetch in each.
        "secret-call": Decimal("0.216"),
    }


def test_a_million_sign_ins_at_the_edge() -> None:
    assert dollars_of(IN_USE, edge_plan(WEB_ACL, distribution(signed=False, admin_calls="generated"))) == {
        "web-acl-request": Decimal("1.2"),
        "cloudfront-request": Decimal(2),
        "edge-request": Decimal("1.2"),
        # 2 million calls of 0.01 seconds with half a GB.
        "edge-gb-second": Decimal("0.5001"),
        "cloudfront-out-gb": Decimal("0.17"),
        "bucket-gb": Decimal("0.0115"),
        "log-gb": Decimal("0.5"),
        "custom-metric": Decimal(3),
    }


@pytest.mark.parametrize(
    ("signed", "admin_calls", "waits"),
    [(True, "generated", True), (True, "in_place", False), (False, "generated", False)],
)
def test_at_the_edge_the_function_waits_for_cognito_only_if_it_calls_itself(
    signed: bool, admin_calls: str, waits: bool
) -> None:
    made = edge_plan(distribution(signed=signed, admin_calls=admin_calls))
    assert made.calls_cognito_itself is waits
    assert dollars_of(IN_USE, made)["edge-gb-second"] == Decimal("5.001" if waits else "0.5001")


def test_without_a_web_acl_nothing_is_inspected() -> None:
    assert "web-acl-request" not in dollars_of(IN_USE, plan())


def test_the_sum() -> None:
    lines = bill(AT_REST, plan(WEB_ACL, SECRET), given=GIVEN, prices=prices())
    assert total(lines) == Decimal("8.4")
    assert total(()) == 0


def test_a_price_by_the_million() -> None:
    price = Price(
        what="", usd=Decimal("0.60"), unit="", times=1_000_000, where="", looked_up=date.min, page="", seen_in=""
    )
    assert price.of(Decimal(500_000)) == Decimal("0.3")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0.004", "under 0.01"), ("0.005", "0.01"), ("8.4", "8.40"), ("1234.565", "1,234.57")],
)
def test_amounts(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


def test_a_schedule_that_is_no_rate_is_told() -> None:
    with pytest.raises(ValueError, match="not a rate"):
        plan(resource("Events::Rule", ScheduleExpression="cron(0 0 * * ? *)")).scheduled_runs(60)


@pytest.mark.parametrize(
    ("schedule", "runs"), [("rate(1 minute)", 1_440), ("rate(1 hour)", 24), ("rate(2 hours)", 12), ("rate(1 day)", 1)]
)
def test_schedules(schedule: str, runs: int) -> None:
    assert plan(resource("Events::Rule", ScheduleExpression=schedule)).scheduled_runs(1_440) == runs
