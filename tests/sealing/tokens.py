"""Access tokens as Cognito makes them, as far as anybody here reads them: their signature is none."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

from sealing.key_document import KEY_LENGTH, KeyDocument, SealKey

POOL_ID = "eu-west-1_AbCdEf123"
CLIENT_ID = "1example23456789"
ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"
SCOPE = "aws.cognito.signin.user.admin"
NOW = 1_800_000_000.0
KEYS = KeyDocument(key=SealKey.of("a" * KEY_LENGTH))
OTHER_KEYS = KeyDocument(key=SealKey.of("b" * KEY_LENGTH))


def claims(**more: Any) -> dict[str, Any]:
    """Those of an access token, by the developer guide's example; `None` takes one away."""
    said = {
        "sub": "aaaaaaaa-bbbb-cccc-dddd-example",
        "device_key": "eu-west-1_aaaa",
        "cognito:groups": ["testers"],
        "iss": ISSUER,
        "client_id": CLIENT_ID,
        "origin_jti": "origin-of-jane",
        "event_id": "event",
        "token_use": "access",
        "scope": SCOPE,
        "auth_time": int(NOW) - 10,
        "exp": int(NOW) + 3600,
        "iat": int(NOW) - 10,
        "jti": "id-of-the-token",
        "username": "jane",
        "tenant": {"name": "sentinel-of-a-trigger"},
    } | more
    return {name: value for name, value in said.items() if value is not None}


def token(**more: Any) -> str:
    """A token that says so."""
    header = {"kid": "key-of-the-pool", "alg": "RS256"}
    return ".".join([_part(json.dumps(header)), _part(json.dumps(claims(**more))), _part("no signature" * 20)])


def fresh_token(**more: Any) -> str:
    """One that is valid now, by the clock on the wall."""
    return token(**({"exp": int(time.time()) + 3600, "iat": int(time.time())} | more))


def _part(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")
