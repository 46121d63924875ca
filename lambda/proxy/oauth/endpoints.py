"""The endpoints from end to end: read a call, have the secret at hand, send, and hand the answer back.

The edge adapter uses the first half only, since CloudFront does the sending.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from os import environ
from typing import TYPE_CHECKING

from proxy.awsjson import endpoint_url
from proxy.connection import ConnectionFailed, DeadlinePassed, Endpoint, Response
from proxy.cors import cors_headers, preflight
from proxy.errors import ForbiddenOrigin, ProxyError
from proxy.messages import Onward, Request, Respond
from proxy.oauth.errors import (
    CONTENT_TYPE,
    DomainTimeout,
    DomainUnreachable,
    NoClientSecret,
    OAuthError,
    OriginNotAllowed,
    ServerError,
    oauth_error_body,
)
from proxy.oauth.keys import Keys
from proxy.oauth.requests import CACHED, Form, Place, prove, read
from proxy.oauth.routes import ROUTES, Action, Route
from proxy.oauth.settings import OAuthSettings, read_oauth_settings
from proxy.outcomes import SERVED
from proxy.secret_cache import SecretCache, SecretUnavailable
from proxy.settings import Settings, SettingsError

if TYPE_CHECKING:
    from proxy.call import Call

    HaveSecret = Callable[[str, Call, float], None]

DOMAIN_VARIABLE = "COGNITO_PROXY_DOMAIN_ORIGIN"
"""On a machine without AWS: where a stand-in of the user pool domain is, `http://127.0.0.1:1234`."""

PROXY_VARIABLE = "COGNITO_PROXY_OWN_ORIGIN"
"""Likewise: where browsers find the proxy."""

RELAYED_HEADERS = ("content-type", "www-authenticate", "x-amz-cognito-request-id")

_WRONG_SECRET = "invalid_client"  # noqa: S105 - an error of RFC 6749
_MAX_ANSWER_BYTES = 256 * 1024


class OAuthEndpoints:
    """Lives as long as the execution environment does, as part of its `Service`."""

    def __init__(self, settings: Settings, secrets: SecretCache, have_secret: HaveSecret) -> None:
        """
        Args:
            settings: with a part `oauth`.
            secrets: of the app clients.
            have_secret: fetches one; raises SecretUnavailable.

        Raises:
            SettingsError: the part is broken.
        """
        try:
            self._oauth: OAuthSettings = read_oauth_settings(settings.oauth or {})
        except ValueError as error:
            raise SettingsError(str(error)) from None
        self._settings = settings
        self._secrets = secrets
        self._have_secret = have_secret
        own = f"https://{self._oauth.domain}"
        self._origin = environ.get(DOMAIN_VARIABLE, own)
        self._own_origin = environ.get(PROXY_VARIABLE, "")
        self._domain = Endpoint(self._origin, longest_answer=_MAX_ANSWER_BYTES)
        self._cognito = Endpoint(endpoint_url("cognito-idp", settings.region), longest_answer=_MAX_ANSWER_BYTES)
        self._keys = Keys()

    def takes(self, request: Request) -> bool:
        """Whether the call is for one of these paths."""
        return request.route in ROUTES

    def answer(self, request: Request, call: Call, *, deadline: float) -> Respond:
        """What the client gets; what happened is noted in `call`. `deadline` is in seconds of `time.monotonic()`."""
        route = ROUTES[request.route]
        try:
            read_call = self._read(route, request, call)
            if isinstance(read_call, Respond):
                return self._with_cors(read_call, request)
            if isinstance(read_call, Onward) and route.action is Action.KEYS:
                return self._keys_answer(read_call, request, call, deadline)
            response = self._carry(read_call, request, call, deadline)
            return self._relay(response, request)
        except Exception as error:
            return self._refuse(error, request, call)

    def answer_or_forward(self, request: Request, call: Call, *, deadline: float) -> Onward | Respond:
        """The same where CloudFront carries calls on."""
        try:
            read_call = self._read(ROUTES[request.route], request, call)
            if isinstance(read_call, Form):
                return self._proved(read_call, call, deadline)
            return self._with_cors(read_call, request) if isinstance(read_call, Respond) else read_call
        except Exception as error:
            return self._refuse(error, request, call)

    def close(self) -> None:
        """Close the connections that idle."""
        self._domain.close()
        self._cognito.close()

    def _read(self, route: Route, request: Request, call: Call) -> Form | Onward | Respond:
        call.operation = route.operation
        if request.method == "OPTIONS":
            return self._granted(route, request)
        if self._own_origin:
            path = request.base.partition("://")[2].partition("/")[2]
            request = request._replace(base=f"{self._own_origin}/{path}".rstrip("/"))
        answer = read(Place(request.route, route, self._settings, self._oauth), request, call)
        if isinstance(answer, Respond) and answer.status == 302:
            location = answer.headers["location"].removeprefix(f"https://{self._oauth.domain}")
            return answer._replace(headers={**answer.headers, "location": self._origin + location})
        return answer

    def _granted(self, route: Route, request: Request) -> Respond:
        try:
            granted = preflight(request, self._settings)
        except ForbiddenOrigin as error:
            raise OriginNotAllowed(error.message) from None
        methods = {"access-control-allow-methods": ",".join(route.methods)}
        return granted._replace(headers={**granted.headers, **(methods if request.header("origin") else {})})

    def _carry(self, wanted: Form | Onward, request: Request, call: Call, deadline: float) -> Response:
        """Send a call; once more with a fresh secret if Cognito refused ours."""
        if isinstance(wanted, Onward):
            return self._send(wanted, request.method, call, deadline)
        response = self._send(self._proved(wanted, call, deadline), request.method, call, deadline)
        if _error_of(response) == _WRONG_SECRET and self._has_fresh_secret(wanted.client_id, call, deadline):
            call.retries += 1
            response = self._send(self._proved(wanted, call, deadline), request.method, call, deadline)
        return response

    def _proved(self, form: Form, call: Call, deadline: float) -> Onward:
        secret = self._secrets.get(form.client_id)
        if secret is None:
            try:
                self._have_secret(form.client_id, call, deadline)
            except SecretUnavailable:
                raise NoClientSecret("The proxy has no access to its secret.") from None
            secret = self._secrets.get(form.client_id)
        if secret is None:  # a time to live that is shorter than this
            raise NoClientSecret("The proxy has no access to its secret.")
        return prove(form, secret, self._oauth)

    def _has_fresh_secret(self, client_id: str, call: Call, deadline: float) -> bool:
        fresh = self._secrets.refetch(client_id, deadline=deadline, report=call.problems.append)
        call.secret_refetches += fresh
        return fresh

    def _send(self, onward: Onward, method: str, call: Call, deadline: float) -> Response:
        endpoint = self._domain if onward.host else self._cognito
        started = time.monotonic()
        try:
            if method == "GET":
                return endpoint.get(onward.headers, deadline=deadline, path=onward.path)
            return endpoint.post(onward.headers, onward.body or b"", deadline=deadline, path=onward.path)
        except ConnectionFailed as error:
            call.problems.append(f"user pool domain: {error}")
            if isinstance(error, DeadlinePassed):
                raise DomainTimeout("Amazon Cognito did not answer in time.") from None
            raise DomainUnreachable("Amazon Cognito could not be reached.") from None
        finally:
            call.upstream_seconds = (call.upstream_seconds or 0.0) + time.monotonic() - started

    def _keys_answer(self, wanted: Onward, request: Request, call: Call, deadline: float) -> Respond:
        def fetch() -> Response:
            response = self._send(wanted, request.method, call, deadline)
            if response.status != 200:  # what is kept may be served all the same
                call.problems.append(f"keys: HTTP {response.status}")
            return response

        response, kept = self._keys.get(fetch)
        answer = self._relay(response, request)
        if answer.status == 200:
            answer = answer._replace(headers={**answer.headers, "cache-control": CACHED})
        return answer._replace(outcome=SERVED) if kept else answer

    def _relay(self, response: Response, request: Request) -> Respond:
        headers = {name: response.headers[name] for name in RELAYED_HEADERS if name in response.headers}
        outcome = "ok" if response.status < 400 else _error_of(response) or f"HTTP{response.status}"
        answer = Respond(status=response.status, headers=headers, body=response.body, outcome=outcome)
        return self._with_cors(answer, request)

    def _refuse(self, error: Exception, request: Request, call: Call) -> Respond:
        if not isinstance(error, ProxyError):
            call.problems.append(f"unexpected {type(error).__name__}")
            error = ServerError("Internal error.")
        headers = {"content-type": CONTENT_TYPE, "cache-control": "no-store", "pragma": "no-cache"}
        if isinstance(error, OAuthError) and error.challenge:
            headers["www-authenticate"] = error.challenge
        if error.status == 405:
            headers["allow"] = ", ".join((*ROUTES[request.route].methods, "OPTIONS"))
        answer = Respond(
            status=error.status,
            headers=headers,
            body=oauth_error_body(error),
            outcome=error.type,
            reason=error.reason,
        )
        return self._with_cors(answer, request)

    def _with_cors(self, answer: Respond, request: Request) -> Respond:
        return answer._replace(headers={**cors_headers(request.header("origin"), self._settings), **answer.headers})


def _error_of(response: Response) -> str:
    """The `error` of an answer of RFC 6749, section 5.2; empty for a success, and for what has none."""
    if response.status < 400:
        return ""
    try:
        named = json.loads(response.body).get("error")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return (
        named
        if isinstance(named, str) and named.isascii() and named.replace("_", "").isalnum() and len(named) <= 80
        else ""
    )
