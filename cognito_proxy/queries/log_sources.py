"""Which logs there are to ask, and where they lie."""

from dataclasses import dataclass
from enum import Enum

from aws_cdk import Token
from aws_cdk import aws_s3 as s3

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.firewall.address_lists import WafScope


class CloudFrontLogLayout(Enum):
    """How CloudFront's access log lies in its bucket."""

    LEGACY = "legacy"
    """Standard logging (legacy), which `EdgeProxy` uses: text with tabs, all files in one folder. Athena then reads
    the whole folder for each query, because the day stands in a file's name only, and partitions are folders.
    https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-standard-logs.html"""

    PARQUET_BY_DAY = "parquet"
    """Standard logging (v2) with Parquet and the suffix path `{yyyy}/{MM}/{dd}` (an hour may follow), not
    Hive-compatible. Athena reads the asked days and columns only. The delivery may cost something: see CloudWatch's
    price list, "Vended Logs".
    https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-partition-parquet.html"""


@dataclass(frozen=True, kw_only=True)
class CloudFrontLogs:
    """CloudFront's access log of one distribution.

    Raises:
        PropertyError: the prefix begins or ends with a slash.
    """

    bucket: s3.IBucket
    """Where CloudFront writes it: `EdgeProxy.log_bucket`."""

    prefix: str = ""
    """The folder that holds the files, or the folders of years. Default: - the bucket itself."""

    layout: CloudFrontLogLayout = CloudFrontLogLayout.LEGACY
    """How the files lie there. Default: LEGACY, as `EdgeProxy` has it."""

    def __post_init__(self) -> None:
        _check_prefix(self.prefix)


@dataclass(frozen=True, kw_only=True)
class WafLogs:
    """A web ACL's log in S3 (`WebAclLogging.bucket`). By default it logs what was stopped or counted, nothing else.

    AWS WAF writes to `AWSLogs/<account>/WAFLogs/<Region or cloudfront>/<web ACL>/<year>/<month>/<day>/<hour>/<minute>`:
    https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
    """

    bucket: s3.IBucket
    """Where AWS WAF writes it."""

    web_acl_name: str
    """The web ACL's own name, not its ARN."""

    waf_scope: WafScope = WafScope.REGIONAL
    """What the web ACL protects. Default: REGIONAL."""

    account: str | None = None
    """Whose web ACL it is. Default: - the stack's account."""

    region: str | None = None
    """Where a regional web ACL is. Default: - the stack's Region."""


@dataclass(frozen=True, kw_only=True)
class CloudTrailLogs:
    """The bucket of a trail that logs management events, in the Region of the user pool.

    CloudTrail writes to `<prefix>/AWSLogs/<account>/CloudTrail/<Region>/<year>/<month>/<day>`, with the organization's
    id before the account's where the trail is an organization's:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html

    Raises:
        PropertyError: the prefix begins or ends with a slash.
    """

    bucket: s3.IBucket
    """Where CloudTrail writes it."""

    prefix: str = ""
    """What stands before `AWSLogs`. Default: - nothing."""

    organization_id: str | None = None
    """Of an organization's trail, such as `o-exampleorgid`. Default: - the trail is the account's own."""

    account: str | None = None
    """Whose calls. Default: - the stack's account."""

    region: str | None = None
    """The user pool's. Default: - the stack's Region."""

    def __post_init__(self) -> None:
        _check_prefix(self.prefix)


def _check_prefix(prefix: str) -> None:
    if not Token.is_unresolved(prefix) and prefix != prefix.strip("/"):
        raise PropertyError(f"prefix must neither begin nor end with a slash, not {prefix!r}")
