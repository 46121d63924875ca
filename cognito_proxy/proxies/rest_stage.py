"""The stage of a REST API: how much it takes, and what it logs."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from aws_cdk import Annotations, Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from constructs import IConstruct

from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.proxies._access_log import access_log_format
from cognito_proxy.proxies.throttle import Throttle

_ACCOUNT_LOG_POLICY = (
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]"
)
_STAGE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


def check_stage_name(stage_name: str) -> None:
    """Refuse a name that API Gateway does not take.

    Raises:
        PropertyError: it is one.
    """
    if not Token.is_unresolved(stage_name) and _STAGE_NAME.fullmatch(stage_name) is None:
        raise PropertyError(f"stage_name must be 1 to 128 letters, digits, - or _, not {stage_name!r}")


def rest_stage(
    *,
    stage_name: str,
    throttle: Throttle,
    access_log_group: logs.ILogGroup,
    tracing: bool = False,
    of_methods: Mapping[str, Throttle] = MappingProxyType({}),
) -> apigateway.StageOptions:
    """A stage with an access log, and without execution logs: those would hold bodies and tokens.

    `of_methods` are throttles of single methods, `/path/METHOD`. Default: none has one of its own.
    """
    methods = {
        path: apigateway.MethodDeploymentOptions(
            throttling_rate_limit=own.rate_limit,
            throttling_burst_limit=own.burst_limit,
            # A method's own settings take the place of the stage's.
            logging_level=apigateway.MethodLoggingLevel.OFF,
            data_trace_enabled=False,
        )
        for path, own in of_methods.items()
    }
    return apigateway.StageOptions(
        stage_name=stage_name,
        throttling_rate_limit=throttle.rate_limit,
        throttling_burst_limit=throttle.burst_limit,
        access_log_destination=apigateway.LogGroupLogDestination(access_log_group),
        access_log_format=access_log_format(tracing=tracing),
        logging_level=apigateway.MethodLoggingLevel.OFF,
        data_trace_enabled=False,
        tracing_enabled=tracing or None,
        method_options=methods or None,
    )


def warn_of_account_role(scope: IConstruct) -> None:
    """Warn at synth that the API sets the role with which all APIs of the Region log."""
    Annotations.of(scope).add_warning_v2(
        "@cognito-proxy:apiGatewayAccountRole",
        "cloud_watch_role: this sets the role with which every API Gateway API of the account logs in this "
        "Region, in place of one that may be set, and leaves it there. Needed once in a Region.",
    )


def acknowledge_account_role(api: apigateway.RestApi) -> None:
    """Say to cdk-nag why that role, if `api` makes it, has AWS's own policy."""
    account_role = api.node.try_find_child("CloudWatchRole")
    if account_role is not None:
        reason = "It serves the logs of all APIs of the Region, and AWS keeps this policy for just that role."
        acknowledge(account_role, {_ACCOUNT_LOG_POLICY: reason})
