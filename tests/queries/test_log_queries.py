"""What `LogQueries` makes of which logs, how results are kept, and that cfn-lint and cdk-nag are content."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cdk_nag
import pytest
from aws_cdk import App, Duration, Environment, Size, Stack, Validations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template
from cfnlint.api import lint_by_config
from cfnlint.config import ManualArgs

from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.queries import texts
from cognito_proxy.queries.log_queries import LogQueries
from cognito_proxy.queries.log_sources import CloudFrontLogLayout, CloudFrontLogs, CloudTrailLogs, WafLogs
from tests.constructs.synthesized import only
from tests.queries import templates
from tests.syntheses import template_validation


def bucket_of(stack: Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Logs", "example-logs")


def group_of(stack: Stack) -> logs.ILogGroup:
    return logs.LogGroup.from_log_group_name(stack, "Group", "/example/group")


def locations(stack: Stack) -> dict[str, Any]:
    found = Template.from_stack(stack).find_resources("AWS::Glue::Table").values()
    inputs = [table["Properties"]["TableInput"] for table in found]
    return {table["Name"]: table["StorageDescriptor"]["Location"] for table in inputs}


def test_the_least_is_one_log_group() -> None:
    stack = templates.new_stack()
    queries = LogQueries(stack, "Queries", function_log_groups=[group_of(stack)])
    template = Template.from_stack(stack)
    assert {resource["Type"] for resource in template.to_json()["Resources"].values()} == {"AWS::Logs::QueryDefinition"}
    assert (queries.database, queries.workgroup, queries.results_bucket) == (None, None, None)
    assert (dict(queries.tables), dict(queries.named_queries)) == ({}, {})
    assert set(queries.query_definitions) == {f"function/{name}" for name in texts.names("insights", "function")}


def test_the_least_is_one_bucket() -> None:
    stack = templates.new_stack()
    queries = LogQueries(stack, "Queries", cloudfront_logs=CloudFrontLogs(bucket=bucket_of(stack)))
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Logs::QueryDefinition", 0)
    template.resource_count_is("AWS::Glue::Table", 1)
    assert set(queries.tables) == {"cloudfront_logs"}
    assert set(queries.named_queries) == {f"cloudfront/{name}" for name in texts.names("athena", "cloudfront")}
    assert locations(stack) == {"cloudfront_logs": "s3://example-logs/"}


def test_refuses_to_be_made_for_no_log() -> None:
    with pytest.raises(ValueError, match="LogQueries needs at least one log"):
        LogQueries(templates.new_stack(), "Queries")


def test_everything_saves_every_text() -> None:
    stack = templates.new_stack()
    queries = templates.everything(stack)
    athena = {f"{source}/{name}" for source in texts.ATHENA_SOURCES for name in texts.names("athena", source)}
    insights = {f"{source}/{name}" for source in texts.INSIGHTS_SOURCES for name in texts.names("insights", source)}
    assert set(queries.named_queries) == athena == set(templates.named_queries())
    assert set(queries.query_definitions) == insights == set(templates.saved_insights())
    assert set(queries.tables) == {"cloudfront_logs", "waf_logs", "cloudtrail_logs"}
    assert len(athena) == 15
    assert len(insights) == 22


def test_a_query_is_asked_of_its_own_log_group() -> None:
    found = templates.template().find_resources("AWS::Logs::QueryDefinition").values()
    groups = {"function": "Function", "access-log": "Access", "waf": "Waf", "cloudtrail": "Trail"}
    for query in found:
        source = query["Properties"]["Name"].removeprefix("Stack/Queries/").partition("/")[0]
        assert query["Properties"]["LogGroupNames"] == [f"/example/{groups[source]}"]


def test_two_in_one_stack_save_under_names_of_their_own() -> None:
    stack = templates.new_stack()
    for name in ("One", "Two"):
        bucket = CloudFrontLogs(bucket=s3.Bucket.from_bucket_name(stack, name + "Logs", "example-logs"))
        group = logs.LogGroup.from_log_group_name(stack, name + "Group", "/example/group")
        LogQueries(stack, name, cloudfront_logs=bucket, function_log_groups=[group])
    resources = Template.from_stack(stack).to_json()["Resources"].values()
    for kind, path in (
        ("AWS::Athena::WorkGroup", ["Name"]),
        ("AWS::Glue::Database", ["DatabaseInput", "Name"]),
        ("AWS::Logs::QueryDefinition", ["Name"]),
    ):
        names = []
        for resource in resources:
            value = resource.get("Properties", {})
            if resource["Type"] == kind:
                for key in path:
                    value = value[key]
                names.append(value)
        assert len(names) == len(set(names)) > 1, kind


def test_every_saved_text_says_what_it_is_for() -> None:
    saved = templates.template().find_resources("AWS::Athena::NamedQuery").values()
    descriptions = [query["Properties"]["Description"] for query in saved]
    assert len(set(descriptions)) == len(descriptions)
    assert all(20 < len(description) <= 1024 and description.endswith(".") for description in descriptions)
    assert all(text.startswith("# ") for text in templates.saved_insights().values())


def test_no_text_keeps_a_placeholder() -> None:
    for text in [*templates.named_queries().values(), *templates.saved_insights().values()]:
        assert re.findall(r"\{[a-z_]+\}", text) == []


def test_no_text_is_longer_than_aws_takes() -> None:
    """262,144 bytes of Athena's, 10,000 characters of Logs Insights': the models of AWS::Athena::NamedQuery and of
    PutQueryDefinition."""
    assert max(map(len, templates.named_queries().values())) < 262_144
    assert max(map(len, templates.saved_insights().values())) < 10_000


@pytest.mark.proves("results-go-away")
def test_results_are_encrypted_private_and_go_away() -> None:
    template = templates.template()
    template.has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
                "PublicAccessBlockConfiguration": dict.fromkeys(
                    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
                ),
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "LifecycleConfiguration": {"Rules": [Match.object_like({"ExpirationInDays": 30, "Status": "Enabled"})]},
            },
        },
    )
    template.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
                ]
            }
        },
    )


@pytest.mark.proves("scan-bounded")
def test_who_runs_a_query_cannot_choose_where_results_go_or_how_much_is_read() -> None:
    configuration = only(templates.template(), "AWS::Athena::WorkGroup")["Properties"]["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 10 * 1024**3
    assert configuration["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert configuration["ResultConfiguration"]["ExpectedBucketOwner"] == templates.ACCOUNT


def test_limit_and_retention_are_yours() -> None:
    stack = templates.new_stack()
    LogQueries(
        stack,
        "Queries",
        cloudfront_logs=CloudFrontLogs(bucket=bucket_of(stack)),
        scan_limit=Size.mebibytes(10),
        results_retention=Duration.days(1),
    )
    template = Template.from_stack(stack)
    configuration = only(template, "AWS::Athena::WorkGroup")["Properties"]["WorkGroupConfiguration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 10 * 1024**2
    rules = only(template, "AWS::S3::Bucket")["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rules[0]["ExpirationInDays"] == 1


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"scan_limit": Size.mebibytes(9)}, "scan_limit must be from 10 to 999,999 MiB, not 9"),
        ({"scan_limit": Size.tebibytes(1)}, "scan_limit must be from 10"),
        ({"results_retention": Duration.hours(1)}, "results_retention must be from 1 day"),
        ({"results_retention": Duration.days(366)}, "results_retention must be from 1 day"),
    ],
)
def test_refuses_what_is_out_of_bounds(properties: dict[str, Any], message: str) -> None:
    stack = templates.new_stack()
    with pytest.raises(ValueError, match=message):
        LogQueries(stack, "Queries", cloudfront_logs=CloudFrontLogs(bucket=bucket_of(stack)), **properties)


@pytest.mark.parametrize("prefix", ["/logs", "logs/"])
def test_refuses_a_prefix_with_a_slash_at_an_end(prefix: str) -> None:
    bucket = bucket_of(templates.new_stack())
    for kind in (CloudFrontLogs, CloudTrailLogs):
        with pytest.raises(ValueError, match="prefix must neither begin nor end with a slash"):
            kind(bucket=bucket, prefix=prefix)


def test_logs_of_elsewhere_are_found_where_they_lie() -> None:
    stack = templates.new_stack()
    bucket = bucket_of(stack)
    LogQueries(
        stack,
        "Queries",
        cloudfront_logs=CloudFrontLogs(
            bucket=bucket, prefix="cdn/EMLARXS9EXAMPLE", layout=CloudFrontLogLayout.PARQUET_BY_DAY
        ),
        waf_logs=WafLogs(bucket=bucket, web_acl_name="edge", waf_scope=WafScope.CLOUDFRONT, account="444455556666"),
        cloudtrail_logs=CloudTrailLogs(
            bucket=bucket, organization_id="o-example", account="444455556666", region="eu-central-1"
        ),
    )
    assert locations(stack) == {
        "cloudfront_logs": "s3://example-logs/cdn/EMLARXS9EXAMPLE/",
        "waf_logs": "s3://example-logs/AWSLogs/444455556666/WAFLogs/cloudfront/edge/",
        "cloudtrail_logs": "s3://example-logs/AWSLogs/o-example/444455556666/CloudTrail/eu-central-1/",
    }


def test_plain_function_logs_are_asked_by_their_plain_fields() -> None:
    stack = templates.new_stack()
    LogQueries(stack, "Queries", function_log_groups=[group_of(stack)], plain_function_logs=True)
    Template.from_stack(stack).has_resource_properties(
        "AWS::Logs::QueryDefinition",
        {
            "Name": "Stack/Queries/function/one-address-many-usernames",
            "QueryString": Match.string_like_regexp(r"count_distinct\(username\) as usernames.* by address\n"),
        },
    )


def synthesized(folder: Path, *, nag: bool) -> tuple[App, list[Path]]:
    app = App(outdir=str(folder))
    for layout in CloudFrontLogLayout:
        # Without an account and a Region, too, which is how a stack often is.
        for name, env in (("Known", Environment(account=templates.ACCOUNT, region=templates.REGION)), ("Open", None)):
            templates.everything(Stack(app, name + layout.name.replace("_", ""), env=env), layout=layout)
    if nag:
        Validations.of(app).add_plugins(template_validation(), cdk_nag.AwsSolutionsChecks())
    app.synth()
    return app, sorted(folder.glob("*.template.json"))


def test_cfn_lint_is_content(tmp_path: Path) -> None:
    _, files = synthesized(tmp_path, nag=False)
    assert len(files) == 4
    matches = lint_by_config(ManualArgs(templates=list(map(str, files)), regions=[templates.REGION, "us-east-1"]))
    assert [f"{Path(match.filename or '').name}: {match}" for match in matches] == []


def test_cdk_nag_finds_nothing_unacknowledged(tmp_path: Path) -> None:
    synthesized(tmp_path, nag=True)
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [plugin["violations"] for plugin in report["pluginReports"]] == [[]]
