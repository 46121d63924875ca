"""The tables over logs in S3: columns, how a line is read, and which folder holds a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import Stack
from aws_cdk import aws_glue as glue
from constructs import Construct

from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.queries.log_sources import CloudFrontLogLayout, CloudFrontLogs, CloudTrailLogs, WafLogs
from cognito_proxy.queries.texts import columns

_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


@dataclass(frozen=True, kw_only=True)
class _Format:
    """How a file is read."""

    columns: str
    """The table's file in `tables/`."""
    serde: str
    input_format: str = _TEXT_INPUT
    output_format: str = _TEXT_OUTPUT
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    table_parameters: Mapping[str, str] = field(default_factory=dict)


# "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t'" is the LazySimpleSerDe with these parameters; a file begins with two
# lines of header: https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-standard-logs.html
_CLOUDFRONT_LEGACY = _Format(
    columns="cloudfront-legacy",
    serde="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    serde_parameters={"field.delim": "\t", "serialization.format": "\t"},
    table_parameters={"skip.header.line.count": "2"},
)
# https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-partition-parquet.html
_CLOUDFRONT_PARQUET = _Format(
    columns="cloudfront-parquet",
    serde="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
)
# https://docs.aws.amazon.com/athena/latest/ug/create-waf-table-partition-projection.html
_WAF = _Format(columns="waf", serde="org.openx.data.jsonserde.JsonSerDe")
# https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
_CLOUDTRAIL = _Format(
    columns="cloudtrail",
    serde="org.apache.hive.hcatalog.data.JsonSerDe",
    input_format="com.amazon.emr.cloudtrail.CloudTrailInputFormat",
)

_PROJECTION = {
    "projection.enabled": "true",
    "projection.day.type": "date",
    "projection.day.format": "yyyy/MM/dd",
    "projection.day.interval": "1",
    "projection.day.interval.unit": "DAYS",
    # What is older is not found. The range is the documentation's own example:
    # https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    "projection.day.range": "NOW-3YEARS,NOW",
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that is to be made."""

    source: str
    """The folder of its queries."""
    construct_id: str
    name: str
    format: _Format
    location: str
    by_day: bool

    def make(self, scope: Construct, database: glue.CfnDatabase) -> glue.CfnTable:
        """Make it in `database`, with a partition for each day where the files lie so."""
        parameters = {"EXTERNAL": "TRUE", **self.format.table_parameters}
        if self.by_day:
            parameters |= {**_PROJECTION, "storage.location.template": self.location + "${day}/"}
        return glue.CfnTable(
            scope,
            self.construct_id,
            catalog_id=Stack.of(scope).account,
            database_name=database.ref,
            table_input=glue.CfnTable.TableInputProperty(
                name=self.name,
                table_type="EXTERNAL_TABLE",
                parameters=parameters,
                partition_keys=[glue.CfnTable.ColumnProperty(name="day", type="string")] if self.by_day else None,
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[
                        glue.CfnTable.ColumnProperty(name=name, type=kind)
                        for name, kind in columns(self.format.columns)
                    ],
                    location=self.location,
                    input_format=self.format.input_format,
                    output_format=self.format.output_format,
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library=self.format.serde, parameters=dict(self.format.serde_parameters)
                    ),
                ),
            ),
        )


def cloudfront_table(logs: CloudFrontLogs) -> Table:
    by_day = logs.layout is CloudFrontLogLayout.PARQUET_BY_DAY
    return Table(
        source="cloudfront",
        construct_id="CloudFrontTable",
        name="cloudfront_logs",
        format=_CLOUDFRONT_PARQUET if by_day else _CLOUDFRONT_LEGACY,
        location=_location(logs.bucket.bucket_name, logs.prefix),
        by_day=by_day,
    )


def waf_table(scope: Construct, logs: WafLogs) -> Table:
    stack = Stack.of(scope)
    place = "cloudfront" if logs.waf_scope is WafScope.CLOUDFRONT else logs.region or stack.region
    folder = f"AWSLogs/{logs.account or stack.account}/WAFLogs/{place}/{logs.web_acl_name}"
    return Table(
        source="waf",
        construct_id="WafTable",
        name="waf_logs",
        format=_WAF,
        location=_location(logs.bucket.bucket_name, folder),
        by_day=True,
    )


def cloudtrail_table(scope: Construct, logs: CloudTrailLogs) -> Table:
    stack = Stack.of(scope)
    owner = f"{logs.organization_id}/" if logs.organization_id else ""
    before = f"{logs.prefix}/" if logs.prefix else ""
    folder = f"{before}AWSLogs/{owner}{logs.account or stack.account}/CloudTrail/{logs.region or stack.region}"
    return Table(
        source="cloudtrail",
        construct_id="CloudTrailTable",
        name="cloudtrail_logs",
        format=_CLOUDTRAIL,
        location=_location(logs.bucket.bucket_name, folder),
        by_day=True,
    )


def _location(bucket: str, folder: str) -> str:
    return f"s3://{bucket}/{folder}/" if folder else f"s3://{bucket}/"
