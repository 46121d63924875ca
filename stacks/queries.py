"""The queries over the logs that this app makes."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy import CloudFrontLogs, CloudTrailLogs, EdgeProxy, LogQueries, RegionalProxy
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.proxies.sign_in_proxy import SignInProxy
from stacks.flags import AppFlags


def log_queries(
    scope: Construct,
    flags: AppFlags,
    proxy: SignInProxy,
    *,
    encryption_key: kms.IKey | None,
    access_log_bucket: s3.IBucket | None,
) -> LogQueries:
    """Save the queries; they cost nothing until one is run."""
    return LogQueries(
        scope,
        "Queries",
        cloudfront_logs=CloudFrontLogs(bucket=proxy.log_bucket) if isinstance(proxy, EdgeProxy) else None,
        cloudtrail_logs=_trail(scope, flags),
        function_log_groups=[proxy.log_group if isinstance(proxy, RegionalProxy) else _edge_log_group(scope, proxy)],
        access_log_group=proxy.access_log_group if isinstance(proxy, RegionalProxy) else None,
        waf_log_group=None if proxy.web_acl is None else proxy.web_acl.log_group,
        plain_function_logs=flags.log_plain,
        encryption_key=encryption_key,
        access_log_bucket=access_log_bucket,
    )


def _edge_log_group(scope: Construct, proxy: SignInProxy) -> logs.ILogGroup:
    """Of the runs in us-east-1: Lambda@Edge makes one in each Region that runs the function, on its first run."""
    name = f"/aws/lambda/{EDGE_REGION}.{proxy.function.function_name}"
    return logs.LogGroup.from_log_group_name(scope, "EdgeLogGroup", name)


def _trail(scope: Construct, flags: AppFlags) -> CloudTrailLogs | None:
    if flags.trail_bucket is None:
        return None
    bucket = s3.Bucket.from_bucket_name(scope, "TrailBucket", flags.trail_bucket)
    return CloudTrailLogs(bucket=bucket, region=flags.region)
