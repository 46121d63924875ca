"""One call from end to end: decide, have the secret at hand, send, and hand Cognito's answer back.

The edge adapter mostly uses the first half only, since CloudFront does the sending.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from proxy.awsjson import AwsJsonClient, CallRefused, error_type
from proxy.call import Call
from proxy.connection import ConnectionFailed, DeadlinePassed, Response
from proxy.cors import cors_headers
from proxy.decide import prove, read_or_refuse, refuse
from proxy.errors import (
    Internal,
    Misconfigured,
    NoSecret,
    NotPermitted,
    ProxyError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from proxy.messages import Forward, NeedSecret, Onward, Request, Respond
from proxy.pseudonyms import Pseudonyms
from proxy.reading import Reading, operation_of
from proxy.secret_cache import SecretCache, SecretUnavailable
from proxy.secret_refusal import refuses_secret
from proxy.secret_store import SecretStore
from proxy.settings import GENERATED, Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from proxy.after_answer import AfterAnswer
    from proxy.cognito_regions import CognitoRegions
    from proxy.interceptors import Interceptor
    from proxy.oauth.endpoints import OAuthEndpoints

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
        self._secrets = SecretCache(settings.clients, self._store.read, ttl_seconds=settings.secret_ttl_seconds)
        self._regions = self._new_regions() if settings.failover_regions else None
        self._cognito = AwsJsonClient("cognito-idp", settings.region)
        self._oauth: OAuthEndpoints | None = None if settings.oauth is None else self._new_oauth()
        self._after_answer: AfterAnswer | None = None
        self._interceptors: tuple[Interceptor, ...] = self._new_interceptors() if settings.interceptors else ()
        self._openers = tuple(self._methods("open"))
        self._rewriters = tuple(self._methods("rewrite"))
        if self._after_answer is not None:  # nothing can fail any more: each call will end with `release`
            self._after_answer.start()

    def answer(self, request: Request, call: Call, *, deadline: float) -> Respond:
        """What the client gets; what happened is noted in `call`. `deadline` is in seconds of `time.monotonic()`."""
        if self._oauth is not None and self._oauth.takes(request):
            return self._oauth.answer(request, call, deadline=deadline)
        reading = self._read(request, call, deadline)
        if isinstance(reading, Respond):
            return reading
        forward = self._prove(reading, call, deadline, connect=True)
        return forward if isinstance(forward, Respond) else self._carry(forward, reading, call, deadline)

    def answer_or_forward(self, request: Request, call: Call, *, deadline: float) -> Forward | Onward | Respond:
        """The same where CloudFront carries calls on: only what is signed, and is not to be signed in place, is sent
        from here."""
        if self._oauth is not None and self._oauth.takes(request):
            return self._oauth.answer_or_forward(request, call, deadline=deadline)
        reading = self._read(request, call, deadline)
        if isinstance(reading, Respond):
            return reading
        forward = self._prove(reading, call, deadline)
        if isinstance(forward, Forward) and forward.signed and self.settings.edge_admin_calls == GENERATED:
            return self._carry(forward, reading, call, deadline)
        if self._regions is not None and isinstance(forward, Forward):
            return self._placed(forward, reading, call, self._regions)
        return forward

    def pseudonyms(self, call: Call) -> Pseudonyms | None:
        """The hashes for the call's line in the log, as far as secrets are in memory: none is fetched for them."""
        return self._secrets.pseudonyms(call.client_id)

    def connect(self, *, deadline: float) -> None:
        """Have a connection to Cognito at hand before the first call; `proxy.warm` asks for it.

        Raises:
            ConnectionFailed: see `Endpoint.post`.
        """
        (self._regions or self._cognito).open(deadline=deadline)

    def prefetch(self, client_id: str, *, deadline: float) -> None:
        """Have a secret at hand before the first call; `proxy.warm` asks for it.

        Raises:
            SecretUnavailable: see `SecretCache.prefetch`.
        """
        self._secrets.prefetch(client_id, deadline=deadline)

    def warm_ups(self) -> list[Callable[[float], None]]:
        """What interceptors want to have at hand before the first call: each that has a method `warm(deadline)`."""
        return list(self._methods("warm"))

    def release(self, invocation: str) -> None:
        """The answer is ready: what need not be done before it may be done now. `invocation` is Lambda's id of it."""
        if self._after_answer is not None:
            self._after_answer.release(invocation)

    def close(self) -> None:
        """Close the connections that idle."""
        self._store.close()
        (self._regions or self._cognito).close()
        if self._oauth is not None:
            self._oauth.close()
        for interceptor in self._interceptors:
            interceptor.close()

    def _new_oauth(self) -> OAuthEndpoints:
        from proxy.oauth.endpoints import OAuthEndpoints  # noqa: PLC0415 - what is off costs no cold start anything

        return OAuthEndpoints(self.settings, self._secrets, self._have_secret)

    def _methods(self, name: str) -> Iterator[Callable[..., Any]]:
        """Those of the interceptors that have such a method, which none must have."""
        found = (getattr(interceptor, name, None) for interceptor in self._interceptors)
        return (method for method in found if method is not None)

    def _new_regions(self) -> CognitoRegions:
        from proxy.cognito_regions import CognitoRegions  # noqa: PLC0415 - what is off costs no cold start anything

        return CognitoRegions(self.settings)

    def _new_interceptors(self) -> tuple[Interceptor, ...]:
        from proxy.interceptors import Tools, interceptors_of  # noqa: PLC0415 - what is off costs no cold start anything

        tools = Tools(
            settings=self.settings, pseudonyms=self._shared_pseudonyms, after_answer=self._shared_after_answer
        )
        return interceptors_of(tools)

    def _shared_after_answer(self) -> AfterAnswer:
        if self._after_answer is None:
            from proxy.after_answer import AfterAnswer  # noqa: PLC0415 - as above

            self._after_answer = AfterAnswer()
        return self._after_answer

    def _shared_pseudonyms(self, call: Call, deadline: float) -> Pseudonyms | None:
        """Those of the first app client, whichever one calls: a user is the same to all of them."""
        client_id = next(iter(self.settings.clients))
        if self._secrets.get(client_id) is None:
            with contextlib.suppress(SecretUnavailable):  # an older one serves as well
                self._have_secret(client_id, call, deadline)
        return self._secrets.own_pseudonyms(client_id)

    def _read(self, request: Request, call: Call, deadline: float) -> Reading | Respond:
        """A call that passed the rules, and whoever stands around it by choice."""
        if self._openers:
            try:
                for opener in self._openers:
                    request = opener(request, call, deadline=deadline)
            except ProxyError as error:
                call.operation = operation_of(request)
                return refuse(error, request, self.settings)
        reading = read_or_refuse(request, self.settings, call)
        if self._regions is not None and isinstance(reading, Reading):
            self._regions.take_mark(reading)
        if self._interceptors and isinstance(reading, Reading):
            try:
                for interceptor in self._interceptors:
                    interceptor.before(reading, call, deadline=deadline)
            except ProxyError as error:
                return refuse(error, request, self.settings)
        return reading

    def _tell_interceptors(self, reading: Reading, call: Call, response: Response, deadline: float) -> None:
        """Cognito has answered: nothing that goes wrong from here on may cost the client its answer."""
        for interceptor in self._interceptors:
            try:
                interceptor.after(reading, call, response, deadline=deadline)
            except Exception as error:
                call.problems.append(f"{type(interceptor).__name__}: unexpected {type(error).__name__}")

    def _prove(self, reading: Reading, call: Call, deadline: float, *, connect: bool = False) -> Forward | Respond:
        """Add the proof, fetching the secret if it is not at hand; with `connect`, while a connection is opened."""
        decision = prove(reading, self.settings, self._secrets)
        if isinstance(decision, NeedSecret):
            if connect:
                self._connect_meanwhile(reading, deadline)
            try:
                self._have_secret(decision.client_id, call, deadline)
            except SecretUnavailable:
                return self._without_secret(reading.request)
            decision = prove(reading, self.settings, self._secrets)
        # A time to live that is shorter than a decision leaves it waiting still.
        return self._without_secret(reading.request) if isinstance(decision, NeedSecret) else decision

    def _connect_meanwhile(self, reading: Reading, deadline: float) -> None:
        if self._regions is None:
            self._cognito.open_meanwhile(deadline=deadline)
        else:
            self._regions.open_meanwhile(reading, deadline=deadline)

    def _placed(self, forward: Forward, reading: Reading, call: Call, regions: CognitoRegions) -> Forward | Respond:
        """With the Region to which CloudFront is to carry it."""
        try:
            return forward._replace(region=regions.place(forward, reading, call))
        except ProxyError as error:
            return refuse(error, reading.request, self.settings)

    def _carry(self, forward: Forward, reading: Reading, call: Call, deadline: float) -> Respond:
        """Send a call to Cognito and hand its answer back; once more with a fresh secret if Cognito refused ours."""
        request = reading.request
        try:
            response = self._send(forward, reading, call, deadline)
            if self._have_fresh_secret(forward, response, call, deadline):
                again = self._prove(reading, call, deadline)
                if isinstance(again, Forward):
                    call.retries += 1
                    response = self._send(again, reading, call, deadline)
        except (ConnectionFailed, CallRefused) as error:
            call.problems.append(f"Cognito: {error}")
            return refuse(_as_seen_by_client(error), request, self.settings)
        except ProxyError as error:  # said by who knows the Regions
            return refuse(error, request, self.settings)
        if self._interceptors:
            self._tell_interceptors(reading, call, response, deadline)
        if forward.signed and _type_of(response) in _ROLE_ERRORS:
            return self._refused_role(forward, response, request, call)
        try:
            for rewrite in self._rewriters:
                response = rewrite(reading, call, response, deadline=deadline)
        except ProxyError as error:
            return refuse(error, request, self.settings)
        return self._relay(response, request)

    def _send(self, forward: Forward, reading: Reading, call: Call, deadline: float) -> Response:
        if self._regions is not None:
            return self._regions.send(forward, reading, call, deadline=deadline)
        started = time.monotonic()
        try:
            return self._cognito.send(dict(forward.headers), forward.body, deadline=deadline, signed=forward.signed)
        finally:
            call.upstream_seconds = (call.upstream_seconds or 0.0) + time.monotonic() - started

    def _have_secret(self, client_id: str, call: Call, deadline: float) -> None:
        started = time.monotonic()
        try:
            self._secrets.fetch(client_id, deadline=deadline, report=call.problems.append)
        finally:
            call.secret_seconds = (call.secret_seconds or 0.0) + time.monotonic() - started

    def _have_fresh_secret(self, forward: Forward, response: Response, call: Call, deadline: float) -> bool:
        """Whether Cognito refused the secret in this call, and a fresh one could be had."""
        if forward.client_id is None or not refuses_secret(forward.operation, response.status, response.body):
            return False
        fresh = self._secrets.refetch(forward.client_id, deadline=deadline, report=call.problems.append)
        call.secret_refetches += fresh
        return fresh

    def _without_secret(self, request: Request) -> Respond:
        return refuse(NoSecret("The proxy has no access to its secret."), request, self.settings)

    def _refused_role(self, forward: Forward, response: Response, request: Request, call: Call) -> Respond:
        """Cognito's own text names the role; that is for the operator, and so is what it lacks."""
        call.problems.append(
            f"Cognito: {_type_of(response)}: the function's role needs cognito-idp:{forward.operation}"
        )
        return refuse(NotPermitted("The proxy may not make this call."), request, self.settings)

    def _relay(self, response: Response, request: Request) -> Respond:
        headers = {name: response.headers[name] for name in RELAYED_HEADERS if name in response.headers}
        headers |= cors_headers(request.header("origin"), self.settings)
        outcome = "ok" if response.status < 400 else _type_of(response) or f"HTTP{response.status}"
        return Respond(status=response.status, headers=headers, body=response.body, outcome=outcome)


def failure(error: Exception, request: Request | None, settings: Settings | None, call: Call) -> Respond:
    """The last line of defence: whatever went wrong, the client gets an answer that it understands, and the operator a
    line that says what it was."""
    if call.operation is None and request is not None:
        call.operation = operation_of(request)
    if isinstance(error, SettingsError):
        call.problems.append(str(error))
        return refuse(Misconfigured("The proxy is not configured correctly."), request, settings)
    call.problems.append(f"unexpected {type(error).__name__}")
    return refuse(Internal("Internal error."), request, settings)


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
