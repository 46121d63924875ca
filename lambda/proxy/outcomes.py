"""How calls end: the closed set of outcomes on the line of a call, and how an answer is told to be one of them."""

from __future__ import annotations

from proxy.messages import Respond

FORWARDED = "forwarded"
"""At the edge: CloudFront carries the call on to Cognito, and the function does not see the answer."""
ANSWERED = "answered"
"""Cognito answered, and not with an error."""
DENIED = "denied"
"""Cognito said no: a wrong password, a name that is taken."""
THROTTLED = "throttled"
"""Cognito said no because too many calls came: a quota of the account or of the user is used up."""
REFUSED = "refused"
"""The proxy said no, and Cognito was not called. `reason` says why."""
PREFLIGHT = "preflight"
"""A browser asked whether a page may call, and may."""
SERVED = "served"
"""An OAuth 2.0 address that the proxy answers itself: the browser is sent on, or gets a document that is at hand."""
FAILED = "failed"
"""Not the caller's fault: settings, secret store, network, role, Cognito itself or our code. `reason` says which."""

OUTCOMES = (FORWARDED, ANSWERED, DENIED, THROTTLED, REFUSED, PREFLIGHT, SERVED, FAILED)

COGNITO = "cognito"
"""The reason of a call that failed because Cognito answered with a fault of its own (5xx)."""

_THROTTLES = frozenset({"TooManyRequestsException", "ThrottlingException"})
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html#API_InitiateAuth_Errors
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
LimitExceededException is none of them: it is about one user's tries, not about load."""


def outcome_of(answer: Respond | None, *, relayed: bool) -> tuple[str, str]:
    """Outcome and reason of an answer; the reason is empty where the outcome says it all.

    Args:
        answer: what the client gets; None where CloudFront carries the call on.
        relayed: whether Cognito was called.
    """
    if answer is None:
        return FORWARDED, ""
    if answer.reason:
        return (FAILED if answer.status >= 500 else REFUSED), answer.reason
    if not relayed:
        return (SERVED if answer.outcome == SERVED else PREFLIGHT), ""
    if answer.status < 400:
        return ANSWERED, ""
    if answer.outcome in _THROTTLES or answer.status == 429:
        return THROTTLED, ""
    return (FAILED, COGNITO) if answer.status >= 500 else (DENIED, "")
