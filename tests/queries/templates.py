"""Synthesized stacks with `LogQueries` for the tests here."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cognito_proxy.queries.log_queries import LogQueries
from cognito_proxy.queries.log_sources import CloudFrontLogLayout, CloudFrontLogs, CloudTrailLogs, WafLogs

ACCOUNT = "111122223333"
REGION = "eu-west-1"


def new_stack() -> Stack:
    return Stack(App(), "Stack", env=Environment(account=ACCOUNT, region=REGION))


def everything(stack: Stack, *, layout: CloudFrontLogLayout = CloudFrontLogLayout.LEGACY) -> LogQueries:
    """All logs there are."""
    bucket = s3.Bucket.from_bucket_name(stack, "Logs", "example-logs")
    waf_bucket = s3.Bucket.from_bucket_name(stack, "WafLogs", "aws-waf-logs-example")
    groups = {
        name: logs.LogGroup.from_log_group_name(stack, name, f"/example/{name}")
        for name in ("Function", "Access", "Waf", "Trail")
    }
    return LogQueries(
        stack,
        "Queries",
        cloudfront_logs=CloudFrontLogs(bucket=bucket, prefix="cdn", layout=layout),
        waf_logs=WafLogs(bucket=waf_bucket, web_acl_name="proxy"),
        cloudtrail_logs=CloudTrailLogs(bucket=bucket, prefix="trail"),
        function_log_groups=[groups["Function"]],
        access_log_group=groups["Access"],
        waf_log_group=groups["Waf"],
        cloudtrail_log_group=groups["Trail"],
    )


@cache
def template(layout: CloudFrontLogLayout = CloudFrontLogLayout.LEGACY) -> Template:
    stack = new_stack()
    everything(stack, layout=layout)
    return Template.from_stack(stack)


def tables(layout: CloudFrontLogLayout = CloudFrontLogLayout.LEGACY) -> dict[str, dict[str, Any]]:
    """`TableInput` by the table's name."""
    found = template(layout).find_resources("AWS::Glue::Table").values()
    inputs: list[dict[str, Any]] = [table["Properties"]["TableInput"] for table in found]
    return {table["Name"]: table for table in inputs}


def named_queries(layout: CloudFrontLogLayout = CloudFrontLogLayout.LEGACY) -> dict[str, str]:
    """The saved text by the query's name."""
    found = template(layout).find_resources("AWS::Athena::NamedQuery").values()
    return {query["Properties"]["Name"]: query["Properties"]["QueryString"] for query in found}


def saved_insights() -> dict[str, str]:
    """The saved text by the query's name within the construct's folder."""
    found = template().find_resources("AWS::Logs::QueryDefinition").values()
    return {
        query["Properties"]["Name"].removeprefix("Stack/Queries/"): query["Properties"]["QueryString"]
        for query in found
    }
