"""The metrics that are looked at: their names and dimensions, each with where they are documented.

`tests/monitoring/known_metrics.py` holds what exists; a test holds each widget and alarm against it.
"""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

PERIOD = Duration.minutes(5)
"""Of every metric here. Cognito tells its own every five minutes."""

PROXY_NAMESPACE = "CognitoProxy"
"""Of the metrics on the function's lines: docs/logs.md."""


def of_proxy(name: str, *, variant: str, function: str, statistic: str = "Sum") -> cloudwatch.Metric:
    """One of the function's own, of all its calls, in the stack's Region."""
    return _metric(PROXY_NAMESPACE, name, {"variant": variant, "function": function}, statistic=statistic)


def refusals(reason: str, *, variant: str, function: str) -> cloudwatch.Metric:
    """Calls that the function refused for a reason, one of docs/logs.md, in the stack's Region."""
    return _metric(PROXY_NAMESPACE, "Refusals", {"variant": variant, "function": function, "reason": reason})


def of_web_acl(name: str, dimensions: dict[str, str], *, rule: str, label: str | None = None) -> cloudwatch.Metric:
    """AWS WAF's. The rule `ALL` stands for all of them together, and a rule for itself.

    https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
    """
    return _metric("AWS/WAFV2", name, {**dimensions, "Rule": rule}, label=label)


def usage(name: str, category: str, *, region: str | None = None, label: str | None = None) -> cloudwatch.Metric:
    """Calls of a category of Cognito's, all user pools of the account in the Region together.

    `CallCount` counts throttled calls, too. The guide gives the four dimensions and the service's value; of the class
    it says only that Cognito does not use it, and `None` is what CloudWatch has for that.
    https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Usage-Metrics.html
    """
    dimensions = {"Service": "Cognito user pool", "Type": "API", "Resource": category, "Class": "None"}
    return _metric("AWS/Usage", name, dimensions, region=region, label=label)


def percent_of_limit(category: str, limit: int, *, region: str | None = None) -> cloudwatch.MathExpression:
    """How much of its limit a category used on the average of five minutes.

    The limit is a number and no SERVICE_QUOTA(): Cognito's quotas are by the second, and how that function gives them
    for a longer period is not documented.
    """
    return cloudwatch.MathExpression(
        expression=f"100 * calls / (PERIOD(calls) * {limit})",
        using_metrics={"calls": usage("CallCount", category, region=region)},
        label=category,
        period=PERIOD,
        search_region=region,
    )


def of_distribution(name: str, distribution_id: str, *, statistic: str) -> cloudwatch.Metric:
    """CloudFront's, which it tells in us-east-1.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
    """
    return _metric("AWS/CloudFront", name, {"DistributionId": distribution_id, "Region": "Global"}, statistic=statistic)


def of_function(
    name: str, function: str, *, statistic: str, region: str | None = None, label: str | None = None
) -> cloudwatch.Metric:
    """AWS Lambda's: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"""
    return _metric("AWS/Lambda", name, {"FunctionName": function}, statistic=statistic, region=region, label=label)


def of_alias(name: str, function: str, alias: str, *, statistic: str, label: str) -> cloudwatch.Metric:
    """Of one alias alone, in the stack's Region; what it counts is counted under the function's name, too.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html, on the dimension Resource
    """
    dimensions = {"FunctionName": function, "Resource": f"{function}:{alias}"}
    return _metric("AWS/Lambda", name, dimensions, statistic=statistic, label=label)


def search(
    schema: str, filters: str, *, statistic: str, label: str, region: str | None = None
) -> cloudwatch.SearchExpression:
    """Every metric of a schema that the filters leave, in one Region. For dashboards only: no alarm takes a search.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
    """
    return cloudwatch.SearchExpression(
        expression=f"SEARCH('{{{schema}}} {filters}', '{statistic}', {PERIOD.to_seconds():.0f})",
        label=label,
        period=PERIOD,
        search_region=region,
    )


def _metric(
    namespace: str,
    name: str,
    dimensions: dict[str, str],
    *,
    statistic: str = "Sum",
    region: str | None = None,
    label: str | None = None,
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=PERIOD,
        region=region,
        label=label,
    )
