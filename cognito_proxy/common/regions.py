"""Regions that AWS prescribes."""

EDGE_REGION = "us-east-1"
"""Where CloudFront takes functions, certificates and web ACLs from, and so where an edge proxy's stack is."""
