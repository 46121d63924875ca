"""What a plan costs by the price list: arithmetic only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from local.rehearsal.catalogue import Assumptions, Price
from local.rehearsal.plan import Plan

_GIGABYTE = 1_000_000_000
_MB_PER_GB = 1_024
_MS_PER_SECOND = 1_000

Count = Callable[[Plan, Assumptions], Decimal]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the bill."""

    price: Price
    quantity: Decimal
    usd: Decimal


def _calls(_plan: Plan, given: Assumptions) -> Decimal:
    return Decimal(given.sign_ins * given.calls_per_sign_in)


def _inspected(plan: Plan, given: Assumptions) -> Decimal:
    return _calls(plan, given) if plan.of("AWS::WAFv2::WebACL") else Decimal(0)


def _gb_seconds(plan: Plan, given: Assumptions) -> Decimal:
    milliseconds = given.ms_waiting_for_cognito if plan.calls_cognito_itself else given.ms_rewriting
    return _calls(plan, given) * milliseconds * plan.memory_mb / (_MS_PER_SECOND * _MB_PER_GB)


def _gigabytes(bytes_per_call: Callable[[Assumptions], int]) -> Count:
    return lambda plan, given: _calls(plan, given) * bytes_per_call(given) / _GIGABYTE


def _fetches(plan: Plan, given: Assumptions) -> Decimal:
    clients = len(plan.of("AWS::SecretsManager::Secret"))
    return Decimal(given.busy_instances * clients * given.minutes_per_month * 60 // given.seconds_between_fetches)


def _scheduled_gb_seconds(plan: Plan, given: Assumptions) -> Decimal:
    runs = plan.scheduled_runs(given.minutes_per_month)
    return Decimal(runs * given.ms_scheduled * given.mb_scheduled) / (_MS_PER_SECOND * _MB_PER_GB)


def _kept_ready_gb_seconds(plan: Plan, given: Assumptions) -> Decimal:
    return Decimal(plan.kept_ready * plan.memory_mb * given.minutes_per_month * 60) / _MB_PER_GB


def _hours(kind: str) -> Count:
    return lambda plan, given: Decimal(len(plan.of(kind)) * given.minutes_per_month) / 60


def _only(count: Count, *, edge: bool) -> Count:
    return lambda plan, given: count(plan, given) if plan.is_edge is edge else Decimal(0)


AT_REST: Mapping[str, Count] = {
    "web-acl": lambda plan, _: Decimal(len(plan.of("AWS::WAFv2::WebACL"))),
    "web-acl-rule": lambda plan, _: Decimal(len(plan.rules)),
    "secret": lambda plan, _: Decimal(plan.secrets),
    "kms-key": lambda plan, _: Decimal(len(plan.of("AWS::KMS::Key"))),
    "dashboard": lambda plan, _: Decimal(len(plan.of("AWS::CloudWatch::Dashboard"))),
    "alarm-metric": lambda plan, _: Decimal(plan.alarm_metrics),
    "lambda-request": lambda plan, given: Decimal(plan.scheduled_runs(given.minutes_per_month)),
    "lambda-gb-second": _scheduled_gb_seconds,
    "provisioned-gb-second": _kept_ready_gb_seconds,
    "nat-gateway-hour": _hours("AWS::EC2::NatGateway"),
    "public-address-hour": _hours("AWS::EC2::EIP"),
    "endpoint-hour": lambda plan, given: Decimal(plan.endpoint_zones * given.minutes_per_month) / 60,
}
"""What is charged by the month, used or not: how many of each price's things."""

IN_USE: Mapping[str, Count] = {
    "web-acl-request": _inspected,
    "rest-api-request": _only(_calls, edge=False),
    "lambda-request": _only(_calls, edge=False),
    "lambda-gb-second": _only(_gb_seconds, edge=False),
    "internet-out-gb": _only(_gigabytes(lambda given: given.bytes_out_per_call), edge=False),
    "cloudfront-request": _only(_calls, edge=True),
    "edge-request": _only(_calls, edge=True),
    "edge-gb-second": _only(_gb_seconds, edge=True),
    "cloudfront-out-gb": _only(_gigabytes(lambda given: given.bytes_out_per_call), edge=True),
    "bucket-gb": _only(_gigabytes(lambda given: given.bytes_edge_log_per_call), edge=True),
    "log-gb": _gigabytes(lambda given: given.bytes_logged_per_call),
    "custom-metric": lambda plan, given: Decimal(given.metrics_in_use if plan.logs_requests else 0),
    "secret-call": _fetches,
}
"""What the assumed sign-ins of one month are charged: how many of each price's things."""


def bill(
    counts: Mapping[str, Count], plan: Plan, *, given: Assumptions, prices: Mapping[str, Price]
) -> tuple[Line, ...]:
    """The lines that are not zero."""
    return tuple(_lines(counts, plan, given, prices))


def total(lines: tuple[Line, ...]) -> Decimal:
    """Their sum in dollars, unrounded."""
    return sum((line.usd for line in lines), Decimal(0))


def _lines(counts: Mapping[str, Count], plan: Plan, given: Assumptions, prices: Mapping[str, Price]) -> Iterator[Line]:
    for name, count in counts.items():
        quantity = count(plan, given)
        if quantity:
            yield Line(price=prices[name], quantity=quantity, usd=prices[name].of(quantity))
