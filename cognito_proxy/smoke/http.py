"""Calls of the proxy, and of Cognito past it, without an SDK: a check says exactly what it sends."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "AWSCognitoIdentityProviderService."

_SECONDS = (5.0, 35.0)
"""For the connection, and for the answer: API Gateway gives up after 29, CloudFront after 30."""

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    """Names in lower case; every value of a header that came several times."""
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's value, of several the first."""
        values = self.headers.get(name, ())
        return values[0] if values else None

    @property
    def document(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is none."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    @property
    def error(self) -> str:
        """The error's type, without a namespace; empty if the body names none."""
        named = self.document.get("__type")
        return named.rpartition("#")[2].partition(":")[0] if isinstance(named, str) else ""

    @property
    def message(self) -> str:
        """Cognito's or the proxy's words."""
        told = self.document.get("message", self.document.get("Message"))
        return told if isinstance(told, str) else ""

    @property
    def has_cognitos_shape(self) -> bool:
        """Whether an SDK can show it as one of Cognito's errors: JSON with a type and a message."""
        return self.status >= 400 and bool(self.error) and isinstance(self.document.get("message"), str)

    @property
    def told(self) -> str:
        """Status and error for an evidence line. Never the body of a success, which may hold tokens."""
        if self.error:
            return f"{self.status} {self.error}: {one_line(self.message)}"
        return f"{self.status} without an error of Cognito's" if self.status >= 400 else str(self.status)


class NoAnswer(Exception):
    """No answer came; the message names the kind of failure only, since that of requests holds URLs and addresses."""


class Http:
    """One keeps its connections; ends with `close`.

    Raises:
        ModuleNotFoundError: requests is not installed. It is imported here, since no other command needs it.
    """

    def __init__(self, *, user_agent: str, through_proxies: bool) -> None:
        """`through_proxies` is whether HTTP_PROXY and the like count; a proxy on this machine is none's affair."""
        self._requests: Any = importlib.import_module("requests")
        self._session = self._requests.Session()
        self._session.trust_env = through_proxies
        self._session.headers.clear()
        self._session.headers.update({"User-Agent": user_agent, "Accept": "*/*"})

    def close(self) -> None:
        """End all connections."""
        self._session.close()

    def send(
        self, url: str, *, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send one request; redirects are not followed.

        Raises:
            NoAnswer: no answer came.
        """
        try:
            with self._session.request(
                method,
                url,
                headers=dict(headers or {}),
                data=body,
                timeout=_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _content(response.raw)
                raw = response.raw.headers
                return Answer(
                    status=response.status_code,
                    headers={name.lower(): tuple(raw.getlist(name)) for name in raw},
                    body=content,
                )
        except (self._requests.RequestException, OSError) as error:
            raise NoAnswer(type(error).__name__) from None

    def call(
        self,
        url: str,
        operation: str,
        body: Mapping[str, Any] | bytes,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call one of Cognito's operations with a document, or with bytes that may be none."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        own = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": TARGET_PREFIX + operation}
        return self.send(url, headers=own | dict(headers or {}), body=content)


def _content(raw: Any) -> bytes:
    """The body, as far as anything is looked at.

    Raises:
        OSError: it ended early.
    """
    try:
        content: bytes = raw.read(_MOST_BYTES, decode_content=True)
    except OSError:
        raise
    except Exception as error:
        # urllib3's own errors, which requests translates in its own reading only.
        raise OSError(type(error).__name__) from None
    return content


def one_line(text: str, *, most: int = 160) -> str:
    """A text of somebody else's for an evidence line."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
