"""For boto3."""

import json

from cognito_proxy.client_config.configuration import Configuration
from cognito_proxy.client_config.proxy import Proxy


def boto3(proxy: Proxy) -> Configuration:
    """boto3: `endpoint_url`, its path included. What an app calls through the proxy needs no AWS credentials."""
    # https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html (Session.client)
    text = f"""\
import boto3

USER_POOL_ID = {json.dumps(proxy.user_pool_id)}
CLIENT_ID = {json.dumps(proxy.client_id)}

cognito = boto3.client(
    "cognito-idp",
    region_name={json.dumps(proxy.region)},
    endpoint_url={json.dumps(proxy.endpoint)},
)
"""
    return Configuration(text=text, remarks=("each call takes it: cognito.initiate_auth(ClientId=CLIENT_ID, …)",))
