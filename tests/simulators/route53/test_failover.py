"""The stand-in for Route 53 against the developer guide's words."""

from typing import Any

import pytest

from local.simulators.common.errors import SimulatorError
from local.simulators.route53.failover import FailoverName, FailoverRecord
from local.simulators.route53.health_check import HealthCheck, HealthCheckConfig

CONFIG = HealthCheckConfig(path="/health", interval_seconds=30, failure_threshold=3)
FIRST, SECOND = "eu-west-1", "eu-central-1"


def record(role: str, region: str, name: str = "auth.example.com.") -> FailoverRecord:
    return FailoverRecord(name=name, role=role, set_identifier=region)


def told(check: HealthCheck, *seen: bool, checkers: int = 1) -> HealthCheck:
    for passed in seen:
        for checker in range(checkers):
            check.note(checker, passed=passed)
    return check


def test_a_new_check_counts_as_healthy() -> None:
    assert HealthCheck(CONFIG, checkers=1).healthy


@pytest.mark.parametrize(
    ("seen", "healthy"),
    [
        ([False, False], True),
        ([False, False, False], False),
        ([False, False, True, False, False], True),
        ([False, False, False, True, True], False),
        ([False, False, False, True, True, True], True),
        ([False, False, False, True, False, True, True], False),
    ],
)
def test_so_many_in_a_row_turn_it_either_way(seen: list[bool], healthy: bool) -> None:
    assert told(HealthCheck(CONFIG, checkers=1), *seen).healthy is healthy


@pytest.mark.parametrize(("well", "healthy"), [(0, False), (3, False), (4, True)])
def test_more_than_18_percent_of_the_checkers_decide(well: int, healthy: bool) -> None:
    check = HealthCheck(CONFIG, checkers=17)
    for checker in range(17 - well):
        for _ in range(3):
            check.note(checker, passed=False)
    assert check.healthy is healthy


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [(True, True, FIRST), (True, False, FIRST), (False, True, SECOND), (False, False, FIRST)],
)
def test_the_primary_answers_unless_only_the_secondary_is_healthy(first: bool, second: bool, answer: str) -> None:
    health = {
        region: told(HealthCheck(CONFIG, checkers=1), *[healthy] * 3)
        for region, healthy in ((FIRST, first), (SECOND, second))
    }
    name = FailoverName([record("SECONDARY", SECOND), record("PRIMARY", FIRST)], health)
    assert name.answer() == answer


@pytest.mark.parametrize(
    "records",
    [
        [record("PRIMARY", FIRST)],
        [record("PRIMARY", FIRST), record("PRIMARY", SECOND)],
        [record("PRIMARY", FIRST), record("SECONDARY", FIRST)],
        [record("PRIMARY", FIRST), record("SECONDARY", SECOND, "other.example.com.")],
    ],
)
def test_what_is_no_pair_is_an_error(records: list[FailoverRecord]) -> None:
    with pytest.raises(SimulatorError):
        FailoverName(records, {})


@pytest.mark.parametrize("change", [{"Type": "TCP"}, {"Inverted": True}])
def test_what_is_not_modelled_is_an_error(change: dict[str, Any]) -> None:
    config = {"Type": "HTTPS", "ResourcePath": "/h", "RequestInterval": 30, "FailureThreshold": 3} | change
    template = {
        "Resources": {"Check": {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}}}
    }
    with pytest.raises(SimulatorError):
        HealthCheckConfig.read(template)
