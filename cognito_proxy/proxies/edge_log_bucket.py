"""Where CloudFront writes its access log."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.common.access_log import log_access
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.customer_key import allow_cloudfront_log


def edge_log_bucket(
    scope: Construct,
    *,
    retention: Duration,
    encryption_key: kms.IKey | None = None,
    access_log_bucket: s3.IBucket | None = None,
) -> s3.Bucket:
    """Make `LogBucket` in `scope`: private, encrypted, TLS only; what is older than `retention` goes.

    With `encryption_key`, S3 asks KMS for one key for many files (bucket key). Who reads the log needs that key, too.
    """
    if encryption_key is not None:
        allow_cloudfront_log(encryption_key)
    bucket = s3.Bucket(
        scope,
        "LogBucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        # Standard logging writes with a grant of its own and knows no other kind of encryption without more rights:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
        encryption=s3.BucketEncryption.S3_MANAGED if encryption_key is None else s3.BucketEncryption.KMS,
        encryption_key=encryption_key,
        bucket_key_enabled=None if encryption_key is None else True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(expiration=retention, abort_incomplete_multipart_upload_after=Duration.days(1))
        ],
        # A bucket with logs in it cannot be deleted.
        removal_policy=RemovalPolicy.RETAIN,
    )
    log_access(bucket, access_log_bucket, prefix="cloudfront-log/")
    if access_log_bucket is None:
        acknowledge(bucket, {"S1": "It is the log bucket; a log of who reads the log would need one, too."})
    return bucket
