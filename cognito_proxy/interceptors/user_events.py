"""Events about users: who gets them, and what is needed for that."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.customer_key import QUEUE_ACTIONS, through
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.reach import Destination, Reach
from cognito_proxy.interceptors.made import Made, Watched, counted

_PERIOD = Duration.minutes(5)
_RETENTION = Duration.days(14)
"""The longest that SQS keeps a message:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"""


@dataclass(frozen=True, kw_only=True)
class MadeUserEvents(Made):
    """What `UserEvents` made."""

    bus: events.IEventBus
    """That the events go to."""

    undelivered: sqs.IQueue
    """Where those land that the bus does not take."""


@dataclass(frozen=True, kw_only=True)
class UserEvents:
    """Tell EventBridge of each call that changed something of a user, once Cognito accepted it: docs/events.md.

        RegionalProxy(self, "Proxy", app_clients=[client], events=UserEvents())

    Only a `RegionalProxy` can: at the edge Cognito's answer does not pass through the function.
    """

    bus: events.IEventBus | None = None
    """In the proxy's Region. Default: - a bus of the proxy's own (`proxy.event_bus`), so that no rule of somebody
    else's matches by accident, as it may on the account's default bus."""

    sign_ins: bool = False
    """Tell of sign-ins and refreshed tokens, too: many events, each charged. Default: False."""

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> MadeUserEvents:
        """Make `Events` in `scope`, with the queue and, where none is given, the bus.

        Raises:
            PropertyError: the bus is in another Region, where the function cannot send to it.
        """
        self._check_region(scope)
        room = Construct(scope, "Events")
        bus = self.bus or events.EventBus(
            room, "Bus", description="What changed of users, as a sign-in proxy saw it", kms_key=encryption_key
        )
        queue = _queue(room, encryption_key)

        def grant(function: lambda_.Function) -> None:
            bus.grant_put_events_to(function)
            queue.grant(function, "sqs:SendMessage")
            if encryption_key is not None:  # what a producer needs:
                # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
                function.add_to_role_policy(through("sqs", function, encryption_key, actions=QUEUE_ACTIONS))

        return MadeUserEvents(
            bus=bus,
            undelivered=queue,
            settings={
                "events": {"bus": bus.event_bus_arn, "queue": queue.queue_url}
                | ({"sign_ins": True} if self.sign_ins else {})
            },
            grant=grant,
            reaches=(
                Reach(destination=Destination.EVENTS, actions=("events:PutEvents",), resources=(bus.event_bus_arn,)),
                Reach(destination=Destination.SQS, actions=("sqs:SendMessage",), resources=(queue.queue_arn,)),
            ),
            watched=lambda function: _watched(function, queue),
        )

    def _check_region(self, scope: Construct) -> None:
        if self.bus is None:
            return
        own, other = Stack.of(scope).region, self.bus.env.region
        if not Token.is_unresolved(own) and not Token.is_unresolved(other) and own != other:
            raise PropertyError(
                f"bus must be in the proxy's Region, {own}, not in {other}; a rule there can pass events on"
            )


def _queue(room: Construct, encryption_key: kms.IKey | None) -> sqs.Queue:
    queue = sqs.Queue(
        room,
        "Undelivered",
        encryption=sqs.QueueEncryption.SQS_MANAGED if encryption_key is None else sqs.QueueEncryption.KMS,
        encryption_master_key=encryption_key,
        enforce_ssl=True,
        retention_period=_RETENTION,
        removal_policy=RemovalPolicy.DESTROY,
    )
    acknowledge(queue, {"SQS3": "It is itself where undelivered events go; nothing receives from it but people."})
    return queue


def _watched(function: lambda_.IFunction, queue: sqs.IQueue) -> Sequence[Watched]:
    return (
        Watched(
            alarm_id="EventFailures",
            metric=counted(function, "EventFailures"),
            what="had events that EventBridge did not take",
            threshold=1,
        ),
        Watched(
            alarm_id="UndeliveredEvents",
            metric=queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=_PERIOD),
            what="has undelivered events in their queue",
            threshold=1,
        ),
    )
