"""One call from end to end: decide, have the secret at hand, send, and hand Cognito's answer back.

Used by the regional adapter. The edge adapter shares the first half only, since CloudFront does the sending.
"""

from __future__ import annotations

from typing import NamedTuple

from proxy.awsjson import AwsJsonClient, CallRefused, error_type
from proxy.connection import ConnectionFailed, DeadlinePassed, Response
from proxy.cors import cors_headers
from proxy.decide import decide, refuse
from proxy.errors import Internal, UpstreamTimeout, UpstreamUnavailable
from proxy.log import write_problem
from proxy.messages import Forward, NeedSecret, Request, Respond
from proxy.secret_cache import SecretCache, SecretUnavailable
from proxy.secret_store import SecretStore
from proxy.settings import Settings, SettingsError

RELAYED_HEADERS = ("content-type", "x-amzn-requestid", "x-amzn-errortype", "x-amzn-errormessage")
"""What the client gets of Cognito's response headers; all else concerns the connection between the two of us."""

_HASH_REFUSED = b"Unable to verify secret hash"


class Rules(NamedTuple):
    """The core with its secrets: all that both variants need."""

    settings: Settings
    secrets: SecretCache

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """With an empty cache in front of Secrets Manager."""
        store = SecretStore(settings.replica_regions)
        cache = SecretCache(settings.clients, store.read, ttl_seconds=settings.secret_ttl_seconds, report=write_problem)
        return cls(settings, cache)

    def decide(self, request: Request, *, deadline: float) -> Forward | Respond:
        """Decide, fetching the secret if the decision waits for it."""
        decision = decide(request, self.settings, self.secrets)
        if isinstance(decision, NeedSecret):
            try:
                self.secrets.fetch(decision.client_id, deadline=deadline)
            except SecretUnavailable:
                return refuse(Internal("The proxy has no access to its secret."), request, self.settings)
            decision = decide(request, self.settings, self.secrets)
        if isinstance(decision, NeedSecret):  # its time to live is shorter than a decision
            return refuse(Internal("The proxy has no access to its secret."), request, self.settings)
        return decision


class Service:
    """The regional proxy without its event format."""

    def __init__(self, settings: Settings) -> None:
        self._rules = Rules.of(settings)
        self.settings = settings
        self._cognito = AwsJsonClient("cognito-idp", settings.region)

    def answer(self, request: Request, *, deadline: float) -> Respond:
        """What the client gets. `deadline` is in seconds of `time.monotonic()`."""
        decision = self._rules.decide(request, deadline=deadline)
        if isinstance(decision, Respond):
            return decision
        try:
            response = self._send(decision, deadline)
            if _refuses_hash(response) and self._have_fresh_secret(decision, deadline):
                again = self._rules.decide(request, deadline=deadline)
                response = self._send(again, deadline) if isinstance(again, Forward) else response
        except (ConnectionFailed, CallRefused) as error:
            write_problem(f"Cognito: {error}")
            return refuse(_as_seen_by_client(error), request, self.settings)
        return self._relay(response, request)

    def _send(self, forward: Forward, deadline: float) -> Response:
        return self._cognito.send(dict(forward.headers), forward.body, deadline=deadline)

    def _have_fresh_secret(self, forward: Forward, deadline: float) -> bool:
        return forward.client_id is not None and self._rules.secrets.refetch(forward.client_id, deadline=deadline)

    def _relay(self, response: Response, request: Request) -> Respond:
        headers = {name: response.headers[name] for name in RELAYED_HEADERS if name in response.headers}
        headers |= cors_headers(request.header("origin"), self.settings)
        return Respond(status=response.status, headers=headers, body=response.body, outcome=_outcome(response))


def failure(error: Exception, request: Request | None, settings: Settings | None, *, request_id: str) -> Respond:
    """The last line of defence: whatever went wrong, the client gets an answer that it understands, and the operator a
    line that says what it was."""
    known = isinstance(error, SettingsError)
    write_problem(str(error) if known else f"unexpected {type(error).__name__}", request_id=request_id)
    message = "The proxy is not configured correctly." if known else "Internal error."
    return refuse(Internal(message), request, settings)


def _refuses_hash(response: Response) -> bool:
    return response.status == 400 and _HASH_REFUSED in response.body and b"NotAuthorizedException" in response.body


def _outcome(response: Response) -> str:
    if response.status < 400:
        return "ok"
    return error_type(response.headers.get("x-amzn-errortype", "")) or f"HTTP{response.status}"


def _as_seen_by_client(error: Exception) -> Internal:
    if isinstance(error, DeadlinePassed):
        return UpstreamTimeout("Amazon Cognito did not answer in time.")
    return UpstreamUnavailable("Amazon Cognito could not be reached.")
