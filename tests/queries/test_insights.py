"""Each saved query of Logs Insights, as it is deployed, over the hour with planted attacks: it names exactly them.

`local/simulators/logs_insights/language.py` says what evaluates them, and that it is no engine of AWS's.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from cognito_proxy.queries import texts
from local.simulators.logs_insights import language
from tests.queries import log_formats, templates, traffic
from tests.queries.log_formats import compact, hash_of
from tests.queries.planted import planted_log_groups
from tests.queries.traffic import Call

STUFFING, FLOODING = traffic.STUFFING, traffic.FLOODING
FLOOD_64 = "2001:db8:bad:1::/64"


def at(minute: int) -> datetime:
    return traffic.SINCE.replace(minute=minute)


EXPECTED: dict[str, set[Any]] = {
    "function/callers-of-initiate-auth": {hash_of(STUFFING), hash_of(FLOODING)},
    "function/addresses-with-most-errors": {hash_of(STUFFING), hash_of(FLOODING)},
    "function/prefixes-with-most-errors": {
        hash_of("198.51.100.0/24"),  # STUFFING and FLOODING
        hash_of("192.0.2.0/24"),  # BREAKING and CLUMSY
        hash_of(FLOOD_64),
    },
    "function/sign-up-bursts": {(hash_of("203.0.113.0/24"), at(minute)) for minute in (20, 21)},
    "function/one-address-many-usernames": {hash_of(STUFFING)},
    "function/one-username-many-addresses": {hash_of(traffic.SPRAYED)},
    "access-log/answers-by-minute": {
        *(("400", at(minute)) for minute in [*range(5, 15), *range(25, 35), 45, 46]),
        ("502", at(40)),
        *(("403", at(minute)) for minute in (50, 51, 54, 55)),
    },
    "access-log/stopped-before-the-function": {("WAF_FILTERED", at(minute)) for minute in (50, 51, 54, 55)},
    "waf/callers-of-initiate-auth": {STUFFING, FLOODING, traffic.LIMITED},
    "waf/sign-up-bursts": {("203.0.113", at(minute)) for minute in (20, 21)},
    "waf/addresses-with-most-blocks": {(traffic.ANONYMOUS, "AnonymousIp"), (traffic.LIMITED, "RateLimit")},
    "waf/prefixes-with-most-blocks": {"198.18.0", "198.18.7"},
    "waf/what-one-rule-blocked": {traffic.LIMITED},
    "cloudtrail/callers-of-initiate-auth": {STUFFING, FLOODING},
    "cloudtrail/sign-up-bursts": {(address, at(minute)) for address in traffic.SIGNING_UP for minute in (20, 21)},
    "cloudtrail/addresses-with-most-errors": {
        (STUFFING, "NotAuthorizedException"),
        (STUFFING, "UserNotFoundException"),
        (FLOODING, "TooManyRequestsException"),
    },
    "cloudtrail/one-address-many-users": {STUFFING},
    "cloudtrail/one-user-many-addresses": {log_formats.sub_of(traffic.SPRAYED)},
}
KEYS = {
    "function/sign-up-bursts": ("prefix_hash", "bin(1m)"),
    "access-log/answers-by-minute": ("status", "bin(1m)"),
    "access-log/stopped-before-the-function": ("errorResponseType", "bin(1m)"),
    "waf/sign-up-bursts": ("prefix", "bin(1m)"),
    "waf/addresses-with-most-blocks": ("httpRequest.clientIp", "terminatingRuleId"),
    "cloudtrail/sign-up-bursts": ("sourceIPAddress", "bin(1m)"),
    "cloudtrail/addresses-with-most-errors": ("sourceIPAddress", "errorCode"),
}
"""The columns that name who it was, where it is not the first one alone."""

QUERIES = [f"{source}/{name}" for source in texts.INSIGHTS_SOURCES for name in texts.names("insights", source)]
NAMING_NO_CALLER = {
    "function/clients-with-most-errors",
    "function/slow-calls",
    "access-log/server-errors",
}
"""Those have a test of their own, and so has one whose answer depends on how a network is spelled."""
SPELLED = "cloudtrail/prefixes-with-most-errors"


@pytest.fixture(scope="module")
def log_groups() -> dict[str, list[language.Event]]:
    return planted_log_groups()


def run(name: str, log_groups: dict[str, list[language.Event]]) -> list[language.Row]:
    return language.run(templates.saved_insights()[name], log_groups[name.partition("/")[0]])


def test_there_are_thousands_of_events(log_groups: dict[str, list[language.Event]]) -> None:
    assert min(map(len, log_groups.values())) > 2_000


def test_every_query_is_tried() -> None:
    assert {*EXPECTED, *NAMING_NO_CALLER, SPELLED} == set(QUERIES) == set(templates.saved_insights())


@pytest.mark.proves("queries-name-planted", simulator="logs_insights")
@pytest.mark.parametrize("name", EXPECTED)
def test_names_exactly_the_planted_callers(name: str, log_groups: dict[str, list[language.Event]]) -> None:
    rows = run(name, log_groups)
    keys = KEYS.get(name)
    found = {tuple(row[key] for key in keys) if keys else next(iter(row.values())) for row in rows}
    assert found == EXPECTED[name]
    assert len(rows) == len(EXPECTED[name])


@pytest.mark.proves("networks-spelled")
def test_a_network_that_is_spelled_in_two_ways_is_two(log_groups: dict[str, list[language.Event]]) -> None:
    """Logs Insights cannot write an address out. Athena's query does (`test_a_network_whichever_way_it_is_spelled`)."""
    found = {row["prefix"] for row in run(SPELLED, log_groups)}
    assert found == {"198.51.100", "192.0.2", "2001:db8:bad:1:", "2001:0db8:0bad:0001:"}


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.9", "203.0.113"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:"),
        ("2001:db8:1:2::6", "2001:db8:1:2:"),
        ("2001:db8::5:6", "2001:db8::"),
        ("::1", "::"),
        ("cognito-idp.amazonaws.com", None),
    ],
)
def test_the_network_of_an_address(address: str, prefix: str | None) -> None:
    event = language.event(traffic.SINCE, compact({"address": address}))
    (row,) = language.run(f"parse address {texts._PREFIX_INSIGHTS}", [event])
    assert row.get("prefix") == prefix


def test_which_app_client_has_most_errors(log_groups: dict[str, list[language.Event]]) -> None:
    rows = run("function/clients-with-most-errors", log_groups)
    assert {row["client_id"] for row in rows} == {log_formats.POOL_CLIENT}
    assert rows[0]["error"] == "NotAuthorizedException"


def test_how_slow_calls_are(log_groups: dict[str, list[language.Event]]) -> None:
    rows = {row["operation"]: row for row in run("function/slow-calls", log_groups)}
    assert 42 <= rows["InitiateAuth"]["p50"] < rows["InitiateAuth"]["p99"] <= 101
    assert rows["InitiateAuth"]["upstreamP99"] == rows["InitiateAuth"]["p99"] - 2


def test_server_errors_lead_to_the_function_s_log(log_groups: dict[str, list[language.Event]]) -> None:
    rows = run("access-log/server-errors", log_groups)
    assert len(rows) == 40
    assert {row["status"] for row in rows} == {"502"}
    assert "extendedRequestId" in rows[0]["shown"]
    assert rows[0]["@timestamp"] > rows[-1]["@timestamp"]


def test_a_rule_in_a_managed_group_is_found(log_groups: dict[str, list[language.Event]]) -> None:
    text = texts.insights_query("waf", "what-one-rule-blocked", rule="HostingProviderIPList")
    assert [row["httpRequest.clientIp"] for row in language.run(text, log_groups["waf"])] == [traffic.ANONYMOUS]


@pytest.mark.parametrize("indent", [None, 2])
def test_the_web_acl_s_log_is_read_however_its_json_is_spaced(indent: int | None) -> None:
    """AWS's samples of it are spaced in several ways."""
    call = Call(
        at=traffic.SINCE, address="192.0.2.1", operation="InitiateAuth", rule="Group", rule_in_group="RuleInside"
    )
    event = language.event(call.at, json.dumps(log_formats.waf_record(call), indent=indent))
    text = texts.insights_query("waf", "what-one-rule-blocked", rule="RuleInside")
    assert [row["httpRequest.clientIp"] for row in language.run(text, [event])] == ["192.0.2.1"]
    callers = texts.insights_query("waf", "callers-of-initiate-auth")
    assert [row["calls"] for row in language.run(callers, [event] * 100)] == [100]


def test_plain_lines_are_asked_by_name() -> None:
    line = {"operation": "InitiateAuth", "username": "ada", "address": "192.0.2.1", "username_hash": "x"}
    events = [language.event(traffic.SINCE, compact(line))] * 100
    text = texts.insights_query("function", "callers-of-initiate-auth", plain=True)
    assert [row["address"] for row in language.run(text, events)] == ["192.0.2.1"]


def test_lines_of_lambda_s_own_are_passed_over() -> None:
    """They stand in the same log group."""
    lines = [compact({"type": "platform.report"}), "START RequestId: c6af9ac6-7b61-11e6-9a41-93e8deadbeef Version: 1"]
    events = [language.event(traffic.SINCE, line) for line in lines]
    for name in texts.names("insights", "function"):
        assert language.run(texts.insights_query("function", name), events) == []


@pytest.mark.parametrize(
    "query",
    [
        "dedup a",
        "stats sum(a) as b by c",
        "stats count(*) as b by datefloor(@timestamp, 1h)",
        "filter strlen(a) > 3",
        "filter a =~ /x/",
        "filter a not like /x/",
        "parse a /x/",
        "parse a /(?<b>x)(?=y)/",
        "sort a",
        "limit 3 4",
        "filter a > 'b'",
    ],
)
def test_the_evaluator_refuses_what_it_does_not_know(query: str) -> None:
    with pytest.raises(language.NotModelled):
        language.run(query, [{"a": "b", "c": 1, "@timestamp": traffic.SINCE}])


def test_the_evaluator_refuses_the_order_of_a_text_and_a_number() -> None:
    with pytest.raises(language.NotModelled, match="order"):
        language.run("filter a > 3", [{"a": "4"}])
