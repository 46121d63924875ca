"""Proxies to make configurations for."""

from cognito_proxy.client_config.proxy import Proxy

POOL = "eu-west-1_AbCdEf123"
CLIENT = "1a2b3c4d5e6f7g8h9i0j1k2l3m"
REGIONAL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/"
EDGE = "https://d111111abcdef8.cloudfront.net/"
OWN = "https://auth.example.com/"
LOCAL = "http://127.0.0.1:18080/prod/"

ENDPOINTS = {"regional": REGIONAL, "edge": EDGE, "own": OWN, "local": LOCAL}


def proxy(endpoint: str = OWN) -> Proxy:
    """One at this endpoint."""
    return Proxy(endpoint=endpoint, region="eu-west-1", user_pool_id=POOL, client_id=CLIENT)
