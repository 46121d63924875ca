"""The web ACL's log: who was stopped and by which rule, without what they carried.

AWS WAF never logs a body. Headers are logged, so those that hold credentials are redacted. The web ACL's data
protection repeats that for sampled requests, which the logging configuration does not cover, and adds the body, which
managed rules could otherwise quote from in their match details.

An API call has no query. With OAuth 2.0 one holds what browsers are sent with: an ID token (`id_token_hint`), an e-mail
address (`login_hint`), an app's `state`. So it is kept out, too, but only then: else it tells what a prober looks for.

https://docs.aws.amazon.com/waf/latest/developerguide/logging.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-wafv2-loggingconfiguration-fieldtomatch.html
https://docs.aws.amazon.com/waf/latest/APIReference/API_FieldToProtect.html
"""

from dataclasses import dataclass

from aws_cdk import ArnFormat, Names, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct, IConstruct

from cognito_proxy.common.customer_key import allow_logs
from cognito_proxy.common.property_error import PropertyError

NAME_PREFIX = "aws-waf-logs-"
"""How AWS WAF wants the names of log groups and buckets to begin."""

CREDENTIAL_HEADERS = ("authorization", "cookie", "x-amz-security-token")

_MAX_LOG_GROUP_NAME = 512


@dataclass(frozen=True, kw_only=True)
class WebAclLogging:
    """Where a web ACL logs, and what. AWS WAF adds the destination's resource policy by itself when logging starts.

    Raises:
        PropertyError: both destinations are given, or one whose name does not begin with `aws-waf-logs-`.
    """

    log_group: logs.ILogGroup | None = None
    """A log group in the web ACL's Region. Default: - a new one, kept for `retention` and deleted with the stack
    (unless `bucket` is given)."""

    bucket: s3.IBucket | None = None
    """A bucket, instead of a log group. Default: - none."""

    retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    """How long a new log group keeps its entries. Default: one month."""

    allowed_requests: bool = False
    """Also log requests that no rule stopped or counted; with much traffic that is most of the cost. Default: False."""

    encryption_key: kms.IKey | None = None
    """Customer-managed key of a new log group. Default: - CloudWatch's own."""

    def __post_init__(self) -> None:
        if self.log_group is not None and self.bucket is not None:
            raise PropertyError("log_group and bucket: give one of them; a web ACL has one log destination")
        if self.log_group is not None:
            _check_name("log_group", _name_of(self.log_group, self.log_group.log_group_name))
        if self.bucket is not None:
            _check_name("bucket", _name_of(self.bucket, self.bucket.bucket_name))


DEFAULT_LOGGING = WebAclLogging()
"""What was stopped or counted, in a new log group, for a month."""


def log_web_acl(
    scope: Construct, web_acl: wafv2.CfnWebACL, logging: WebAclLogging, *, redact_query: bool = False
) -> logs.ILogGroup | None:
    """Let `web_acl` log as `logging` says. Gives the log group that it logs to; None where that is a bucket."""
    field = wafv2.CfnLoggingConfiguration.FieldToMatchProperty
    log_group = None if logging.bucket is not None else logging.log_group or _new_log_group(scope, logging)
    wafv2.CfnLoggingConfiguration(
        scope,
        "Logging",
        resource_arn=web_acl.attr_arn,
        log_destination_configs=[_destination_arn(scope, log_group, logging.bucket)],
        redacted_fields=[
            *(field(single_header={"Name": name}) for name in CREDENTIAL_HEADERS),
            *((field(query_string={}),) if redact_query else ()),
        ],
        logging_filter=None if logging.allowed_requests else _STOPPED_OR_COUNTED,
    )
    return log_group


def data_protection(*, redact_query: bool = False) -> wafv2.CfnWebACL.DataProtectionConfigProperty:
    """Keep credentials and bodies out of everything that AWS WAF stores: logs, samples, Security Lake."""
    acl = wafv2.CfnWebACL
    whole = ("BODY", "QUERY_STRING") if redact_query else ("BODY",)
    return acl.DataProtectionConfigProperty(
        data_protections=[
            acl.DataProtectProperty(
                field=acl.FieldToProtectProperty(field_type="SINGLE_HEADER", field_keys=list(CREDENTIAL_HEADERS)),
                action="SUBSTITUTION",
            ),
            *(
                acl.DataProtectProperty(field=acl.FieldToProtectProperty(field_type=name), action="SUBSTITUTION")
                for name in whole
            ),
        ]
    )


_STOPPED_OR_COUNTED = {
    "DefaultBehavior": "DROP",
    "Filters": [
        {
            "Behavior": "KEEP",
            "Requirement": "MEETS_ANY",
            "Conditions": [
                {"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
            ],
        }
    ],
}


def _new_log_group(scope: Construct, logging: WebAclLogging) -> logs.LogGroup:
    allow_logs(scope, logging.encryption_key)
    return logs.LogGroup(
        scope,
        "LogGroup",
        log_group_name=NAME_PREFIX
        + Names.unique_resource_name(scope, max_length=_MAX_LOG_GROUP_NAME - len(NAME_PREFIX), separator="-"),
        retention=logging.retention,
        encryption_key=logging.encryption_key,
        # AWS WAF forces a name on it, so one that stayed behind would be in the next deployment's way.
        removal_policy=RemovalPolicy.DESTROY,
    )


def _destination_arn(scope: Construct, log_group: logs.ILogGroup | None, bucket: s3.IBucket | None) -> str:
    if bucket is not None:
        return bucket.bucket_arn
    if log_group is None:
        raise PropertyError("log_group or bucket must be given")
    # A log group's ARN ends with ":*", which AWS WAF does not take.
    return Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=log_group.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _name_of(destination: IConstruct, name: str) -> object:
    """The name as it will stand in the template; None when CloudFormation will choose one."""
    match destination.node.default_child:
        case logs.CfnLogGroup() as log_group:
            declared = log_group.log_group_name
        case s3.CfnBucket() as bucket:
            declared = bucket.bucket_name
        case _:
            declared = name
    return Stack.of(destination).resolve(declared)


def _check_name(property_name: str, name: object) -> None:
    if name is None or (isinstance(name, str) and not name.startswith(NAME_PREFIX)):
        found = f"its name is {name!r}" if name else "it has no name of its own"
        raise PropertyError(f"{property_name}: {found}; AWS WAF logs only to names that begin with {NAME_PREFIX}")
