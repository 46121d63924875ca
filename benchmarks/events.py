"""The call that is measured, as each carrier of it describes it: the first step of a sign-in over SRP.

The events are written out, though the tests have the like: a cold start imports this module, and with it nothing that
would be measured, too.
"""

import json
from base64 import b64encode
from typing import Any

from benchmarks.upstream import CLIENT_ID

REGION = "eu-west-1"
USER_POOL_ID = "eu-west-1_Benchmark"
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:111122223333:secret:benchmark-AbCdEf"
ORIGIN = "https://app.example.com"

SETTINGS = json.dumps(
    {
        "region": REGION,
        "user_pool_id": USER_POOL_ID,
        "clients": {CLIENT_ID: {"secret_arn": SECRET_ARN}},
        "allowed_origins": [ORIGIN],
    }
)

BODY = json.dumps(
    {
        "AuthFlow": "USER_SRP_AUTH",
        "ClientId": CLIENT_ID,
        "AuthParameters": {"USERNAME": "someone@example.com", "SRP_A": "a" * 768},
        "ClientMetadata": {},
    }
).encode()

HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Content-Type": "application/x-amz-json-1.1",
    "Host": "abcdefghij.execute-api.eu-west-1.amazonaws.com",
    "Origin": ORIGIN,
    "Referer": f"{ORIGIN}/",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    "X-Amzn-Trace-Id": "Root=1-00000000-000000000000000000000000",
    "X-Forwarded-For": "192.0.2.10",
    "amz-sdk-invocation-id": "00000000-0000-4000-8000-000000000000",
    "amz-sdk-request": "attempt=1; max=3",
    "cache-control": "no-store",
    "x-amz-user-agent": "aws-amplify/6.22.1 auth/1 framework/1",
}


def regional_event() -> dict[str, Any]:
    """As API Gateway gives it to the function."""
    return {
        "httpMethod": "POST",
        "path": "/",
        "headers": HEADERS,
        "multiValueHeaders": {name: [value] for name, value in HEADERS.items()},
        "requestContext": {"requestId": "r-1", "path": "/prod/", "identity": {"sourceIp": "192.0.2.10"}},
        "body": b64encode(BODY).decode(),
        "isBase64Encoded": True,
    }


def regional_call(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """Another operation's, likewise."""
    target = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    headers = HEADERS | target
    return regional_event() | {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": b64encode(json.dumps(body).encode()).decode(),
    }


def refresh_event() -> dict[str, Any]:
    """A refresh, whose answer has an access token."""
    return regional_call("GetTokensFromRefreshToken", {"ClientId": CLIENT_ID, "RefreshToken": "r" * 1800})


def edge_event(**settings: object) -> dict[str, Any]:
    """As CloudFront gives it to the function on an origin request; with settings of its own, by their names."""
    host = f"cognito-idp.{REGION}.amazonaws.com"
    document = json.dumps(json.loads(SETTINGS) | settings)
    headers = HEADERS | {"Host": host, "Via": "2.0 example.cloudfront.net (CloudFront)"}
    request = {
        "clientIp": "192.0.2.10",
        "method": "POST",
        "uri": "/",
        "querystring": "",
        "headers": {name.lower(): [{"key": name, "value": value}] for name, value in headers.items()},
        "body": {
            "inputTruncated": False,
            "action": "read-only",
            "encoding": "base64",
            "data": b64encode(BODY).decode(),
        },
        "origin": {
            "custom": {
                "customHeaders": {
                    "x-proxy-settings": [
                        {"key": "x-proxy-settings", "value": b64encode(document.encode()).decode()},
                    ]
                },
                "domainName": host,
                "keepaliveTimeout": 30,
                "path": "",
                "port": 443,
                "protocol": "https",
                "readTimeout": 20,
                "sslProtocols": ["TLSv1.2"],
            }
        },
    }
    config = {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "origin-request",
        "requestId": "benchmark-request-id==",
    }
    return {"Records": [{"cf": {"config": config, "request": request}}]}
