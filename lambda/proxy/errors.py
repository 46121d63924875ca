"""Everything that the proxy says no to, in Cognito's own shape, so that SDKs show it as they show Cognito's errors."""

from __future__ import annotations

import json

CONTENT_TYPE = "application/x-amz-json-1.1"


class ProxyError(Exception):
    """A refusal or a failure with the status, the `__type` and the message that the client gets.

    Messages are fixed texts of this project: nothing that a client sent, and no secret, is ever part of one.
    """

    status = 400
    type = "InvalidParameterException"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameter(ProxyError):
    """The caller's fault: a member is missing or of the wrong type or value."""


class Serialization(ProxyError):
    """The body cannot be read as Cognito would read it."""

    type = "SerializationException"


class UnknownOperation(ProxyError):
    """An operation that a public client has no business with, or that nobody knows."""

    type = "UnknownOperationException"


class UnknownClient(ProxyError):
    """A ClientId that is not configured; Cognito answers the same for one that does not exist."""

    type = "ResourceNotFoundException"


class UnknownPool(ProxyError):
    """A UserPoolId that is not the configured one; Cognito answers the same for one that does not exist."""

    type = "ResourceNotFoundException"


class ForeignToken(ProxyError):
    """An access token of another user pool; Cognito answers the same for one that does not verify."""

    type = "NotAuthorizedException"


class ForbiddenOrigin(ProxyError):
    """A preflight from an origin that is not allowed."""

    status = 403
    type = "ForbiddenException"


class MethodNotAllowed(ProxyError):
    """Neither POST nor OPTIONS."""

    status = 405
    type = "MethodNotAllowedException"


class TooLarge(ProxyError):
    """The body is larger than what may be forwarded."""

    status = 413


class Internal(ProxyError):
    """Not the caller's fault: settings, secret store or our own code."""

    status = 500
    type = "InternalErrorException"


class UpstreamUnavailable(Internal):
    """Cognito could not be reached, or broke off."""

    status = 502


class UpstreamTimeout(Internal):
    """Cognito did not answer while there was time."""

    status = 504


def error_body(error_type: str, message: str) -> bytes:
    """Cognito's error document: `{"__type": …, "message": …}`."""
    return json.dumps({"__type": error_type, "message": message}).encode("ascii")
