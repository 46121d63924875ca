"""Each named query, as it is deployed, in DuckDB over an hour with planted attacks: it names exactly those callers.

What this cannot check stands in `engine.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot.errors import SqlglotError

from cognito_proxy.queries import texts
from cognito_proxy.queries.log_sources import CloudFrontLogLayout
from tests.queries import log_formats, templates, traffic
from tests.queries.engine import Engine, to_duckdb
from tests.queries.planted import json_lines, planted
from tests.queries.serde import read
from tests.queries.traffic import Call

STUFFING, FLOODING, BREAKING = traffic.STUFFING, traffic.FLOODING, traffic.BREAKING
FLOOD_64 = "2001:db8:bad:1::/64"
FLOODING_MINUTES = [f"10:{minute}" for minute in range(25, 35)]
STUFFING_MINUTES = [f"10:{minute:02}" for minute in range(5, 15)]

EXPECTED: dict[str, set[Any]] = {
    "cloudfront/addresses-with-most-server-errors": {BREAKING},
    "cloudfront/addresses-with-most-errors": {STUFFING, FLOODING, traffic.ANONYMOUS, traffic.LIMITED},
    "cloudfront/prefixes-with-most-errors": {
        "198.51.100.0/24",  # STUFFING and FLOODING
        "192.0.2.0/24",  # BREAKING and CLUMSY
        FLOOD_64,
        "198.18.0.0/24",
        "198.18.7.0/24",
    },
    "cloudfront/request-bursts": {
        *((STUFFING, minute) for minute in STUFFING_MINUTES),
        *((FLOODING, minute) for minute in FLOODING_MINUTES),
        *((address, minute) for address in traffic.SIGNING_UP for minute in ("10:20", "10:21")),
        (BREAKING, "10:40"),
        *((traffic.ANONYMOUS, minute) for minute in ("10:50", "10:51")),
        *((traffic.LIMITED, minute) for minute in ("10:54", "10:55")),
    },
    "waf/callers-of-initiate-auth": {STUFFING, FLOODING, traffic.LIMITED},
    "waf/sign-up-bursts": {("203.0.113.0/24", f"2026-11-20 10:{minute}") for minute in (20, 21)},
    "waf/prefixes-with-most-blocks": {"198.18.0.0/24", "198.18.7.0/24"},
    "waf/what-each-rule-stopped": {("AnonymousIp", "HostingProviderIPList", 70), ("RateLimit", "", 120)},
    "waf/what-one-rule-blocked": {traffic.LIMITED},
    "cloudtrail/callers-of-initiate-auth": {STUFFING, FLOODING},
    "cloudtrail/sign-up-bursts": {
        (address, f"2026-11-20T10:{minute}") for address in traffic.SIGNING_UP for minute in (20, 21)
    },
    "cloudtrail/addresses-with-most-errors": {
        (STUFFING, "NotAuthorizedException"),
        (STUFFING, "UserNotFoundException"),
        (FLOODING, "TooManyRequestsException"),
    },
    "cloudtrail/prefixes-with-most-errors": {"198.51.100.0/24", "192.0.2.0/24", FLOOD_64},
    "cloudtrail/one-address-many-users": {STUFFING},
    "cloudtrail/one-user-many-addresses": {log_formats.sub_of(traffic.SPRAYED)},
}
WHO: dict[str, tuple[str, ...]] = {
    "cloudfront/request-bursts": ("address", "minute"),
    "waf/sign-up-bursts": ("prefix", "minute"),
    "waf/what-each-rule-stopped": ("rule", "rule_in_group", "blocked"),
    "cloudtrail/sign-up-bursts": ("address", "minute"),
    "cloudtrail/addresses-with-most-errors": ("address", "error"),
}
"""The columns that name who it was, where it is not the first one alone."""

QUERIES = [f"{source}/{name}" for source in texts.ATHENA_SOURCES for name in texts.names("athena", source)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The deployed tables over buckets with all logs."""
    return planted(tmp_path_factory.mktemp("logs"))


def asked(name: str, *, layout: CloudFrontLogLayout = CloudFrontLogLayout.LEGACY, **window: datetime) -> str:
    """The query of a table of that layout, for the planted hour."""
    source, _, query = name.partition("/")
    by_day = source != "cloudfront" or layout is CloudFrontLogLayout.PARQUET_BY_DAY
    return texts.athena_query(
        source, query, by_day=by_day, since=window.get("since", traffic.SINCE), until=window.get("until", traffic.UNTIL)
    )


def who(name: str, rows: list[dict[str, Any]]) -> set[Any]:
    columns = WHO.get(name)
    return {tuple(row[column] for column in columns) if columns else next(iter(row.values())) for row in rows}


def test_there_are_thousands_of_rows(engine: Engine) -> None:
    counted = {name: engine.run(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in templates.tables()}  # noqa: S608
    assert min(counted.values()) > 5_000, counted


@pytest.mark.proves("queries-name-planted", oracle="DuckDB")
@pytest.mark.parametrize("name", QUERIES)
def test_names_exactly_the_planted_callers(name: str, engine: Engine) -> None:
    rows = engine.run(asked(name))
    assert who(name, rows) == EXPECTED[name]
    assert len(rows) == len(EXPECTED[name])


@pytest.mark.parametrize("name", [name for name in QUERIES if not name.startswith("waf/what-each")])
def test_the_worst_comes_first(name: str, engine: Engine) -> None:
    text = asked(name)
    ordered_by = text[text.index("ORDER BY ") :].split()[2]
    counts = [row[ordered_by] for row in engine.run(text)]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("name", QUERIES)
def test_another_hour_names_nobody_of_this_one(name: str, engine: Engine) -> None:
    later = traffic.UNTIL + timedelta(days=20)
    assert engine.run(asked(name, since=later, until=later + timedelta(hours=1))) == []


@pytest.mark.proves("queries-last-hour")
@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_text_asks_for_the_last_hour(name: str, engine: Engine) -> None:
    """The deployed text is the tested one, but for the two ends of the window."""
    saved = templates.named_queries()[name]
    assert saved.count("now() - INTERVAL '1' HOUR") == asked(name).count("TIMESTAMP '2026-11-20 10:00:00")
    fixed = saved.replace("now() - INTERVAL '1' HOUR", "TIMESTAMP '2026-11-20 10:00:00.000000 UTC'")
    assert fixed.replace("now()", "TIMESTAMP '2026-11-20 11:00:00.000000 UTC'") == asked(name)
    engine.run(saved)


@pytest.mark.proves("queries-next-folder")
def test_a_line_delivered_after_midnight_is_found(tmp_path: Path) -> None:
    """Its file stands in the next day's folder."""
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    calls = [Call(at=midnight - timedelta(seconds=1), address="192.0.2.1", operation="InitiateAuth", rule="RateLimit")]
    key = "s3://aws-waf-logs-example/AWSLogs/111122223333/WAFLogs/eu-west-1/proxy/2026/11/21/00/00/a.log.gz"
    table = templates.tables()["waf_logs"]
    engine = Engine(tmp_path)
    rows = read(table, {key: json_lines(map(log_formats.waf_record, calls))}, now=midnight + timedelta(days=1))
    engine.load(table, rows)
    window = {"since": midnight - timedelta(hours=1), "until": midnight - timedelta(milliseconds=1)}
    found = engine.run(asked("waf/what-one-rule-blocked", **window))
    assert [row["address"] for row in found] == ["192.0.2.1"]


def test_a_rule_in_a_managed_group_is_found(engine: Engine) -> None:
    text = texts.athena_query(
        "waf", "what-one-rule-blocked", since=traffic.SINCE, until=traffic.UNTIL, rule="HostingProviderIPList"
    )
    assert [row["address"] for row in engine.run(text)] == [traffic.ANONYMOUS]


@pytest.mark.parametrize("name", [name for name in QUERIES if name.startswith("cloudfront/")])
def test_parquet_is_asked_the_same(name: str, tmp_path: Path) -> None:
    """A real Parquet file, with the declared names and types."""
    table = templates.tables(CloudFrontLogLayout.PARQUET_BY_DAY)["cloudfront_logs"]
    columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    rows = [log_formats.cloudfront_fields(call) for call in traffic.calls()]
    text = tmp_path / "rows.tsv"
    text.write_text("".join("\t".join(row) + "\n" for row in rows))
    file = tmp_path / "log.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT * FROM read_csv('{text}', delim = '\t', header = false, all_varchar = true, "  # noqa: S608
        f"names = {columns})) TO '{file}' (FORMAT parquet)"
    )
    engine = Engine(tmp_path)
    engine.load_parquet("cloudfront_logs", file, day="2026/11/20")
    layout = CloudFrontLogLayout.PARQUET_BY_DAY
    saved = templates.named_queries(layout)[name]
    assert '"day" BETWEEN' in saved
    assert who(name, engine.run(asked(name, layout=layout))) == EXPECTED[name]


@pytest.mark.proves("networks-spelled", oracle="DuckDB")
@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:0db8:85a3::8a2e:0370:7334", "2001:db8:85a3:0::/64"),
        ("2001:db8::1", "2001:db8:0:0::/64"),
        ("2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0000:0000:0000:0000:0001", "2001:db8:1:0::/64"),
        ("2001:db8:0:1::", "2001:db8:0:1::/64"),
        ("::1", "0:0:0:0::/64"),
        ("::", "0:0:0:0::/64"),
        ("1::8", "1:0:0:0::/64"),
        ("1:2:3:4:5:6:7::", "1:2:3:4::/64"),
    ],
)
def test_a_network_whichever_way_it_is_spelled(address: str, prefix: str, tmp_path: Path) -> None:
    found = Engine(tmp_path).run(
        f"SELECT {texts._PREFIX_SQL} AS prefix FROM (SELECT '{address}' AS address)"  # noqa: S608
    )
    assert found == [{"prefix": prefix}]


@pytest.mark.proves("article-first-query")
def test_the_article_s_first_query_is_there_mended(engine: Engine) -> None:
    """Printed: typographic quotation marks, `count( )` without its star, no space before `and`, and no order under the
    limit, so that any ten callers come out."""
    printed = (
        "SELECT sourceipaddress, count(          )\n"
        "FROM \N{LEFT DOUBLE QUOTATION MARK}default\N{RIGHT DOUBLE QUOTATION MARK}.cloudtrail_logs\n"
        "WHERE eventname=\N{RIGHT SINGLE QUOTATION MARK}InitiateAuth\N{RIGHT SINGLE QUOTATION MARK}\n"
        "GROUP BY sourceipaddress\nLIMIT 10"
    )
    with pytest.raises(duckdb.Error):
        engine.run(printed)
    mended = templates.named_queries()["cloudtrail/callers-of-initiate-auth"]
    for part in ("count(*)", "ORDER BY calls DESC, ", "eventsource = 'cognito-idp.amazonaws.com'"):
        assert part in mended


@pytest.mark.proves("article-second-query")
def test_the_article_s_second_query_is_there_mended() -> None:
    """Printed: `status>500` leaves 500 itself out; `request_ip` and `status` are today's `c_ip` and `sc_status`; no
    window, so the whole log is read; no order."""
    mended = templates.named_queries()["cloudfront/addresses-with-most-server-errors"]
    for part in ("TRY_CAST(sc_status AS integer) >= 500", "c_ip AS address", "ORDER BY errors DESC, "):
        assert part in mended


def test_the_engine_refuses_what_has_no_counterpart() -> None:
    with pytest.raises(SqlglotError):
        to_duckdb("SELECT c_ip FROM cloudfront_logs WHERE (")


@pytest.mark.parametrize("rule", ["", "a' OR 1=1 --", "x" * 129, "a b", "é"])
def test_refuses_a_rule_that_aws_waf_would_not_take(rule: str) -> None:
    with pytest.raises(ValueError, match="rule must be letters, digits, - and _"):
        texts.athena_query("waf", "what-one-rule-blocked", rule=rule)


def test_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        texts.athena_query("waf", "sign-up-bursts", since=datetime(2026, 1, 1))  # noqa: DTZ001
