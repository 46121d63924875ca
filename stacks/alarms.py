"""What is watched and who is told, as the flags say."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from cognito_proxy import AppClient, CognitoAlarms, Monitoring, ProxyAlarms
from cognito_proxy.proxies.alarm_topic import alarm_topic
from cognito_proxy.proxies.sign_in_proxy import SignInProxy
from stacks.flags import AppFlags


def watch_proxy(
    scope: Construct,
    flags: AppFlags,
    proxy: SignInProxy,
    clients: Mapping[str, AppClient],
    *,
    encryption_key: kms.IKey | None,
    rotations: Sequence[cloudwatch.Alarm] = (),
) -> None:
    """Watch the proxy, and `clients`, those of this stack: dashboard and alarms, or the alarms alone, or nothing.
    `rotations` are alarms of other rotations, of which the same people are told."""
    if flags.alarm_email is None and not flags.monitoring:
        return
    alarms = ProxyAlarms(scope, "Alarms", proxy=proxy, email=flags.alarm_email, encryption_key=encryption_key)
    for alarm in rotations:
        alarm.add_alarm_action(actions.SnsAction(alarms.topic))
    if flags.monitoring:
        Monitoring(scope, "Monitoring", proxy=proxy, proxy_alarms=alarms)
        return
    _tell_of_rotations(alarms.topic, clients)


def watch_pool(
    scope: Construct, flags: AppFlags, clients: Mapping[str, AppClient], *, encryption_key: kms.IKey | None
) -> None:
    """Watch what is in the pool's Region, where the proxy is in another: CloudWatch looks at, and publishes to, its
    own Region only."""
    if not flags.monitoring and (flags.alarm_email is None or flags.rotation_days is None):
        return
    # The id is older than what is in there besides, and stays: another topic would have to be confirmed again.
    place = Construct(scope, "RotationAlarms")
    topic = alarm_topic(place, email=flags.alarm_email, encryption_key=encryption_key)
    if flags.monitoring:
        CognitoAlarms(scope, "CognitoAlarms", topic=topic, app_clients=list(clients.values()))
        return
    _tell_of_rotations(topic, clients)


def _tell_of_rotations(topic: sns.ITopic, clients: Mapping[str, AppClient]) -> None:
    for client in clients.values():
        if client.secret_rotation is not None:
            client.secret_rotation.alarm.add_alarm_action(actions.SnsAction(topic))
