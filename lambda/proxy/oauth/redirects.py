"""Sending a browser on: to the user pool domain and nowhere else, and only with what Cognito should be asked.

The host of `Location` is a setting. What a caller wrote stands in the query alone, where Cognito compares each address
to come back to with those of the app client, "an exact match".
https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from proxy.access_token import unverified_claims
from proxy.oauth.errors import (
    BadParameter,
    ClientCredentials,
    ProofKey,
    RedirectUri,
    ResponseType,
    UnknownOAuthClient,
)
from proxy.oauth.settings import OAuthSettings

# BASE64URL(SHA256(verifier)): RFC 7636, sections 4.2 and appendix A.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+", re.ASCII)
_MAX_URL = 1024  # API reference, RedirectUrlType
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SCRIPTS = frozenset({"javascript", "data", "vbscript", "blob", "file", "about"})

Fields = Mapping[str, str]


def checked_client(fields: Fields, clients: Collection[str]) -> str:
    """The app client that is named.

    Raises:
        BadParameter, UnknownOAuthClient: there is none, or it is not configured.
    """
    client_id = fields.get("client_id")
    if client_id is None:
        raise BadParameter("client_id is missing.")
    if client_id not in clients:
        raise UnknownOAuthClient("The client is not known.")
    return client_id


def sign_in_query(fields: Fields, oauth: OAuthSettings) -> dict[str, str]:
    """The query for the authorize endpoint, or a page that takes the same: what came, checked.

    Raises:
        ClientCredentials: there is a secret in it, or the like.
        ResponseType: it is not a code that is asked for.
        ProofKey: there is no PKCE with S256.
        RedirectUri: see `checked_redirect`.
        BadParameter: the parameters stand in an object of their own, which nobody here would have seen.
    """
    for name in ("client_secret", "client_assertion", "client_assertion_type"):
        if name in fields:  # no address is a place for them
            raise ClientCredentials("Public clients do not authenticate; the proxy does.")
    if fields.get("response_type") != "code":
        raise ResponseType("Only response_type=code is taken.")
    for name in ("request", "request_uri"):  # OpenID Connect Core 1.0, section 6
        if name in fields:
            raise BadParameter("Request objects are not taken.")
    if fields.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(fields.get("code_challenge", "")):
        raise ProofKey("PKCE is required: code_challenge with code_challenge_method=S256.")
    checked_redirect(fields.get("redirect_uri"), oauth.callback_urls, "redirect_uri")
    return dict(fields)


def signing_out(fields: dict[str, str]) -> dict[str, str]:
    """The fields with a client: a library that sends an `id_token_hint` leaves `client_id` out, which the token names.

    The token is not verified. A client's id is public, and whether it is configured is checked as ever.
    https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout
    """
    audience = unverified_claims(fields.get("id_token_hint")).get("aud")
    return {"client_id": audience, **fields} if isinstance(audience, str) else fields


def sign_out_query(fields: Fields, oauth: OAuthSettings) -> dict[str, str]:
    """The query for the logout endpoint: to an address of the app's, or to the sign-in page again.

    `post_logout_redirect_uri`, which libraries of OpenID Connect send, is Cognito's `logout_uri`. Their `id_token_hint`
    stays behind: Cognito has no use for it, and a token should stand in no further address.
    https://openid.net/specs/openid-connect-rpinitiated-1_0.html

    Raises:
        BadParameter: there is no address, or there are two.
        ResponseType, ProofKey, RedirectUri: see `sign_in_query`.
    """
    given = [name for name in ("logout_uri", "post_logout_redirect_uri", "redirect_uri") if name in fields]
    if len(given) != 1:
        raise BadParameter("One of logout_uri, post_logout_redirect_uri and redirect_uri is needed.")
    if given == ["redirect_uri"]:
        return sign_in_query({name: value for name, value in fields.items() if name != "id_token_hint"}, oauth)
    url = checked_redirect(fields[given[0]], oauth.logout_urls, given[0])
    return {"client_id": fields["client_id"], "logout_uri": url}


def checked_redirect(url: str | None, known: Collection[str], name: str) -> str:
    """An address that an app client can have; one of `known`, where there are any.

    Raises:
        RedirectUri: it is none.
    """
    if url is None:
        raise RedirectUri(f"{name} is missing.")
    if (known and url not in known) or not _is_address(url):
        raise RedirectUri(f"{name} is not one that this app may use.")
    return url


def _is_address(url: str) -> bool:
    """Absolute, without fragment and user name; with https, a scheme of an app's own, or http on this machine."""
    if len(url) > _MAX_URL or _URL.fullmatch(url) is None:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme in _SCRIPTS or "@" in parts.netloc:
        return False
    if parts.scheme == "http":
        return host in _LOCAL
    return bool(host) if parts.scheme == "https" else True
