"""What the table's construct and its readers agree upon; apart from them, since the construct must not need boto3."""

PARTITION_KEY = "ip_set"
SORT_KEY = "address"

TABLE_TAG = "cognito-proxy:ip-list-table"
"""The web ACL's tag that names the table."""
