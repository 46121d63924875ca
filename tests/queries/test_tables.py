"""The tables as they are synthesized: documented columns and formats, and lines of AWS's shape that come out right."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from cognito_proxy.queries.log_sources import CloudFrontLogLayout
from tests.queries import templates
from tests.queries.engine import Engine
from tests.queries.serde import Table, read, read_file
from tests.queries.traffic import SINCE, UNTIL

SAMPLES = Path(__file__).with_name("samples")
LEGACY, PARQUET = CloudFrontLogLayout.LEGACY, CloudFrontLogLayout.PARQUET_BY_DAY

# https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-standard-logs.html
CLOUDFRONT = (
    "`date` DATE, time STRING, x_edge_location STRING, sc_bytes BIGINT, c_ip STRING, cs_method STRING, cs_host STRING, "
    "cs_uri_stem STRING, sc_status INT, cs_referrer STRING, cs_user_agent STRING, cs_uri_query STRING, "
    "cs_cookie STRING, x_edge_result_type STRING, x_edge_request_id STRING, x_host_header STRING, cs_protocol STRING, "
    "cs_bytes BIGINT, time_taken FLOAT, x_forwarded_for STRING, ssl_protocol STRING, ssl_cipher STRING, "
    "x_edge_response_result_type STRING, cs_protocol_version STRING, fle_status STRING, fle_encrypted_fields INT, "
    "c_port INT, time_to_first_byte FLOAT, x_edge_detailed_result_type STRING, sc_content_type STRING, "
    "sc_content_len BIGINT, sc_range_start BIGINT, sc_range_end BIGINT"
)
# The names of https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html that the table has, in lower
# case; and CloudTrail's of https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
WAF = (
    "timestamp formatversion webaclid terminatingruleid terminatingruletype action terminatingrulematchdetails "
    "httpsourcename httpsourceid rulegrouplist ratebasedrulelist nonterminatingmatchingrules requestheadersinserted "
    "responsecodesent httprequest labels captcharesponse"
)
CLOUDTRAIL = (
    "eventversion useridentity eventtime eventsource eventname awsregion sourceipaddress useragent errorcode "
    "errormessage requestparameters responseelements additionaleventdata requestid eventid readonly resources "
    "eventtype apiversion recipientaccountid serviceeventdetails sharedeventid vpcendpointid tlsdetails"
)


def as_ddl(table: Table) -> str:
    """What Athena would show of the table."""
    storage = table["StorageDescriptor"]
    columns = ", ".join(f"`{column['Name']}` {column['Type']}" for column in storage["Columns"])
    days = " PARTITIONED BY (`day` string)" if "PartitionKeys" in table else ""
    parameters = ", ".join(f"'{name}'='{value}'" for name, value in table["Parameters"].items())
    return (
        f"CREATE EXTERNAL TABLE `{table['Name']}` ({columns}){days} "
        f"ROW FORMAT SERDE '{storage['SerdeInfo']['SerializationLibrary']}' "
        f"STORED AS INPUTFORMAT '{storage['InputFormat']}' OUTPUTFORMAT '{storage['OutputFormat']}' "
        f"LOCATION '{storage['Location']}' TBLPROPERTIES ({parameters})"
    )


def parsed_columns(ddl: str) -> list[tuple[str, str]]:
    tree = sqlglot.parse_one(ddl, read="athena")
    assert isinstance(tree, exp.Create)
    schema = tree.this
    assert isinstance(schema, exp.Schema)
    return [(column.this.name, column.args["kind"].sql("hive")) for column in schema.expressions]


@pytest.mark.proves("tables-read-logs")
@pytest.mark.parametrize("layout", CloudFrontLogLayout)
@pytest.mark.parametrize("name", ["cloudfront_logs", "waf_logs", "cloudtrail_logs"])
def test_a_table_is_what_athena_s_own_grammar_takes(name: str, layout: CloudFrontLogLayout) -> None:
    table = templates.tables(layout)[name]
    columns = parsed_columns(as_ddl(table))
    assert [column for column, _ in columns] == [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    assert all(column == column.lower() for column, _ in columns)


def test_cloudfront_s_columns_are_the_documented_ones() -> None:
    documented = parsed_columns(f"CREATE EXTERNAL TABLE t ({CLOUDFRONT}) LOCATION 's3://b/'")
    assert parsed_columns(as_ddl(templates.tables()["cloudfront_logs"])) == documented


def test_parquet_s_columns_are_the_documented_ones() -> None:
    """All texts, and one of them is spelled as HTTP does:
    https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-partition-parquet.html"""
    documented = [column for column, _ in parsed_columns(f"CREATE EXTERNAL TABLE t ({CLOUDFRONT}) LOCATION 's3://b/'")]
    columns = parsed_columns(as_ddl(templates.tables(PARQUET)["cloudfront_logs"]))
    assert [column for column, _ in columns] == [name.replace("referrer", "referer") for name in documented]
    assert {kind for _, kind in columns} == {"STRING"}


@pytest.mark.parametrize(("name", "documented"), [("waf_logs", WAF), ("cloudtrail_logs", CLOUDTRAIL)])
def test_json_columns_are_the_documented_ones(name: str, documented: str) -> None:
    columns = [column for column, _ in parsed_columns(as_ddl(templates.tables()[name]))]
    assert columns == documented.split()


@pytest.mark.proves("tables-read-logs")
def test_reads_cloudfront_s_sample() -> None:
    table = templates.tables()["cloudfront_logs"]
    rows = list(read_file(table, (SAMPLES / "cloudfront-legacy.log").read_text()))
    assert [row["c_ip"] for row in rows] == ["203.0.113.5", "2001:0db8:85a3::8a2e:0370:7334", "203.0.113.6"]
    assert [row["sc_status"] for row in rows] == [200, 502, 0]
    first = rows[0]
    assert (first["date"], first["time"], first["time_taken"]) == (date(2026, 11, 20), "10:00:01", 0.081)
    assert (first["sc_content_len"], first["sc_range_end"], first["fle_encrypted_fields"]) == (402, None, None)


@pytest.mark.proves("tables-read-logs")
def test_reads_aws_waf_s_sample() -> None:
    lines = (SAMPLES / "waf.ndjson").read_text()
    stopped, counted, in_group = read_file(templates.tables()["waf_logs"], lines)
    assert (stopped["terminatingruleid"], stopped["action"]) == ("ExampleSqli", "BLOCK")
    assert stopped["terminatingrulematchdetails"][0]["matcheddata"] == ["7", "OR", "7"]
    assert stopped["httprequest"]["headers"][1] == {"name": "oddHeader", "value": None}
    assert counted["nonterminatingmatchingrules"][0]["ruleid"] == "ExampleCount"
    assert in_group["rulegrouplist"][0]["terminatingrule"] == {
        "ruleid": "RuleXss",
        "action": "BLOCK",
        "rulematchdetails": None,
    }
    assert in_group["ratebasedrulelist"][0]["maxrateallowed"] == 100


def test_reads_cognito_s_sample_of_cloudtrail() -> None:
    text = (SAMPLES / "cloudtrail.json").read_text()
    signed_up, made_pool = read_file(templates.tables()["cloudtrail_logs"], text)
    assert (signed_up["eventname"], signed_up["sourceipaddress"]) == ("Signup_POST", "203.0.113.5")
    assert json.loads(signed_up["additionaleventdata"])["userPoolId"] == "eu-west-1_EXAMPLE"
    assert (signed_up["requestparameters"], signed_up["readonly"]) == (None, "false")
    assert made_pool["useridentity"]["username"] == "Alice"
    assert made_pool["useridentity"]["sessioncontext"]["attributes"]["mfaauthenticated"] == "false"
    assert made_pool["tlsdetails"]["tlsversion"] == "TLSv1.3"


@pytest.mark.parametrize(
    ("name", "sample", "rows"),
    [
        ("cloudfront_logs", "cloudfront-legacy.log", 3),
        ("waf_logs", "waf.ndjson", 3),
        ("cloudtrail_logs", "cloudtrail.json", 2),
    ],
)
def test_a_sample_fits_the_declared_types_in_the_engine(name: str, sample: str, rows: int, tmp_path: Path) -> None:
    table = templates.tables()[name]
    engine = Engine(tmp_path)
    found = [
        {**row, **({"day": "2026/11/20"} if "PartitionKeys" in table else {})}
        for row in read_file(table, (SAMPLES / sample).read_text())
    ]
    engine.load(table, found)
    assert len(engine.run(f"SELECT * FROM {name}")) == rows  # noqa: S608 - a name of our own


@pytest.mark.parametrize(
    ("name", "key"),
    [
        # https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
        (
            "waf_logs",
            (
                "s3://aws-waf-logs-example/AWSLogs/111122223333/WAFLogs/eu-west-1/proxy/2026/11/20/10/05/"
                "111122223333_waflogs_eu-west-1_proxy_20261120T1005Z_e0ca43b5.log.gz"
            ),
        ),
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
        (
            "cloudtrail_logs",
            (
                "s3://example-logs/trail/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/20/"
                "111122223333_CloudTrail_eu-west-1_20261120T1005Z_Uh2OfkhDVNE0oM2d.json.gz"
            ),
        ),
    ],
)
def test_a_day_s_folder_is_where_the_service_writes(name: str, key: str) -> None:
    table = templates.tables()[name]
    sample = SAMPLES / {"waf_logs": "waf.ndjson", "cloudtrail_logs": "cloudtrail.json"}[name]
    rows = read(table, {key: sample.read_text()}, now=UNTIL)
    assert {row["day"] for row in rows} == {"2026/11/20"}
    assert read(table, {key.replace("2026/11/20", "2019/11/20"): sample.read_text()}, now=UNTIL) == []


def test_legacy_logs_have_no_partitions() -> None:
    """CloudFront names a file `<prefix>/<distribution>.YYYY-MM-DD-HH.<id>.gz`: no folder of a day to project."""
    table = templates.tables()["cloudfront_logs"]
    assert "PartitionKeys" not in table
    assert not [name for name in table["Parameters"] if name.startswith("projection")]
    key = "s3://example-logs/cdn/EMLARXS9EXAMPLE.2026-11-20-10.RT4KCN4SGK9.gz"
    assert len(read(table, {key: (SAMPLES / "cloudfront-legacy.log").read_text()}, now=SINCE)) == 3
