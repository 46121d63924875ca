"""The rules: what becomes of one call. No I/O, no clock, no environment.

What is refused costs no fetch of a secret: a call is read first (`read`), and proved when its secret is at hand
(`prove`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import NamedTuple

from proxy.access_token import is_of_another_pool
from proxy.call import Call
from proxy.messages import Onward, Request, Respond
from proxy.oauth.discovery import discovery_document
from proxy.oauth.errors import (
    AccessToken,
    AuthorizationHeader,
    BadParameter,
    ClientCredentials,
    FormTooLarge,
    GrantType,
    ProofKey,
    RedirectUri,
    WrongMethod,
)
from proxy.oauth.forms import read_body, read_fields, write_fields
from proxy.oauth.redirects import checked_client, sign_in_query, sign_out_query, signing_out
from proxy.oauth.routes import Action, Route
from proxy.oauth.settings import OAuthSettings
from proxy.outcomes import SERVED
from proxy.settings import Settings

FORM_TYPE = "application/x-www-form-urlencoded"
CACHED = "public, max-age=3600"
"""Of discovery and keys. Cognito replaces keys rarely, and a verifier asks again for one that it does not know."""

MAX_LOCATION_BYTES = 8_192
"""Of a redirect. The user pool domain is CloudFront's, or behind one of CloudFront's, which takes no longer URL:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
Encoding triples a text, so a query that came through can be far longer when it is written."""

_FIELDS = {
    "authorization_code": ("code", "redirect_uri", "code_verifier"),
    "refresh_token": ("refresh_token",),
}
"""What goes on of a grant, besides its type and the client's id; all of it is needed."""

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)  # RFC 7636, section 4.1
_BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/-]{1,8192}=*)", re.ASCII | re.IGNORECASE)  # RFC 6750, section 2.1


class Place(NamedTuple):
    """Where a call came in, and what is known there."""

    path: str
    """The route's."""
    route: Route
    settings: Settings
    oauth: OAuthSettings


class Form(NamedTuple):
    """A form that may go on with its app client's secret."""

    path: str
    client_id: str
    fields: dict[str, str]


def read(place: Place, request: Request, call: Call) -> Form | Onward | Respond:
    """A call that passed every check that needs no secret.

    Raises:
        OAuthError: it is refused.
    """
    if request.method not in place.route.methods:
        raise WrongMethod("The method is not one of this path.")
    settings = place.settings
    match place.route.action:
        case Action.TOKEN | Action.REVOKE:
            return _form(place, request, call)
        case Action.SIGN_IN | Action.SIGN_OUT:
            return _redirect(place, request, call)
        case Action.USER_INFO:
            return _user_info(place, request)
        case Action.DISCOVERY:
            return Respond(
                status=200,
                headers={"content-type": "application/json", "cache-control": CACHED},
                body=discovery_document(request.base, settings),
                outcome=SERVED,
            )
        case Action.KEYS:
            return Onward(host="", path=f"/{settings.user_pool_id}/.well-known/jwks.json", headers=_ACCEPT)


def prove(form: Form, secret: str, oauth: OAuthSettings) -> Onward:
    """The form with HTTP Basic: `Base64Encode(client_id:client_secret)`, as Cognito's documentation has it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
    """
    proof = b64encode(f"{form.client_id}:{secret}".encode()).decode("ascii")
    return Onward(
        host=oauth.domain,
        path=form.path,
        headers={**_ACCEPT, "content-type": FORM_TYPE, "authorization": f"Basic {proof}"},
        body=write_fields(form.fields).encode("ascii"),
        client_id=form.client_id,
    )


_ACCEPT = {"accept": "application/json"}


def _form(place: Place, request: Request, call: Call) -> Form:
    is_token = place.route.action is Action.TOKEN
    if request.headers.get("authorization"):
        raise AuthorizationHeader("Public clients do not authenticate; the proxy does.")
    fields = read_body(request)
    for name in ("client_secret", "client_assertion", "client_assertion_type"):
        if name in fields:
            raise ClientCredentials("Public clients do not authenticate; the proxy does.")
    names = _grant(fields) if is_token else ("token",)
    client_id = call.client_id = checked_client(fields, place.settings.clients)
    for name in names:
        if name not in fields:
            raise _missing(name)
    if "code_verifier" in names and not _VERIFIER.fullmatch(fields["code_verifier"]):
        raise ProofKey("code_verifier is not one.")
    kept = {"client_id": client_id} | {name: fields[name] for name in names}
    if is_token:
        kept = {"grant_type": fields["grant_type"]} | kept
    return Form(path=place.path, client_id=client_id, fields=kept)


def _grant(fields: dict[str, str]) -> tuple[str, ...]:
    grant_type = fields.get("grant_type")
    if grant_type is None:
        raise BadParameter("grant_type is missing.")
    if grant_type not in _FIELDS:
        raise GrantType("Only authorization_code and refresh_token are taken.")
    return _FIELDS[grant_type]


def _missing(name: str) -> Exception:
    if name == "code_verifier":
        return ProofKey("PKCE is required: code_verifier is missing.")
    kind = RedirectUri if name == "redirect_uri" else BadParameter
    return kind(f"{name} is missing.")


def _redirect(place: Place, request: Request, call: Call) -> Respond:
    fields = read_fields(request.query)
    signs_in = place.route.action is Action.SIGN_IN
    if not signs_in:
        fields = signing_out(fields)
    call.client_id = checked_client(fields, place.settings.clients)
    query = (sign_in_query if signs_in else sign_out_query)(fields, place.oauth)
    # The host and the path are ours: nothing that a caller wrote can lead elsewhere.
    location = f"https://{place.oauth.domain}{place.path}?{write_fields(query)}"
    if len(location) > MAX_LOCATION_BYTES:
        raise FormTooLarge("There is too much of it.")
    return Respond(
        status=302,
        headers={"location": location, "cache-control": "no-store", "referrer-policy": "no-referrer"},
        outcome=SERVED,
    )


def _user_info(place: Place, request: Request) -> Onward:
    if request.truncated:
        raise FormTooLarge("The body is too large.")
    values = request.headers.get("authorization", ())
    bearer = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    if bearer is None:
        raise AccessToken("An access token is needed, as Authorization: Bearer.")
    if is_of_another_pool(bearer[1], place.settings.user_pool_id):
        raise AccessToken("The access token is not of this user pool.")
    headers = {**_ACCEPT, "authorization": f"Bearer {bearer[1]}"}
    return Onward(host=place.oauth.domain, path=place.path, headers=headers)
