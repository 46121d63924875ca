"""Alarms on Cognito's side: use of its quotas, throttled calls, failed rotations."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.monitoring._alarm import new_alarm
from cognito_proxy.monitoring._metrics import PERIOD, percent_of_limit, usage
from cognito_proxy.monitoring.cognito_limits import LEVELS, CognitoLimits

_DEFAULT_LIMITS = CognitoLimits()


class CognitoAlarms(Construct):
    """Alarms in the user pool's Region: an alarm can look at metrics of its own Region only.

    `Monitoring` makes them by itself where the pool is in the proxy's Region. For an `EdgeProxy` with a pool elsewhere,
    make them in the pool's stack, with a topic there.

    Quotas are the account's: all its user pools in the Region use them up together, and so do callers who go past the
    proxy. What Cognito throttles is counted as used, so a flood shows at 90 percent and above.
    """

    alarms: tuple[cloudwatch.Alarm, ...]
    """Each publishes to the topic. Alarms of rotations are the app clients' own, and not among them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        topic: sns.ITopic,
        app_clients: Sequence[AppClient] = (),
        limits: CognitoLimits = _DEFAULT_LIMITS,
    ) -> None:
        """Make the alarms.

        Args:
            scope: The parent, in the user pool's Region.
            construct_id: Id within `scope`.
            topic: Where alarms are told, in the same Region.
            app_clients: Alarms of their rotations publish to `topic`, too. Default: none.
            limits: The account's quotas; alarms ring at 50, 70 and 90 percent. Default: AWS's defaults.
        """
        super().__init__(scope, construct_id)
        for client in app_clients:
            if client.secret_rotation is not None:
                client.secret_rotation.alarm.add_alarm_action(actions.SnsAction(topic))
        watched = limits.by_category()
        self.alarms = tuple(
            new_alarm(
                self,
                # Both come from closed sets, so the ids are as static as they can be.
                f"{category}{level}",
                topic=topic,
                metric=percent_of_limit(category, limit),
                threshold=level,
                description=(
                    f"Calls of Cognito's category {category} used {level} percent of {limit} a second, "
                    "over all user pools of the account in this Region"
                ),
            )
            for category, limit in watched.items()
            for level in LEVELS
        )
        if watched:
            self.alarms += (self._throttled(topic, tuple(watched)),)

    def _throttled(self, topic: sns.ITopic, categories: Sequence[str]) -> cloudwatch.Alarm:
        counts = {f"m{place}": usage("ThrottleCount", category) for place, category in enumerate(categories)}
        return new_alarm(
            self,
            "Throttled",
            topic=topic,
            metric=cloudwatch.MathExpression(
                # Without a call, a category has no data, and a sum with no data has none either.
                expression=" + ".join(f"FILL({name}, 0)" for name in counts),
                using_metrics=dict(counts),
                label="Throttled calls",
                period=PERIOD,
            ),
            threshold=1,
            description="Cognito throttled calls of the account in this Region: a quota is used up",
        )
