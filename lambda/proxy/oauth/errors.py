"""What is said no to on these paths, in OAuth 2.0's own shape, so that its libraries show it as they show others.

RFC 6749, section 5.2: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
"""

from __future__ import annotations

import json

from proxy.errors import Internal, ProxyError

CONTENT_TYPE = "application/json"


class OAuthError(ProxyError):
    """A refusal or a failure. `type` is its `error`, `message` the `error_description`: fixed texts of this project."""

    type = "invalid_request"
    challenge = ""
    """What `WWW-Authenticate` says; empty: it is not there."""


class BadParameter(OAuthError):
    """A parameter is missing, or there twice, or not what it can be."""


class BadForm(OAuthError):
    """The body or the query cannot be read in one way only."""

    reason = "body"


class FormTooLarge(OAuthError):
    """More than a form of OAuth 2.0 ever has."""

    status = 413
    reason = "size"


class WrongMethod(OAuthError):
    """The path is there, and the method is not."""

    status = 405
    reason = "method"


class OriginNotAllowed(OAuthError):
    """A preflight from an origin that is not allowed."""

    status = 403
    type = "access_denied"
    reason = "origin"


class UnknownOAuthClient(OAuthError):
    """A client id that is not configured."""

    type = "invalid_client"
    reason = "client"


class ClientCredentials(OAuthError):
    """Whoever calls authenticates as the client. The secret is the proxy's, so this is somebody who guesses it."""

    type = "invalid_client"
    reason = "client"


class AuthorizationHeader(ClientCredentials):
    """The same, by the header: 401, with the challenge that section 5.2 asks for."""

    status = 401
    challenge = 'Basic realm="none is taken here"'


class GrantType(OAuthError):
    """A grant that is not for a public client: above all `client_credentials`, which would give anybody the token of a
    machine."""

    type = "unsupported_grant_type"
    reason = "grant"


class ResponseType(OAuthError):
    """Anything but a code."""

    type = "unsupported_response_type"
    reason = "grant"


class ProofKey(OAuthError):
    """PKCE is missing, or plain. RFC 7636, section 4.4.1, calls it `invalid_request`."""

    reason = "proof_key"


class RedirectUri(OAuthError):
    """An address to come back to that is none, or not one of the app's."""

    reason = "redirect"


class AccessToken(OAuthError):
    """No access token of this pool. RFC 6750, section 3.1."""

    status = 401
    type = "invalid_token"
    reason = "token"
    challenge = 'Bearer error="invalid_token"'


class ServerError(OAuthError, Internal):
    """Not the caller's fault."""

    status = 500
    type = "server_error"
    reason = "unexpected"


class NoClientSecret(ServerError):
    """The app client's secret cannot be had."""

    reason = "secret"


class DomainUnreachable(ServerError):
    """The user pool domain could not be reached, or broke off."""

    status = 502
    reason = "unreachable"


class DomainTimeout(ServerError):
    """The user pool domain did not answer while there was time."""

    status = 504
    reason = "timeout"


def oauth_error_body(error: ProxyError) -> bytes:
    """`{"error": …, "error_description": …}`."""
    return json.dumps({"error": error.type, "error_description": error.message}).encode("ascii")
