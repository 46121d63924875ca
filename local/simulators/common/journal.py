"""What went over the wire at one point, without anything that may not be told. Read it from any thread."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.simulators.common.http import HttpRequest, HttpResponse, TurnedAway, document_of
from local.simulators.common.redaction import redacted

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
"""What stands before the operation in X-Amz-Target."""

_CAPACITY = 2_000
_LONGEST_LABEL = 100

# "Unable to verify secret hash for client …", "Client … is configured with secret but SECRET_HASH was not received".
_PROOF_REFUSED = re.compile(r"Unable to verify secret hash|.{1,200} SECRET_HASH was not received$")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request and how it was answered."""

    operation: str
    """Name of the Cognito operation; empty for a request without one (a preflight, for instance)."""
    method: str
    status: int
    error_type: str
    """`__type` of the answer, or OAuth 2.0's `error`; empty when it has none."""
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
    began: float = 0.0
    """Seconds of `time.monotonic` when the request was there."""
    ended: float = 0.0
    """The same for the answer."""
    host: str = ""
    """The Host header."""
    origin: str = ""
    """The Origin header of a web page; empty without one."""
    invocation_id: str = ""
    """What AWS's SDKs call an invocation, the same for each of its attempts; empty without one."""
    proof_refused: bool = False
    """Whether Cognito missed the secret hash or the secret, or found it wrong."""
    refusal: str = ""
    """The answer's message where it may be told: a sentence of the proxy's own, when it refused. Empty otherwise."""
    oauth_path: str = ""
    """Of a request of OAuth 2.0 the path, without stage and query; else empty: other paths name what users keep."""
    turned_away: TurnedAway | None = None
    """Who answered in place of the proxy, and why. None: the proxy answered, or Cognito behind it."""


class Journal:
    """The latest 2,000 calls. Values of credentials, codes and tokens never enter it.

    `tellable` gives a message of an answer back if it may be told, else nothing. Default: none may, since it may quote
    a request.
    """

    def __init__(self, *, tellable: Callable[[str], str] = lambda _: "") -> None:
        self._tellable = tellable
        self._calls: deque[Call] = deque(maxlen=_CAPACITY)
        self._lock = threading.Lock()
        self._observer: Callable[[Call], None] | None = None
        self._watchers: tuple[Callable[[Call], None], ...] = ()

    def observe(self, observer: Callable[[Call], None]) -> None:
        """Tell `observer` every further call once it is answered, in the thread that records it: it must not wait."""
        self._observer = observer

    def watch(self, watcher: Callable[[Call], None]) -> None:
        """Tell one more for as long as the journal is kept, beside the observer. It must not wait either."""
        self._watchers += (watcher,)

    def record(self, request: HttpRequest, response: HttpResponse) -> None:
        """Remember a call, redacted."""
        answer = document_of(response.body)
        message = str(answer.get("message", "")) if isinstance(answer, dict) else ""
        call = Call(
            operation=operation_of(request),
            method=request.method,
            status=response.status,
            error_type=_error_type(answer),
            header_names=tuple(name.lower() for name, _ in request.headers),
            signed=(request.header("authorization") or "").startswith("AWS4-HMAC-SHA256"),
            source_ip=request.client_ip,
            forwarded_for=request.header("x-forwarded-for") or "",
            body=redacted(document_of(request.body)),
            answer=redacted(answer),
            began=request.arrived,
            ended=time.monotonic(),
            host=_label(request, "host"),
            origin=_label(request, "origin"),
            invocation_id=_label(request, "amz-sdk-invocation-id"),
            proof_refused=_PROOF_REFUSED.match(message) is not None,
            refusal=self._tellable(message),
            oauth_path=found[0] if (found := _OAUTH_PATH.search(request.path)) else "",
            turned_away=response.turned_away,
        )
        with self._lock:
            self._calls.append(call)
        for told in (*self._watchers, *([self._observer] if self._observer else [])):
            told(call)

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


_OAUTH_PATH = re.compile(
    r"/(oauth2/(authorize|token|revoke|userInfo)|\.well-known/(openid-configuration|jwks\.json)"
    r"|login|logout|signup|forgotPassword|passkeys/add)$"
)


def _error_type(answer: object) -> str:
    """Cognito's `__type`, or the `error` of OAuth 2.0 (RFC 6749, section 5.2)."""
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("__type") or answer.get("error") or "")


def _label(request: HttpRequest, name: str) -> str:
    return (request.header(name) or "")[:_LONGEST_LABEL]
