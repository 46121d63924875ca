"""AWS Signature Version 4, for header-signed requests. The functions are named after the specification's steps.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from os import environ
from typing import NamedTuple
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """Temporary or permanent credentials."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        """Without what must not end up in a log."""
        return "Credentials(…)"

    @classmethod
    def from_environment(cls) -> Credentials | None:
        """The function's role, read anew each time since Lambda may rotate it under a warm function."""
        access_key_id = environ.get("AWS_ACCESS_KEY_ID")
        secret_access_key = environ.get("AWS_SECRET_ACCESS_KEY")
        if not access_key_id or not secret_access_key:
            return None
        return cls(access_key_id, secret_access_key, environ.get("AWS_SESSION_TOKEN") or None)


class Signable(NamedTuple):
    """The parts of a request that are signed."""

    headers: Mapping[str, str]
    """Lower-case names; all of them are signed, and `host` must be among them."""
    body: bytes
    method: str = "POST"
    path: str = "/"
    """Not percent-encoded, without dot segments."""
    query: Sequence[tuple[str, str]] = ()
    """Names and values, not percent-encoded."""


def sign(request: Signable, *, credentials: Credentials, region: str, service: str, now: float) -> dict[str, str]:
    """The headers to add to the request: `x-amz-date`, `authorization`, and `x-amz-security-token` where there is one.

    Args:
        now: seconds since the epoch.
    """
    timestamp = _timestamp(int(now))
    added = {"x-amz-date": timestamp}
    if credentials.session_token:
        added["x-amz-security-token"] = credentials.session_token
    headers = sorted({**request.headers, **added}.items())
    signed_headers = ";".join([name for name, _ in headers])
    date = timestamp[:8]
    scope = f"{date}/{region}/{service}/aws4_request"
    to_sign = string_to_sign(canonical_request(request, headers, signed_headers), timestamp=timestamp, scope=scope)
    key = signing_key(credentials.secret_access_key, date, region, service)
    signature = digest(key, to_sign.encode(), "sha256").hex()
    added["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, "
        f"SignedHeaders={signed_headers}, Signature={signature}"
    )
    return added


@lru_cache(maxsize=1)
def _timestamp(second: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


def canonical_request(request: Signable, headers: Sequence[tuple[str, str]], signed_headers: str) -> str:
    """Method, path, query, headers and the body's hash, each on its line. `headers` are sorted by name."""
    lines = [request.method, _quoted_path(request.path), canonical_query(request.query)]
    lines += [f"{name}:{' '.join(value.split())}" for name, value in headers]
    lines += ["", signed_headers, sha256(request.body).hexdigest()]
    return "\n".join(lines)


@lru_cache(maxsize=8)
def _quoted_path(path: str) -> str:
    return quote(path, safe="/-_.~")


def canonical_query(query: Sequence[tuple[str, str]]) -> str:
    """Encoded names and values, in the order of the encoded names."""
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query))


def string_to_sign(canonical: str, *, timestamp: str, scope: str) -> str:
    """What the key signs: algorithm, time, scope and the canonical request's hash."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"


@lru_cache(maxsize=8)
def signing_key(secret_access_key: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, Region and service."""
    key = f"AWS4{secret_access_key}".encode()
    for part in (date, region, service, "aws4_request"):
        key = digest(key, part.encode(), "sha256")
    return key
