"""What went over the wire at one point, without anything that may not be told. Read it from any thread."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from local.messages import HttpRequest, HttpResponse
from local.redaction import redacted

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
"""What stands before the operation in X-Amz-Target."""

_CAPACITY = 2_000


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request and how it was answered."""

    operation: str
    """Name of the Cognito operation; empty for a request without one (a preflight, for instance)."""
    method: str
    status: int
    error_type: str
    """`__type` of the answer; empty when it has none."""
    header_names: tuple[str, ...]
    """Lower-case, in the order in which they came."""
    signed: bool
    """Whether it carried AWS credentials (an Authorization header with a SigV4 signature)."""
    source_ip: str
    forwarded_for: str
    """X-Forwarded-For; empty without one."""
    body: Any = field(repr=False)
    """The redacted request document; None when it is no JSON."""
    answer: Any = field(repr=False)
    """The redacted answer; None when it is no JSON."""


class Journal:
    """The latest 2,000 calls. Values of credentials, codes and tokens never enter it."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_CAPACITY)
        self._lock = threading.Lock()

    def record(self, request: HttpRequest, response: HttpResponse) -> None:
        """Remember a call, redacted."""
        answer = _document(response.body)
        call = Call(
            operation=operation_of(request),
            method=request.method,
            status=response.status,
            error_type=str(answer.get("__type", "")) if isinstance(answer, dict) else "",
            header_names=tuple(name.lower() for name, _ in request.headers),
            signed=(request.header("authorization") or "").startswith("AWS4-HMAC-SHA256"),
            source_ip=request.client_ip,
            forwarded_for=request.header("x-forwarded-for") or "",
            body=redacted(_document(request.body)),
            answer=redacted(answer),
        )
        with self._lock:
            self._calls.append(call)

    def calls(self, operation: str | None = None) -> tuple[Call, ...]:
        """The calls so far, oldest first. Default: of every operation."""
        with self._lock:
            calls = tuple(self._calls)
        return tuple(call for call in calls if operation in (None, call.operation))

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()


def operation_of(request: HttpRequest) -> str:
    """The operation that X-Amz-Target names; empty without one of Cognito's."""
    target = request.header("x-amz-target") or ""
    return target.removeprefix(TARGET_PREFIX) if target.startswith(TARGET_PREFIX) else ""


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
