"""What of a proxy's logs is deployed, by the stack's resources."""

from __future__ import annotations

from typing import Any

from cognito_proxy.smoke.log_groups import LogGroup
from cognito_proxy.top.places import AthenaTable, find_places
from tests.smoke.fakes import stack, target
from tests.top.aws import Aws

REGIONAL = {
    "Resources": {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Handler": "proxy.regional.handler", "LoggingConfig": {"LogGroup": {"Ref": "Log"}}},
        },
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
        "WafLog": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
        "Workgroup": {"Type": "AWS::Athena::WorkGroup", "Properties": {}},
        "Database": {"Type": "AWS::Glue::Database", "Properties": {}},
        "Table": {
            "Type": "AWS::Glue::Table",
            "Properties": {"DatabaseName": {"Ref": "Database"}, "TableInput": {"Name": "cloudfront_logs"}},
        },
        "Trail": {
            "Type": "AWS::Glue::Table",
            "Properties": {"DatabaseName": {"Ref": "Database"}, "TableInput": {"Name": "cloudtrail_logs"}},
        },
        "WafTable": {
            "Type": "AWS::Glue::Table",
            "Properties": {
                "DatabaseName": {"Ref": "Database"},
                "TableInput": {"Name": "waf_logs", "PartitionKeys": [{"Name": "day", "Type": "string"}]},
            },
        },
    }
}
PHYSICAL = {
    "Function": "proxy",
    "Log": "proxy-log",
    "WafLog": "aws-waf-logs-proxy",
    "Workgroup": "wg",
    "Database": "db",
}


def test_finds_log_groups_and_tables() -> None:
    places = find_places(Aws(answers={}), target(stack=stack(REGIONAL, PHYSICAL), settings={"log_plain": True}))
    assert places.groups == {
        "function": (LogGroup(name="proxy-log", region="eu-west-1"),),
        "waf": (LogGroup(name="aws-waf-logs-proxy", region="eu-west-1"),),
    }
    here: dict[str, Any] = {"region": "eu-west-1", "workgroup": "wg", "database": "db"}
    assert places.tables == {
        "cloudfront": AthenaTable(**here, by_day=False),
        "waf": AthenaTable(**here, by_day=True),
    }
    assert (places.plain, places.notes) == (True, ())


def test_on_one_machine_no_log_is_in_s3() -> None:
    """The emulator has the tables, which are empty, and a SQL that is not Athena's."""
    places = find_places(Aws(answers={}), target(stack=stack(REGIONAL, PHYSICAL), is_local=True))
    assert places.tables == {}
    assert set(places.groups) == {"function", "waf"}


def test_at_the_edge_the_function_s_log_is_looked_for_in_each_region() -> None:
    name = "/aws/lambda/us-east-1.edge"
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "proxy.edge.handler"}}
    aws = Aws(
        answers={
            "describe_log_groups": lambda region, **_: {
                "logGroups": [{"logGroupName": name}] if region in ("ap-south-1", "eu-north-1") else []
            }
        }
    )
    deployed = stack({"Resources": {"Function": function}}, {"Function": "edge"})
    places = find_places(aws, target(stack=deployed, variant="edge"))
    assert {group.region for group in places.groups["function"]} == {"ap-south-1", "eu-north-1"}
    assert not places.plain
