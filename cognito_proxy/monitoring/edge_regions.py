"""Where a function at the edge may run."""

EDGE_CACHE_REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "sa-east-1",
)
"""Regions of CloudFront's regional edge caches, of which one near the viewer runs an origin-request function, and keeps
its log and metrics: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html and
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html. AWS adds to them; a Region
that is missing here is missing on the dashboard, and nowhere else."""
