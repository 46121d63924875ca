"""What the table's construct and its readers agree upon; apart from them, since the construct must not need boto3."""

from typing import Final

PARTITION_KEY: Final = "ip_set"
SORT_KEY: Final = "address"

TABLE_TAG: Final = "cognito-proxy:ip-list-table"
"""The web ACL's tag that names the table."""
