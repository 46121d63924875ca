"""Verifies AWS Signature Version 4 as AWS does, with botocore as the authority on the canonical form.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.simulators.common.http import HttpRequest

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)"
    r"/aws4_request, ?SignedHeaders=(?P<names>[^,\s]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_MOST_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """Who may sign, and for what."""

    keys: Mapping[str, Credentials]
    """By access key id."""
    region: str
    service: str = "cognito-idp"
    """Default: cognito-idp."""
    now: Callable[[], float] = time.time
    """Seconds since 1970. Default: the clock."""

    def problem(self, request: HttpRequest) -> str | None:
        """What is wrong with the signature of a request, without any value of it; None where it stands."""
        parts = _AUTHORIZATION.fullmatch(request.header("authorization") or "")
        if parts is None:
            return "the Authorization header is not one of AWS4-HMAC-SHA256"
        names = parts["names"].split(";")
        if unsigned := unsigned_headers(request, names):
            return f"not signed: {', '.join(unsigned)}"
        timestamp = request.header("x-amz-date") or ""
        if (parts["region"], parts["service"], parts["date"]) != (self.region, self.service, timestamp[:8]):
            return "the credential's scope is another Region, service or day"
        if abs(self.now() - _seconds(timestamp)) > _MOST_SECONDS:
            return "X-Amz-Date is not within five minutes of now"
        credentials = self.keys.get(parts["key"])
        if credentials is None or request.header("x-amz-security-token") != credentials.token:
            return "the access key is not known, or not with this session token"
        expected = self._signature(request, names, timestamp, credentials)
        return None if hmac.compare_digest(expected, parts["signature"]) else "the signature does not match"

    def _signature(self, request: HttpRequest, names: Sequence[str], timestamp: str, credentials: Credentials) -> str:
        query = f"?{request.query}" if request.query else ""
        url = f"https://{request.header('host')}{request.path}{query}"
        signed = AWSRequest(method=request.method, url=url, data=request.body)
        for name, value in request.headers:
            if name.lower() in names:
                signed.headers.add_header(name, value)
        signed.context["timestamp"] = timestamp
        signer = SigV4Auth(credentials, self.service, self.region)
        return str(signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed))


def unsigned_headers(request: HttpRequest, names: Sequence[str]) -> list[str]:
    """Headers that AWS wants signed, and that are not among the signed names: Host, Content-Type, every X-Amz-*."""
    present = {name.lower() for name, _ in request.headers}
    wanted = {name for name in present if name == "content-type" or name.startswith("x-amz-")} | {"host"}
    return sorted(wanted - set(names))


def _seconds(timestamp: str) -> float:
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0
