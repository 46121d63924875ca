"""Where CloudFront writes its access log."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge


def edge_log_bucket(scope: Construct, *, retention: Duration) -> s3.Bucket:
    """Make `LogBucket` in `scope`: private, encrypted, TLS only; what is older than `retention` goes."""
    bucket = s3.Bucket(
        scope,
        "LogBucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        # Standard logging writes with a grant of its own and knows no other kind of encryption without more rights:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
        encryption=s3.BucketEncryption.S3_MANAGED,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(expiration=retention, abort_incomplete_multipart_upload_after=Duration.days(1))
        ],
        # A bucket with logs in it cannot be deleted.
        removal_policy=RemovalPolicy.RETAIN,
    )
    acknowledge(bucket, {"S1": "It is the log bucket; a log of who reads the log would need one, too."})
    return bucket
