"""A topic that alarms of its Region can publish to."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cognito_proxy.common.customer_key import allow_alarms


def alarm_topic(scope: Construct, *, email: str | None = None, encryption_key: kms.IKey | None = None) -> sns.Topic:
    """Make `Topic` in `scope`, and its `Key` unless `encryption_key` is given.

    `email` is told of each message, once the address is confirmed. Default: - subscribe to the topic yourself.
    """
    cloudwatch_service = iam.ServicePrincipal(
        "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    )
    key = encryption_key or _own_key(scope)
    allow_alarms(scope, key)
    topic = sns.Topic(scope, "Topic", master_key=key, enforce_ssl=True)
    # A topic with a policy of its own has lost the default one, which let CloudWatch publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(actions=["sns:Publish"], principals=[cloudwatch_service], resources=[topic.topic_arn])
    )
    if email is not None:
        topic.add_subscription(subscriptions.EmailSubscription(email))
    return topic


def _own_key(scope: Construct) -> kms.Key:
    """A key of its own, because CloudWatch may not use the account's key `aws/sns`."""
    return kms.Key(
        scope,
        "Key",
        enable_key_rotation=True,
        description="Messages of the sign-in proxy's alarms",
        # It stays with messages that are still encrypted, but not where a first deployment fails: nobody would know it.
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
