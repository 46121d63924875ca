"""What reviewers ask for, as the flags say: a key of the account's own, and a log of who reads the logs."""

from aws_cdk import Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge
from stacks.flags import AppFlags, Variant

_KEPT_FOR = Duration.days(90)


def customer_key(scope: Construct, flags: AppFlags) -> kms.Key | None:
    """Make the stack's one key; None without the flag."""
    if not flags.customer_key:
        return None
    return kms.Key(
        scope,
        "CustomerKey",
        description="What the sign-in proxy keeps: secrets, logs, tables, topics, environments",
        enable_key_rotation=True,
        # It stays with what it encrypted and what stays, too; but not where a first deployment fails.
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )


class CustomerKeyStack(Stack):
    """The edge's key, before the pool's stack makes a replica of a secret there."""

    key: kms.Key | None

    def __init__(self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="Key of the sign-in proxy, edge variant",
            termination_protection=not flags.demonstration,
        )
        self.key = customer_key(self, flags)


def access_log_bucket(scope: Construct, flags: AppFlags) -> s3.Bucket | None:
    """Make the bucket to which S3 logs who reads the other buckets; None without the flag."""
    # A regional proxy logs to no bucket; queries over a trail keep their results in one.
    buckets = flags.variant is Variant.EDGE or flags.trail_bucket is not None
    if not flags.bucket_access_log or not buckets:
        return None
    bucket = s3.Bucket(
        scope,
        "BucketAccessLog",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        # S3 delivers such logs to buckets with S3's own keys only:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        encryption=s3.BucketEncryption.S3_MANAGED,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(expiration=_KEPT_FOR, abort_incomplete_multipart_upload_after=Duration.days(1))
        ],
        # A bucket with logs in it cannot be deleted.
        removal_policy=RemovalPolicy.RETAIN,
    )
    acknowledge(bucket, {"S1": "It is where S3 logs; a log of its own would log itself, for ever."})
    return bucket
