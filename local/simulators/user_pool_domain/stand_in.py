"""The domain's HTTP: what browsers open, and what apps call."""

import asyncio
import hmac
import html
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from local.simulators.common.http import Headers, HttpRequest, HttpResponse
from local.simulators.common.serving import application
from local.simulators.user_pool_domain.grants import Grants
from local.simulators.user_pool_domain.pool import Client, Pool, Refused

FORM = "application/x-www-form-urlencoded"
EXPIRES_SECONDS = 3600

_COOKIE = "cognito"
_MAX_BODY = 64 * 1024
_TOO_LARGE = HttpResponse(status=413, headers=(), body=b"")
_NEEDED = {
    "authorization_code": {"grant_type", "client_id", "code", "redirect_uri"},
    "refresh_token": {"grant_type", "client_id", "refresh_token"},
}
_OPTIONAL = {"authorization_code": {"code_verifier"}, "refresh_token": set[str]()}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head>
<body><h1>Sign in</h1><p id="problem">{problem}</p>
<form method="post" action="/login?{query}">
<label>User name <input name="username"></label>
<label>Password <input name="password" type="password"></label>
<button name="signInSubmitButton">Sign in</button>
</form></body></html>
"""


class _Wrong(Exception):
    """An error of RFC 6749, section 5.2."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


class UserPoolDomain:
    """The domain of one user pool.

    `hosts` are the values of the Host header that are its own. Its `pool` is known later, when the emulator has one.
    """

    def __init__(self, hosts: frozenset[str]) -> None:
        self.pool: Pool | None = None
        self.grants = Grants()
        self.calls: list[tuple[str, str, int]] = []
        """Method, path and status of what came here, without anything that was sent."""
        self._hosts = hosts
        self._routes: Mapping[tuple[str, str], Callable[[HttpRequest], HttpResponse]] = {
            ("GET", "/oauth2/authorize"): self._authorize,
            ("GET", "/login"): self._show_login,
            ("POST", "/login"): self._log_in,
            ("GET", "/logout"): self._log_out,
            ("POST", "/oauth2/token"): self._token,
            ("POST", "/oauth2/revoke"): self._revoke,
            ("GET", "/oauth2/userInfo"): self._user_info,
            ("POST", "/oauth2/userInfo"): self._user_info,
        }

    def web_application(self) -> web.Application:
        """The application to serve."""
        return application(self.handle, max_body=_MAX_BODY, too_large=_TOO_LARGE)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer as the domain would."""
        response = await asyncio.to_thread(self._answer, request)
        self.calls.append((request.method, request.path, response.status))
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.header("host") not in self._hosts:
            return _json(403, {"message": "the Host header does not name this domain"})
        route = self._routes.get((request.method, request.path))
        if route is None:
            known = any(path == request.path for _, path in self._routes)
            return _json(405 if known else 404, {"message": "no such page"})
        try:
            return route(request)
        except _Wrong as wrong:
            return _json(wrong.status, {"error": wrong.error})

    # What browsers open.

    def _authorize(self, request: HttpRequest) -> HttpResponse:
        query = _once(request.query)
        client = self._client_of(query)
        if query.get("redirect_uri") not in client.callback_urls:
            raise _Wrong("redirect_mismatch")
        if query.get("response_type") != "code" or not client.code_grant:
            return _redirect(query["redirect_uri"], {"error": "unauthorized_client"})
        if not set(query.get("scope", "openid").split()) <= client.scopes:
            return _redirect(query["redirect_uri"], {"error": "invalid_scope"})
        who = self.grants.signed_in(_session_of(request))
        if who is None:
            return _redirect("/login", query)
        return self._back(client, query, *who)

    def _show_login(self, request: HttpRequest) -> HttpResponse:
        query = _once(request.query)
        self._client_of(query)
        return _page(query)

    def _log_in(self, request: HttpRequest) -> HttpResponse:
        query, form = _once(request.query), _once(request.body.decode())
        client = self._client_of(query)
        if query.get("redirect_uri") not in client.callback_urls:
            raise _Wrong("redirect_mismatch")
        username, password = form.get("username", ""), form.get("password", "")
        try:
            response = self._back(client, query, username, password)
        except Refused:
            return _page(query, "Incorrect username or password.")
        session = self.grants.sign_in(username, password)
        cookie = ("Set-Cookie", f"{_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax")
        return HttpResponse(status=302, headers=(*response.headers, cookie), body=b"")

    def _log_out(self, request: HttpRequest) -> HttpResponse:
        query = _once(request.query)
        client = self._client_of(query)
        self.grants.sign_out(_session_of(request))
        if "logout_uri" in query:
            if query["logout_uri"] not in client.logout_urls:
                raise _Wrong("invalid_request")
            return _redirect(query["logout_uri"], {})
        if query.get("redirect_uri") not in client.callback_urls or query.get("response_type") != "code":
            raise _Wrong("invalid_request")
        return _redirect("/login", query)

    def _back(self, client: Client, query: Mapping[str, str], username: str, password: str) -> HttpResponse:
        code = self.grants.code_for(query, self._pool.sign_in(client, username, password))
        state = {"state": query["state"]} if "state" in query else {}
        return _redirect(query["redirect_uri"], {"code": code, **state})

    # What apps call.

    def _token(self, request: HttpRequest) -> HttpResponse:
        form = _form(request)
        client = self._authenticated(request, form)
        grant_type = form.get("grant_type", "")
        if grant_type not in _NEEDED:
            raise _Wrong("unauthorized_client" if grant_type == "client_credentials" else "unsupported_grant_type")
        if not _NEEDED[grant_type] <= set(form) <= _NEEDED[grant_type] | _OPTIONAL[grant_type]:
            raise _Wrong("invalid_request")
        if grant_type == "authorization_code":
            grant = self.grants.redeem(form)
            if grant is None or grant.client_id != client.client_id:
                raise _Wrong("invalid_grant")
            return _tokens(grant.tokens)
        try:
            tokens = self._pool.refresh(client, form["refresh_token"])
        except Refused:
            raise _Wrong("invalid_grant") from None
        self.grants.issued(tokens["AccessToken"], "openid")
        # The emulator's new ID token has a new `auth_time`, which OpenID Connect Core 1.0, section 12.2, forbids, and a
        # library notices. To give none is allowed there.
        return _tokens({name: value for name, value in tokens.items() if name != "IdToken"})

    def _revoke(self, request: HttpRequest) -> HttpResponse:
        form = _form(request)
        client = self._authenticated(request, form)
        if not form.get("token"):
            raise _Wrong("invalid_request")
        if self.grants.scope_of(form["token"]) is not None:
            raise _Wrong("unsupported_token_type")
        try:
            self._pool.revoke(client, form["token"])
        except Refused:
            raise _Wrong("invalid_request") from None
        return HttpResponse(status=200, headers=_COMMON, body=b"")

    def _user_info(self, request: HttpRequest) -> HttpResponse:
        kind, _, token = (request.header("authorization") or "").partition(" ")
        scope = self.grants.scope_of(token)
        if kind != "Bearer" or scope is None or "openid" not in scope.split():
            return _challenge()
        try:
            return _json(200, dict(self._pool.user(token)))
        except Refused:
            return _challenge()

    @property
    def _pool(self) -> Pool:
        if self.pool is None:
            raise _Wrong("server_error", 503)
        return self.pool

    def _client_of(self, fields: Mapping[str, str]) -> Client:
        client = self._pool.client(fields.get("client_id", ""))
        if client is None:
            raise _Wrong("invalid_client")
        return client

    def _authenticated(self, request: HttpRequest, form: Mapping[str, str]) -> Client:
        """The client that HTTP Basic proves: nobody may be it without the secret."""
        kind, _, encoded = (request.header("authorization") or "").partition(" ")
        try:
            client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise _Wrong("invalid_client") from None
        client = self._pool.client(client_id)
        if kind != "Basic" or client is None or form.get("client_id", client_id) != client_id:
            raise _Wrong("invalid_client")
        if not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise _Wrong("invalid_client")
        return client


# Cognito allows every origin, and its pages set a cookie of their own.
_COMMON: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Set-Cookie", "XSRF-TOKEN=stand-in; Path=/; Secure; HttpOnly"),
    ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"),
)


def _json(status: int, document: Mapping[str, Any]) -> HttpResponse:
    headers = (("Content-Type", "application/json;charset=UTF-8"), *_COMMON)
    return HttpResponse(status=status, headers=headers, body=json.dumps(document).encode())


def _tokens(tokens: Mapping[str, str]) -> HttpResponse:
    names = {"access_token": "AccessToken", "id_token": "IdToken", "refresh_token": "RefreshToken"}
    given = {name: tokens[member] for name, member in names.items() if member in tokens}
    return _json(200, {**given, "token_type": "Bearer", "expires_in": EXPIRES_SECONDS})


def _challenge() -> HttpResponse:
    response = _json(401, {"error": "invalid_token"})
    headers = (*response.headers, ("WWW-Authenticate", 'Bearer error="invalid_token"'))
    return HttpResponse(status=401, headers=headers, body=response.body)


def _redirect(url: str, query: Mapping[str, str]) -> HttpResponse:
    separator = "&" if "?" in url else "?"
    location = url + (separator + urlencode(query) if query else "")
    return HttpResponse(status=302, headers=(("Location", location),), body=b"")


def _page(query: Mapping[str, str], problem: str = "") -> HttpResponse:
    text = _PAGE.format(query=html.escape(urlencode(query)), problem=html.escape(problem))
    return HttpResponse(status=200, headers=(("Content-Type", "text/html; charset=utf-8"),), body=text.encode())


def _form(request: HttpRequest) -> dict[str, str]:
    if request.header("content-type") != FORM or request.query:
        raise _Wrong("invalid_request")
    return _once(request.body.decode("ascii"))


def _once(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _Wrong("invalid_request")
    return fields


def _session_of(request: HttpRequest) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(request.header("cookie") or "")
    except CookieError:
        return None
    found = cookies.get(_COOKIE)
    return None if found is None else found.value
