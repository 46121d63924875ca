"""Metrics of AWS's that exist, with their dimensions, as AWS documents them."""

from __future__ import annotations

from dataclasses import dataclass

from cognito_proxy import FirewallRule


@dataclass(frozen=True, kw_only=True)
class Documented:
    """Metrics of a namespace that have the same dimensions."""

    names: frozenset[str]
    dimensions: frozenset[str]
    source: str


def _documented(names: str, dimensions: str, source: str) -> Documented:
    return Documented(names=frozenset(names.split()), dimensions=frozenset(dimensions.split()), source=source)


_COGNITO = "https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html"
_WAF = "https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"
_API = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"
_SQS = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
)
_CLOUDFRONT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html"

DOCUMENTED: dict[str, tuple[Documented, ...]] = {
    "AWS/Cognito": (
        _documented(
            "SignUpSuccesses SignUpThrottles SignInSuccesses SignInThrottles TokenRefreshSuccesses "
            "TokenRefreshThrottles",
            "UserPool UserPoolClient",
            _COGNITO,
        ),
    ),
    "AWS/Usage": (_documented("CallCount ThrottleCount", "Service Type Resource Class", _COGNITO),),
    # "Region: required for all protected resource types except for Amazon CloudFront distributions".
    "AWS/WAFV2": (
        _documented("AllowedRequests BlockedRequests CountedRequests", "WebACL Rule Region", _WAF),
        _documented("AllowedRequests BlockedRequests CountedRequests", "WebACL Rule", _WAF),
    ),
    "AWS/Lambda": (
        _documented("Invocations Errors Throttles Duration ConcurrentExecutions", "FunctionName", _LAMBDA),
        # "By Resource: a function version or alias".
        _documented(
            "ProvisionedConcurrentExecutions ProvisionedConcurrencySpilloverInvocations",
            "FunctionName Resource",
            _LAMBDA,
        ),
    ),
    "AWS/ApiGateway": (_documented("Count 4XXError 5XXError Latency", "ApiName Stage", _API),),
    "AWS/SQS": (_documented("ApproximateNumberOfMessagesVisible", "QueueName", _SQS),),
    "AWS/CloudFront": (_documented("Requests 4xxErrorRate 5xxErrorRate", "DistributionId Region", _CLOUDFRONT),),
}
"""By namespace."""

VALUES: dict[str, frozenset[str]] = {
    "Service": frozenset({"Cognito user pool"}),
    "Type": frozenset({"API"}),
    "Class": frozenset({"None"}),
    # https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
    "Resource": frozenset({"UserAuthentication", "UserCreation", "UserFederation", "UserAccountRecovery", "UserToken"}),
    "Rule": frozenset({"ALL", "Default_Action", *(rule.value for rule in FirewallRule)}),
    "variant": frozenset({"edge", "regional"}),
}
"""What a dimension's value can be, where it comes from a closed set."""
