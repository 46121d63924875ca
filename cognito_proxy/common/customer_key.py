"""What a customer-managed key has to allow for each service that encrypts with it.

A key that is made in the app gets these statements by itself. One that is imported must have them already: CDK cannot
change its policy, and says nothing. docs/keys.md lists them.
"""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import IConstruct


def allow_logs(scope: IConstruct, key: kms.IKey | None) -> None:
    """Let CloudWatch Logs encrypt log groups of the account, in the Region of `scope`, with `key`. None: nothing to do.

    The log group cannot be named: it needs the key first.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    if key is None:
        return
    stack = Stack.of(scope)
    any_group = stack.format_arn(service="logs", resource="log-group:*")
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LogGroups",
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": any_group}},
        )
    )


def allow_alarms(scope: IConstruct, key: kms.IKey) -> None:
    """Let CloudWatch publish alarms of the account to a topic that `key` encrypts.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html (Enable compatibility between event sources)
    """
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            principals=[
                iam.ServicePrincipal(
                    "cloudwatch.amazonaws.com",
                    conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
                )
            ],
            resources=["*"],
        )
    )


def allow_cloudfront_log(key: kms.IKey) -> None:
    """Let CloudFront write its standard log (legacy) into a bucket that `key` encrypts.

    The developer guide gives this statement without a condition, and says of no other principal that it would do:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
    """
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudFrontLog",
            actions=["kms:GenerateDataKey*"],
            principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
            resources=["*"],
        )
    )


def through(service: str, scope: IConstruct, key: kms.IKey, *, actions: Sequence[str]) -> iam.PolicyStatement:
    """A statement for a role: `key` may be used by `service` (such as `dynamodb`) for the role, and in no other way.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    return iam.PolicyStatement(
        actions=list(actions),
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"{service}.{Stack.of(scope).region}.amazonaws.com"}},
    )


TABLE_ACTIONS = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What who reads and writes an encrypted table needs, through `dynamodb`:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""

QUEUE_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
"""What who sends to an encrypted queue or topic needs, through `sqs` or `sns`:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"""
