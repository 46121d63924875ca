"""The widgets of the dashboard, row by row."""

from collections.abc import Iterator, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

from cognito_proxy.firewall.rules import FirewallRule
from cognito_proxy.monitoring import _metrics as metrics
from cognito_proxy.monitoring._view import View
from cognito_proxy.monitoring.cognito_limits import LEVELS
from cognito_proxy.proxies.edge_proxy import EdgeProxy
from cognito_proxy.proxies.regional_proxy import RegionalProxy

Row = Sequence[cloudwatch.IWidget]

_WIDTH = 24
_HEIGHT = 6
_PERCENTILES = ("p50", "p90", "p99")
_PROXY_SCHEMA = "CognitoProxy,function,variant"
_POOL_SCHEMA = "AWS/Cognito,UserPool,UserPoolClient"
_LEVEL_COLORS = dict(zip(LEVELS, ("#dbdb8d", "#ff7f0e", "#d62728"), strict=True))


def rows(view: View, alarms: Sequence[cloudwatch.IAlarm]) -> Iterator[Row]:
    """Top to bottom: what is wrong, who calls, how long it takes, what is stopped, what Cognito says, what runs."""
    yield [cloudwatch.AlarmStatusWidget(alarms=list(alarms), title="Alarms", width=_WIDTH, height=4)]
    yield _row(
        _graph("Calls by outcome", _by(view, "Requests", "outcome"), stacked=True),
        _graph("Calls by operation", _by(view, "Requests", "operation"), stacked=True),
        _graph("Refused calls by reason", _by(view, "Refusals", "reason"), stacked=True),
    )
    yield _row(
        _graph("Latency in the function (ms)", _percentiles(view, "Latency")),
        _graph("Waiting for Cognito (ms)", _percentiles(view, "UpstreamLatency")),
        _graph("Secrets fetched anew", _sums(view, "SecretRefetches")),
    )
    if view.web_acl is not None:
        yield _firewall(view)
    yield _row(
        _graph("Cognito: successes", _cognito(view, "Successes"), stacked=True),
        _graph("Cognito: throttled", _cognito(view, "Throttles"), stacked=True),
        _front(view),
    )
    yield _quotas(view)
    yield _row(
        _graph("Function: errors and throttled runs", _lambda(view, {"Errors": "Sum", "Throttles": "Sum"})),
        _graph("Function: duration (ms)", _lambda(view, {"Duration": "p90"})),
        _graph(
            "Function: runs at the same time",
            [*_lambda(view, {"ConcurrentExecutions": "Maximum"}), *_kept_ready(view)],
        ),
    )
    if view.rotations:
        yield _row(_graph("Rotations: runs and errors", list(_rotations(view))))


def _row(*widgets: cloudwatch.GraphWidget) -> Row:
    return widgets


def _graph(
    title: str,
    left: Sequence[cloudwatch.IMetric],
    *,
    stacked: bool = False,
    region: str | None = None,
    annotations: Sequence[cloudwatch.HorizontalAnnotation] = (),
    width: int = _WIDTH // 3,
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=list(left),
        stacked=stacked,
        region=region,
        left_annotations=list(annotations),
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        width=width,
        height=_HEIGHT,
    )


def _by(view: View, name: str, dimension: str) -> list[cloudwatch.IMetric]:
    """A line for each value of the dimension that was seen; at the edge for each Region that saw it.

    Dynamic labels: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
    """
    schema = f"CognitoProxy,function,{dimension},variant"
    return _searches(view, schema, name, "Sum", f"${{PROP('Dim.{dimension}')}}")


def _percentiles(view: View, name: str) -> list[cloudwatch.IMetric]:
    if view.regions == (None,):
        return [_own(view, name, statistic=statistic, label=statistic) for statistic in _PERCENTILES]
    return _searches(view, _PROXY_SCHEMA, name, "p90", "p90")


def _sums(view: View, name: str) -> list[cloudwatch.IMetric]:
    if view.regions == (None,):
        return [_own(view, name, statistic="Sum", label=name)]
    return _searches(view, _PROXY_SCHEMA, name, "Sum", name)


def _own(view: View, name: str, *, statistic: str, label: str) -> cloudwatch.IMetric:
    metric = metrics.of_proxy(
        name, variant=view.variant, function=view.proxy.function.function_name, statistic=statistic
    )
    return metric.with_(label=label)


def _searches(view: View, schema: str, name: str, statistic: str, label: str) -> list[cloudwatch.IMetric]:
    function = view.proxy.function.function_name
    filters = f'MetricName="{name}" variant="{view.variant}" function="{function}"'
    return [
        metrics.search(
            schema, filters, statistic=statistic, label=f"{region} {label}" if region else label, region=region
        )
        for region in view.regions
    ]


def _firewall(view: View) -> Row:
    """What was let in, what each rule blocked or answered, and what those rules counted that only count."""
    if view.web_acl is None:
        return ()
    dimensions = dict(view.web_acl.metric_dimensions)
    limits = [rule for rule in FirewallRule if "RateLimit" in rule.name.title().replace("_", "")]
    if not view.web_acl.oauth:
        limits.remove(FirewallRule.OAUTH_RATE_LIMIT)
    # What lets somebody in has nothing to show here.
    left_out = (*limits, FirewallRule.OAUTH_RATE_LIMIT, FirewallRule.HEALTH_CHECK)
    others = [rule for rule in FirewallRule if rule not in left_out]
    totals = [
        metrics.of_web_acl(name, dimensions, rule="ALL", label=label)
        for name, label in (("AllowedRequests", "let in by a rule"), ("BlockedRequests", "blocked"))
    ]
    let_in = metrics.of_web_acl("AllowedRequests", dimensions, rule="Default_Action", label="let in by none")
    return _row(
        _graph("Firewall: all", [*totals, let_in]),
        _graph("Firewall: limited by rate", list(_by_rule(dimensions, limits)), stacked=True),
        _graph("Firewall: blocked or counted by other rules", list(_by_rule(dimensions, others)), stacked=True),
    )


def _by_rule(dimensions: dict[str, str], rules: Sequence[FirewallRule]) -> Iterator[cloudwatch.IMetric]:
    for rule in rules:
        yield metrics.of_web_acl("BlockedRequests", dimensions, rule=rule.value, label=rule.value)
        yield metrics.of_web_acl("CountedRequests", dimensions, rule=rule.value, label=f"{rule.value} (counted)")


def _cognito(view: View, ending: str) -> list[cloudwatch.IMetric]:
    """By app client: a search, because there may be hundreds."""
    return [
        metrics.search(
            _POOL_SCHEMA,
            f'MetricName="{name}{ending}" UserPool="{view.user_pool_id}"',
            statistic="Sum",
            label=f"{name} ${{PROP('Dim.UserPoolClient')}}",
            region=view.pool_region,
        )
        for name in ("SignIn", "SignUp", "TokenRefresh")
    ]


def _front(view: View) -> cloudwatch.GraphWidget:
    proxy = view.proxy
    if isinstance(proxy, RegionalProxy):
        stage = proxy.stage
        found: list[cloudwatch.IMetric] = [
            stage.metric_count(period=metrics.PERIOD, statistic="Sum", label="calls"),
            stage.metric_client_error(period=metrics.PERIOD, statistic="Sum", label="4XX"),
            stage.metric_server_error(period=metrics.PERIOD, statistic="Sum", label="5XX"),
        ]
        return _graph("API Gateway", found)
    assert isinstance(proxy, EdgeProxy)  # noqa: S101 - there are two
    name = proxy.distribution.distribution_id
    rates = [
        metrics.of_distribution(rate, name, statistic="Average").with_(label=label)
        for rate, label in (("4xxErrorRate", "4xx, percent"), ("5xxErrorRate", "5xx, percent"))
    ]
    return _graph("CloudFront: rate of errors", rates)


def _quotas(view: View) -> Row:
    limits = view.limits.by_category()
    levels = [
        cloudwatch.HorizontalAnnotation(value=level, label=f"{level} percent", color=_LEVEL_COLORS[level])
        for level in LEVELS
    ]
    used = [
        cloudwatch.MathExpression(
            expression=f"100 * c{place} / (PERIOD(c{place}) * {limit})",
            using_metrics={f"c{place}": metrics.usage("CallCount", category, region=view.pool_region)},
            label=category,
            period=metrics.PERIOD,
        )
        for place, (category, limit) in enumerate(limits.items())
    ]
    throttled = [
        metrics.usage("ThrottleCount", category, region=view.pool_region, label=category) for category in limits
    ]
    half = _WIDTH // 2
    return _row(
        _graph("Cognito's quotas, percent used by the account", used, annotations=levels, width=half),
        _graph("Cognito: throttled calls of the account", throttled, stacked=True, width=half),
    )


def _lambda(view: View, statistics: dict[str, str]) -> list[cloudwatch.IMetric]:
    return [
        metrics.of_function(
            name,
            view.function_metrics,
            statistic=statistic,
            region=region,
            label=f"{region} {name}" if region else name,
        )
        for region in view.regions
        for name, statistic in statistics.items()
    ]


def _kept_ready(view: View) -> list[cloudwatch.IMetric]:
    """With provisioned concurrency: how many environments of it were busy, and how many calls found none of it free and
    got another one, which starts for them."""
    alias = view.proxy.function_alias
    if alias is None:
        return []
    return [
        metrics.of_alias(name, view.function_metrics, alias.alias_name, statistic=statistic, label=label)
        for name, statistic, label in (
            ("ProvisionedConcurrentExecutions", "Maximum", "of these, kept ready"),
            ("ProvisionedConcurrencySpilloverInvocations", "Sum", "runs that found none ready"),
        )
    ]


def _rotations(view: View) -> Iterator[cloudwatch.IMetric]:
    for function in view.rotations:
        for name in ("Invocations", "Errors"):
            yield metrics.of_function(
                name, function, statistic="Sum", region=view.pool_region, label=f"{name} {function}"
            )
