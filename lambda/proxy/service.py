"""One call from end to end: decide, have the secret at hand, send, and hand Cognito's answer back.

The edge adapter mostly uses the first half only, since CloudFront does the sending.
"""

from __future__ import annotations

import json

from proxy.awsjson import AwsJsonClient, CallRefused, error_type
from proxy.connection import ConnectionFailed, DeadlinePassed, Response
from proxy.cors import cors_headers
from proxy.decide import decide, refuse
from proxy.errors import Internal, UpstreamTimeout, UpstreamUnavailable
from proxy.log import write_problem
from proxy.messages import Forward, NeedSecret, Request, Respond
from proxy.secret_cache import SecretCache, SecretUnavailable
from proxy.secret_refusal import refuses_secret
from proxy.secret_store import SecretStore
from proxy.settings import Settings, SettingsError

RELAYED_HEADERS = ("content-type", "x-amzn-requestid", "x-amzn-errortype", "x-amzn-errormessage")
"""What the client gets of Cognito's response headers; all else concerns the connection between the two of us."""

_ROLE_ERRORS = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
"""What AWS says of a signature or of the role behind it: never the client's fault.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html"""


class Service:
    """The proxy without an event format. One lives as long as the execution environment does."""

    def __init__(self, settings: Settings) -> None:
        """With an empty cache in front of Secrets Manager, and no connection yet."""
        self.settings = settings
        self._store = SecretStore(settings.replica_regions)
        self._secrets = SecretCache(
            settings.clients, self._store.read, ttl_seconds=settings.secret_ttl_seconds, report=write_problem
        )
        self._cognito = AwsJsonClient("cognito-idp", settings.region)

    def answer(self, request: Request, *, deadline: float) -> Respond:
        """What the client gets. `deadline` is in seconds of `time.monotonic()`."""
        decision = self.decide(request, deadline=deadline)
        return decision if isinstance(decision, Respond) else self.carry(decision, request, deadline=deadline)

    def decide(self, request: Request, *, deadline: float) -> Forward | Respond:
        """Decide, fetching the secret if the decision waits for it."""
        decision = decide(request, self.settings, self._secrets)
        if isinstance(decision, NeedSecret):
            try:
                self._secrets.fetch(decision.client_id, deadline=deadline)
            except SecretUnavailable:
                return self._without_secret(request)
            decision = decide(request, self.settings, self._secrets)
        # A time to live that is shorter than a decision leaves it waiting still.
        return self._without_secret(request) if isinstance(decision, NeedSecret) else decision

    def carry(self, forward: Forward, request: Request, *, deadline: float) -> Respond:
        """Send a call to Cognito and hand its answer back; once more with a fresh secret if Cognito refused ours."""
        try:
            response = self._send(forward, deadline)
            if self._have_fresh_secret(forward, response, deadline):
                again = self.decide(request, deadline=deadline)
                response = self._send(again, deadline) if isinstance(again, Forward) else response
        except (ConnectionFailed, CallRefused) as error:
            write_problem(f"Cognito: {error}")
            return refuse(_as_seen_by_client(error), request, self.settings)
        if forward.signed and _type_of(response) in _ROLE_ERRORS:
            return self._refused_role(forward, response, request)
        return self._relay(response, request)

    def close(self) -> None:
        """Close the connections that idle."""
        self._store.close()
        self._cognito.close()

    def _send(self, forward: Forward, deadline: float) -> Response:
        return self._cognito.send(dict(forward.headers), forward.body, deadline=deadline, signed=forward.signed)

    def _have_fresh_secret(self, forward: Forward, response: Response, deadline: float) -> bool:
        """Whether Cognito refused the secret in this call, and a fresh one could be had."""
        if forward.client_id is None or not refuses_secret(forward.operation, response.status, response.body):
            return False
        return self._secrets.refetch(forward.client_id, deadline=deadline)

    def _without_secret(self, request: Request) -> Respond:
        return refuse(Internal("The proxy has no access to its secret."), request, self.settings)

    def _refused_role(self, forward: Forward, response: Response, request: Request) -> Respond:
        """Cognito's own text names the role; that is for the operator, and so is what it lacks."""
        write_problem(f"Cognito: {_type_of(response)}: the function's role needs cognito-idp:{forward.operation}")
        return refuse(Internal("The proxy may not make this call."), request, self.settings)

    def _relay(self, response: Response, request: Request) -> Respond:
        headers = {name: response.headers[name] for name in RELAYED_HEADERS if name in response.headers}
        headers |= cors_headers(request.header("origin"), self.settings)
        outcome = "ok" if response.status < 400 else _type_of(response) or f"HTTP{response.status}"
        return Respond(status=response.status, headers=headers, body=response.body, outcome=outcome)


def failure(error: Exception, request: Request | None, settings: Settings | None, *, request_id: str) -> Respond:
    """The last line of defence: whatever went wrong, the client gets an answer that it understands, and the operator a
    line that says what it was."""
    known = isinstance(error, SettingsError)
    write_problem(str(error) if known else f"unexpected {type(error).__name__}", request_id=request_id)
    message = "The proxy is not configured correctly." if known else "Internal error."
    return refuse(Internal(message), request, settings)


def _type_of(response: Response) -> str:
    """The error's type, from the header or, where that is missing, from the body; empty for a success."""
    if response.status < 400:
        return ""
    named = response.headers.get("x-amzn-errortype")
    if named is None:
        try:
            named = str(json.loads(response.body).get("__type", ""))
        except (ValueError, AttributeError, RecursionError):
            named = ""
    return error_type(named)


def _as_seen_by_client(error: Exception) -> Internal:
    if isinstance(error, DeadlinePassed):
        return UpstreamTimeout("Amazon Cognito did not answer in time.")
    return UpstreamUnavailable("Amazon Cognito could not be reached.")
