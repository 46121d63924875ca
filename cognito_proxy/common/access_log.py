"""S3's log of who reads and writes a bucket."""

from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3


def log_access(bucket: s3.Bucket, target: s3.IBucket | None, *, prefix: str) -> None:
    """Let S3 log who uses `bucket` to `target`, below `prefix`. None: nothing to do.

    Not CDK's own property, which gives `target` an access control list unless the app has one of CDK's feature flags.
    A target that logged to itself would log its own log, for ever.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-general
    """
    if target is None:
        return
    resource = cast("s3.CfnBucket", bucket.node.default_child)
    resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
        destination_bucket_name=target.bucket_name, log_file_prefix=prefix
    )
    target.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:PutObject"],
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            resources=[target.arn_for_objects(f"{prefix}*")],
            conditions={
                "ArnLike": {"aws:SourceArn": bucket.bucket_arn},
                "StringEquals": {"aws:SourceAccount": Stack.of(bucket).account},
            },
        )
    )
