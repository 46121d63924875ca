"""The headers that CloudFront writes and that no function may change: its simulator keeps to them, and whoever stands
behind CloudFront has to expect them."""

READ_ONLY_HEADERS = (
    "accept-encoding",
    "cdn-loop",
    "content-length",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "transfer-encoding",
    "via",
)
"""Not to be added, changed or deleted in origin-request events (edge-function-restrictions-all)."""
