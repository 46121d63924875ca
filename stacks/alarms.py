"""Who is told of alarms, as the flags say."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cognito_proxy import AppClient, ProxyAlarms
from cognito_proxy.proxies.alarm_topic import alarm_topic
from cognito_proxy.proxies.sign_in_proxy import SignInProxy
from stacks.flags import AppFlags


def proxy_alarms(scope: Construct, flags: AppFlags, proxy: SignInProxy) -> sns.Topic | None:
    """Make the proxy's alarms. Gives their topic; None without `alarm_email`."""
    if flags.alarm_email is None:
        return None
    return ProxyAlarms(scope, "Alarms", proxy=proxy, email=flags.alarm_email).topic


def rotation_topic(scope: Construct, flags: AppFlags) -> sns.Topic | None:
    """A topic for failed rotations alone, where the proxy's own is in another Region: CloudWatch publishes within its
    Region only. None without `alarm_email` or without `rotation_days`."""
    if flags.alarm_email is None or flags.rotation_days is None:
        return None
    return alarm_topic(Construct(scope, "RotationAlarms"), email=flags.alarm_email)


def tell_of_failed_rotations(topic: sns.Topic | None, clients: Mapping[str, AppClient]) -> None:
    """Let the alarms of the app clients' rotations publish to the topic, if there is one."""
    for client in clients.values():
        if topic is not None and client.secret_rotation is not None:
            client.secret_rotation.alarm.add_alarm_action(actions.SnsAction(topic))
