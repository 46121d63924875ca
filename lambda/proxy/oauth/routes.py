"""Every path that is served, readable as documentation. A path that is not here is none.

What a user pool domain has: https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html and
https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html. Of managed login only what its
page calls a direct link is here. The rest is reached from these, on the domain's own host, and so are the addresses
that identity providers come back to (`/oauth2/idpresponse`, `/saml2/idpresponse`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple


class Action(Enum):
    """What becomes of a call."""

    TOKEN = auto()
    """The form is read, and sent on with the app client's secret."""
    REVOKE = auto()
    """Likewise."""
    USER_INFO = auto()
    """Sent on with the access token that came, which is the proof."""
    SIGN_IN = auto()
    """The browser is sent to the user pool domain, if the request is one for a code with PKCE."""
    SIGN_OUT = auto()
    """The browser is sent to the user pool domain."""
    DISCOVERY = auto()
    """Answered here."""
    KEYS = auto()
    """Fetched from the user pool."""


class Route(NamedTuple):
    """One path."""

    operation: str
    """Its name on the line in the log."""
    methods: tuple[str, ...]
    """Besides OPTIONS, which pages ask before they call."""
    action: Action


_GET, _POST = ("GET",), ("POST",)

ROUTES: Mapping[str, Route] = {
    "/oauth2/token": Route("oauth2/token", _POST, Action.TOKEN),
    "/oauth2/revoke": Route("oauth2/revoke", _POST, Action.REVOKE),
    # OpenID Connect Core 1.0, section 5.3.1: "MUST support the use of the HTTP GET and HTTP POST methods".
    "/oauth2/userInfo": Route("oauth2/userInfo", ("GET", "POST"), Action.USER_INFO),
    "/oauth2/authorize": Route("oauth2/authorize", _GET, Action.SIGN_IN),
    "/login": Route("login", _GET, Action.SIGN_IN),
    "/signup": Route("signup", _GET, Action.SIGN_IN),
    "/forgotPassword": Route("forgotPassword", _GET, Action.SIGN_IN),
    "/passkeys/add": Route("passkeys/add", _GET, Action.SIGN_IN),
    "/logout": Route("logout", _GET, Action.SIGN_OUT),
    "/.well-known/openid-configuration": Route("openid-configuration", _GET, Action.DISCOVERY),
    "/.well-known/jwks.json": Route("jwks.json", _GET, Action.KEYS),
}
"""By path, as it is called below the proxy's endpoint. Paths are compared as they are, capitals included."""
