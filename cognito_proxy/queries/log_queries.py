"""Queries over a proxy's logs, saved in Athena and in CloudWatch Logs Insights."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from aws_cdk import Duration, Names, RemovalPolicy, Size, Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.common.access_log import log_access
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.checks import require_between, require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.queries import texts
from cognito_proxy.queries._tables import Table, cloudfront_table, cloudtrail_table, waf_table
from cognito_proxy.queries.log_sources import CloudFrontLogs, CloudTrailLogs, WafLogs

_TITLES = {
    "cloudfront": "CloudFront",
    "waf": "Waf",
    "cloudtrail": "CloudTrail",
    "function": "Function",
    "access-log": "AccessLog",
}
_MIB = 1024 * 1024
# Athena's own least is 10,000,000 bytes: BytesScannedCutoffPerQuery,
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-athena-workgroup-workgroupconfiguration.html
_LEAST_SCAN_MIB = 10
_MOST_SCAN_MIB = 999_999


class LogQueries(Construct):
    """Saved queries that name who is behind a spike: most calls, most errors, bursts, many users, many addresses.

    What is made depends on what is given. For logs in S3: a database with one table a log, a workgroup that encrypts
    results and bounds what a query may read, a bucket for results, and Athena's named queries. For log groups: saved
    queries of CloudWatch Logs Insights. API Gateway's access log is in CloudWatch Logs only, out of Athena's reach.

    Nothing runs by itself, and what is saved costs nothing; docs/queries.md has what a run costs.
    """

    database: glue.CfnDatabase | None
    """Of the tables. None when no log in S3 is given; the next two likewise."""

    workgroup: athena.CfnWorkGroup | None
    """In which the named queries run."""

    results_bucket: s3.Bucket | None
    """Results hold addresses, which are personal data: they go after `results_retention`."""

    tables: Mapping[str, glue.CfnTable]
    """By name: `cloudfront_logs`, `waf_logs`, `cloudtrail_logs`."""

    named_queries: Mapping[str, athena.CfnNamedQuery]
    """By `<source>/<name>`, such as `waf/sign-up-bursts`."""

    query_definitions: Mapping[str, logs.CfnQueryDefinition]
    """By `<source>/<name>`, such as `function/sign-up-bursts`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cloudfront_logs: CloudFrontLogs | None = None,
        waf_logs: WafLogs | None = None,
        cloudtrail_logs: CloudTrailLogs | None = None,
        function_log_groups: Sequence[logs.ILogGroup] = (),
        access_log_group: logs.ILogGroup | None = None,
        waf_log_group: logs.ILogGroup | None = None,
        cloudtrail_log_group: logs.ILogGroup | None = None,
        plain_function_logs: bool = False,
        results_retention: Duration | None = None,
        scan_limit: Size | None = None,
        encryption_key: kms.IKey | None = None,
        access_log_bucket: s3.IBucket | None = None,
    ) -> None:
        """Make the tables and the saved queries of the logs that are given, at least one.

        Args:
            scope: The parent. Log groups are in its Region; buckets may be elsewhere, at the price of the transfer.
            construct_id: Id within `scope`.
            cloudfront_logs: CloudFront's access log. Default: - none.
            waf_logs: The web ACL's log, where it is in S3. Default: - none.
            cloudtrail_logs: A trail with Cognito's events, in S3. Default: - none.
            function_log_groups: Of the proxy's function. At the edge it logs in the Regions near its viewers, to
                `/aws/lambda/us-east-1.<function name>`; name the group of this Region here. Default: - none.
            access_log_group: API Gateway's access log. Default: - none.
            waf_log_group: The web ACL's log, where it is in CloudWatch Logs (the default). Default: - none.
            cloudtrail_log_group: Of a trail that sends its events to CloudWatch Logs, too. Default: - none.
            plain_function_logs: Whether the functions log usernames and addresses as they are, so that the queries
                name them and not their keyed hashes. Default: False.
            results_retention: How long results stay, from 1 to 365 days. Default: 30 days.
            scan_limit: A query that reads more is stopped, and what it read is paid; from 10 to 999,999 MiB, which
                is about 1 TB. Default: 10 GiB.
            encryption_key: Customer-managed key of the results; who runs a query must be allowed to use it through S3.
                Default: - S3's own.
            access_log_bucket: Where S3 logs who reads and writes the results, in this Region and account. Default: -
                that is not logged.

        Raises:
            PropertyError: no log is given, or a property is out of its bounds.
        """
        super().__init__(scope, construct_id)
        results_retention = results_retention or Duration.days(30)
        scan_limit = scan_limit or Size.gibibytes(10)
        require_duration_between("results_retention", results_retention, Duration.days(1), Duration.days(365))
        scan_mib = scan_limit.to_mebibytes()
        require_between("scan_limit", scan_mib, _LEAST_SCAN_MIB, _MOST_SCAN_MIB, "MiB")

        tables = [
            table
            for table in (
                cloudfront_logs and cloudfront_table(cloudfront_logs),
                waf_logs and waf_table(self, waf_logs),
                cloudtrail_logs and cloudtrail_table(self, cloudtrail_logs),
            )
            if table
        ]
        groups = {
            "function": list(function_log_groups),
            "access-log": [access_log_group] if access_log_group else [],
            "waf": [waf_log_group] if waf_log_group else [],
            "cloudtrail": [cloudtrail_log_group] if cloudtrail_log_group else [],
        }
        if not tables and not any(groups.values()):
            raise PropertyError("LogQueries needs at least one log: a bucket with logs, or a log group")

        self.database = self.workgroup = self.results_bucket = None
        self.tables, self.named_queries = MappingProxyType({}), MappingProxyType({})
        if tables:
            results = _results_bucket(self, results_retention, encryption_key, access_log_bucket)
            self._make_athena(tables, results=results, scan_bytes=int(scan_mib) * _MIB)
        self.query_definitions = MappingProxyType(
            {
                f"{source}/{name}": self._query_definition(source, name, found, plain=plain_function_logs)
                for source, found in groups.items()
                if found
                for name in texts.names("insights", source)
            }
        )

    def _make_athena(self, tables: Sequence[Table], *, results: s3.Bucket, scan_bytes: int) -> None:
        self.results_bucket = results
        self.workgroup = workgroup = _workgroup(self, self.results_bucket, scan_bytes)
        self.database = database = _database(self)
        self.tables = MappingProxyType({table.name: table.make(self, database) for table in tables})
        self.named_queries = MappingProxyType(
            {
                f"{table.source}/{name}": self._named_query(table, name, database=database, workgroup=workgroup)
                for table in tables
                for name in texts.names("athena", table.source)
            }
        )

    def _named_query(
        self, table: Table, name: str, *, database: glue.CfnDatabase, workgroup: athena.CfnWorkGroup
    ) -> athena.CfnNamedQuery:
        text = texts.athena_query(table.source, name, by_day=table.by_day)
        return athena.CfnNamedQuery(
            self,
            f"{_TITLES[table.source]}{_pascal(name)}",
            name=f"{table.source}/{name}",
            description=texts.description(text),
            database=database.ref,
            work_group=workgroup.ref,
            query_string=text,
        )

    def _query_definition(
        self, source: str, name: str, groups: Sequence[logs.ILogGroup], *, plain: bool
    ) -> logs.CfnQueryDefinition:
        return logs.CfnQueryDefinition(
            self,
            f"{_TITLES[source]}{_pascal(name)}Insights",
            # Slashes make folders in the console.
            name=f"{self.node.path}/{source}/{name}",
            log_group_names=[group.log_group_name for group in groups],
            query_string=texts.insights_query(source, name, plain=plain),
        )


def _results_bucket(
    scope: Construct, retention: Duration, key: kms.IKey | None, access_log_bucket: s3.IBucket | None
) -> s3.Bucket:
    bucket = s3.Bucket(
        scope,
        "ResultsBucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED if key is None else s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=None if key is None else True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(expiration=retention, abort_incomplete_multipart_upload_after=Duration.days(1))
        ],
        # A bucket with results in it cannot be deleted; they go by themselves.
        removal_policy=RemovalPolicy.RETAIN,
    )
    log_access(bucket, access_log_bucket, prefix="query-results/")
    if access_log_bucket is None:
        acknowledge(bucket, {"S1": "It holds results for some days; who reads them is in CloudTrail's data events."})
    return bucket


def _workgroup(scope: Construct, results: s3.Bucket, scan_bytes: int) -> athena.CfnWorkGroup:
    group = athena.CfnWorkGroup
    return group(
        scope,
        "Workgroup",
        # CloudFormation gives workgroups no name by itself.
        name=Names.unique_resource_name(scope, max_length=128, separator="-"),
        description="Queries over the logs of the sign-in proxy",
        state="ENABLED",
        # Without it, named queries and the history of runs would keep the workgroup from being deleted.
        recursive_delete_option=True,
        work_group_configuration=group.WorkGroupConfigurationProperty(
            # Who runs a query cannot choose another place or no encryption.
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=scan_bytes,
            engine_version=group.EngineVersionProperty(selected_engine_version="Athena engine version 3"),
            result_configuration=group.ResultConfigurationProperty(
                output_location=f"s3://{results.bucket_name}/",
                encryption_configuration=group.EncryptionConfigurationProperty(
                    encryption_option="SSE_S3" if results.encryption_key is None else "SSE_KMS",
                    kms_key=None if results.encryption_key is None else results.encryption_key.key_arn,
                ),
                expected_bucket_owner=Stack.of(scope).account,
            ),
        ),
    )


def _database(scope: Construct) -> glue.CfnDatabase:
    # Athena wants lower case, digits and underscores:
    # https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
    name = Names.unique_resource_name(scope, max_length=255, separator="_").lower()
    return glue.CfnDatabase(
        scope,
        "Database",
        catalog_id=Stack.of(scope).account,
        database_input=glue.CfnDatabase.DatabaseInputProperty(name=name, description="Logs of the sign-in proxy"),
    )


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
