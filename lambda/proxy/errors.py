"""Everything that the proxy says no to, in Cognito's own shape, so that SDKs show it as they show Cognito's errors."""

from __future__ import annotations

import json
import math

CONTENT_TYPE = "application/x-amz-json-1.1"

WAIT_HEADER = "x-cognito-proxy-retry-after"
"""Seconds to wait, for an app that reads it. Not `Retry-After`: the AWS SDK for JavaScript v3 heeds that before it
tries again by itself (@smithy/core, submodules/retry: up to 5 seconds more each time, 20 in its other strategy), and
the user looks at a page that hangs."""


class ProxyError(Exception):
    """A refusal or a failure with the status, the `__type` and the message that the client gets.

    Messages are fixed texts of this project, but for a guard's: nothing that a client sent, and no secret, is ever part
    of one.
    """

    status = 400
    type = "InvalidParameterException"
    reason = "parameter"
    """What the log calls it: one word of a closed set, more of them than Cognito has types."""
    wait_seconds = 0
    """After how long the same call may pass; 0 where waiting does not help, or nobody knows."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameter(ProxyError):
    """The caller's fault: a member is missing or of the wrong type or value."""


class AuthFlow(InvalidParameter):
    """An auth flow or a challenge that is an administrator's, or unknown."""

    reason = "auth_flow"


class Serialization(ProxyError):
    """The body cannot be read as Cognito would read it."""

    type = "SerializationException"
    reason = "body"


class UnknownOperation(ProxyError):
    """An operation that a public client has no business with, or that nobody knows."""

    type = "UnknownOperationException"
    reason = "operation"


class UnknownClient(ProxyError):
    """A ClientId that is not configured; Cognito answers the same for one that does not exist."""

    type = "ResourceNotFoundException"
    reason = "client"


class UnknownPool(ProxyError):
    """A UserPoolId that is not the configured one; Cognito answers the same for one that does not exist."""

    type = "ResourceNotFoundException"
    reason = "pool"


class ForeignToken(ProxyError):
    """An access token of another user pool; Cognito answers the same for one that does not verify."""

    type = "NotAuthorizedException"
    reason = "token"


class BrokenSeal(ProxyError):
    """An access token that the proxy has not sealed, or that is not as it was; Cognito answers the same for one that
    does not verify."""

    type = "NotAuthorizedException"
    reason = "seal"


class ExpiredSeal(BrokenSeal):
    """A sealed access token whose time is over; Cognito answers the same for one of its own."""

    reason = "seal_expired"


class PhoneNumber(InvalidParameter):
    """A phone number of a country or region that is not accepted, or one that is not written as Cognito takes it."""

    reason = "phone_number"


class TooManyMessages(ProxyError):
    """So many text messages or e-mails went out that no more are sent for a while."""

    type = "TooManyRequestsException"
    reason = "messages"

    def __init__(self, wait_seconds: float) -> None:
        self.wait_seconds = max(1, math.ceil(wait_seconds))
        super().__init__(f"Too many messages were sent. Try again in {self.wait_seconds} seconds.")


class GuardRefusal(ProxyError):
    """A guard says no. Message and type are its own, in the form that `cognito_proxy_guards.Reject` describes."""

    reason = "guard"

    def __init__(self, message: str, error_type: str) -> None:
        super().__init__(message)
        self.type = error_type


class ForbiddenOrigin(ProxyError):
    """A preflight from an origin that is not allowed."""

    status = 403
    type = "ForbiddenException"
    reason = "origin"


class MethodNotAllowed(ProxyError):
    """Neither POST nor OPTIONS."""

    status = 405
    type = "MethodNotAllowedException"
    reason = "method"


class TooLarge(ProxyError):
    """The body is larger than what may be forwarded."""

    status = 413
    reason = "size"


class TooManyAttempts(ProxyError):
    """Attempts on one username are used up. Cognito has this type for its own quotas, and SDKs know it."""

    type = "TooManyRequestsException"
    reason = "user_limit"

    def __init__(self, wait_seconds: float) -> None:
        self.wait_seconds = max(1, math.ceil(wait_seconds))
        super().__init__(f"Too many attempts. Try again in {self.wait_seconds} seconds.")


class TooManyFromNetwork(TooManyAttempts):
    """Attempts from one network of IPv6 are used up."""

    reason = "network_limit"


class HumanCheckRequired(ProxyError):
    """The operation needs a token of the human check, and none came."""

    type = "HumanCheckRequiredException"
    reason = "human_check_required"


class HumanCheckFailed(ProxyError):
    """The token of the human check is wrong, too old, used before, or another site's."""

    type = "HumanCheckFailedException"
    reason = "human_check_failed"


class Internal(ProxyError):
    """Not the caller's fault: settings, secret store or our own code."""

    status = 500
    type = "InternalErrorException"
    reason = "unexpected"


class Misconfigured(Internal):
    """The settings are missing or broken."""

    reason = "settings"


class NoSecret(Internal):
    """The app client's secret cannot be had."""

    reason = "secret"


class NoSealKey(Internal):
    """The key of sealed tokens cannot be had, or a token cannot be sealed: then it is not given out."""

    reason = "seal_key"


class CountersDown(Internal):
    """Attempts cannot be counted, and the operator has chosen that none passes then."""

    reason = "counters"


class NotPermitted(Internal):
    """Cognito does not take the signature of the function's role, or the role lacks a permission."""

    reason = "role"


class GuardUnavailable(Internal):
    """A guard that is declared closed did not come to a verdict."""

    status = 503
    reason = "guard_failed"


class UpstreamUnavailable(Internal):
    """Cognito could not be reached, or broke off."""

    status = 502
    reason = "unreachable"


class UpstreamTimeout(Internal):
    """Cognito did not answer while there was time."""

    status = 504
    reason = "timeout"


class PrimaryRegionDown(Internal):
    """What only the user pool's own Region can do, while that Region cannot be had. Nothing was done.

    The type is the one that AWS's services have for it:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
    """

    status = 503
    type = "ServiceUnavailableException"
    reason = "primary_region"

    def __init__(self, wait_seconds: float) -> None:
        self.wait_seconds = max(1, math.ceil(wait_seconds))
        super().__init__(f"This cannot be done at the moment. Try again later, in {self.wait_seconds} seconds or more.")


class HumanCheckUnavailable(Internal):
    """The human check's provider could not be asked, and its policy is `closed`."""

    status = 503
    type = "HumanCheckUnavailableException"
    reason = "human_check_unavailable"


def error_body(error_type: str, message: str) -> bytes:
    """Cognito's error document: `{"__type": …, "message": …}`."""
    return json.dumps({"__type": error_type, "message": message}).encode("ascii")
