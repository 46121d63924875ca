"""How often one address may call, and one network: the general rate and the rates of the operations that cost.

Costly means: it sends messages that somebody pays for, lets a password or a code be guessed, or draws on a quota of
Cognito that all users share (UserCreation, UserAccountRecovery, UserAuthentication). Every operation of the proxy that
is costly is in exactly one of the three groups below; a test compares them with botocore's model.

Within sign-in, not every call is the same. The first leg of SRP, a refresh and the two calls by which a remembered
device signs in neither try a password or a code nor send a message: they draw on the quota only. Every other call of
the group is an attempt, and attempts have a rate of their own (`OperationRates.sign_in_attempts`). AWS WAF tells the
one from the other by `AuthFlow` and `ChallengeName` in the JSON body; what it cannot read, or does not know, counts as
an attempt. So a body that is written in a strange way gains nothing, and should AWS WAF ever read bodies otherwise than
documented, every call of a sign-in is an attempt.
"""

from dataclasses import dataclass, field

from aws_cdk import Token

from cognito_proxy.common.property_error import PropertyError

WINDOWS = (60, 120, 300, 600)
"""Evaluation windows of AWS WAF's rate-based rules, in seconds."""

MIN_LIMIT = 10
MAX_LIMIT = 2_000_000_000

SIGN_UP_OPERATIONS = ("SignUp", "ConfirmSignUp")
RECOVERY_OPERATIONS = (
    "ForgotPassword",
    "ConfirmForgotPassword",
    "ResendConfirmationCode",
    "GetUserAttributeVerificationCode",
    # A changed e-mail address or phone number is sent a code.
    "UpdateUserAttributes",
    # With an access token that was stolen, or that is an attacker's own: a code or the password can be guessed.
    "VerifyUserAttribute",
    "VerifySoftwareToken",
    "ChangePassword",
)
SIGN_IN_OPERATIONS = ("InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken")

NO_ATTEMPT_FLOWS = ("USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
"""Values of InitiateAuth's `AuthFlow` that neither try anything nor send a message: SRP asks for the other side's
public value (the password is tried by the answer to that), a refresh token cannot be guessed."""

NO_ATTEMPT_CHALLENGES = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
"""The same of RespondToAuthChallenge's `ChallengeName`: a device's password is a long random value."""


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """At most `limit` requests within `window_seconds`; what is more gets TooManyRequestsException.

    Raises:
        PropertyError: `limit` or the window is outside AWS WAF's bounds.
    """

    limit: int
    """Requests; 10 to 2,000,000,000."""

    window_seconds: int = 300
    """How far back AWS WAF looks, in seconds: 60, 120, 300 or 600. Default: 300, as in the articles."""

    def __post_init__(self) -> None:
        if not Token.is_unresolved(self.limit) and not MIN_LIMIT <= self.limit <= MAX_LIMIT:
            raise PropertyError(f"limit: {self.limit}; AWS WAF takes {MIN_LIMIT} to {MAX_LIMIT} requests in a window")
        if not Token.is_unresolved(self.window_seconds) and self.window_seconds not in WINDOWS:
            allowed = ", ".join(map(str, WINDOWS))
            raise PropertyError(f"window_seconds: {self.window_seconds}; AWS WAF takes {allowed} seconds")


@dataclass(frozen=True, kw_only=True)
class OperationRates:
    """Rates of one address for groups of operations; None leaves a group to the general rate alone.

    The defaults leave room for an office behind one address and none for a flood.
    """

    sign_up: RateLimit | None = field(default_factory=lambda: RateLimit(limit=50))
    """SignUp and ConfirmSignUp. Default: 50 in 300 seconds."""

    recovery: RateLimit | None = field(default_factory=lambda: RateLimit(limit=50))
    """Password recovery, and whatever else sends a code or takes a code or a password outside of sign-up and sign-in:
    ForgotPassword, ConfirmForgotPassword, ResendConfirmationCode, GetUserAttributeVerificationCode,
    UpdateUserAttributes, VerifyUserAttribute, VerifySoftwareToken, ChangePassword. Default: 50 in 300 seconds."""

    sign_in: RateLimit | None = field(default_factory=lambda: RateLimit(limit=300))
    """InitiateAuth, RespondToAuthChallenge, GetTokensFromRefreshToken; an SRP sign-in is two to four of these.
    Default: 300 in 300 seconds."""

    sign_in_attempts: RateLimit | None = field(default_factory=lambda: RateLimit(limit=100))
    """Those of sign-in that try a password or a code, or may send a message that costs money: RespondToAuthChallenge,
    and InitiateAuth but for SRP's first leg and refreshes. An SRP sign-in is one, one with a second factor two, one
    with a code by message two or three; a remembered device adds none. Default: 100 in 300 seconds, so that an address
    sends about as few messages by signing in as by signing up and recovery together."""


@dataclass(frozen=True, kw_only=True)
class Ipv6Rates:
    """Ceilings for IPv6, for all addresses of a network together; None leaves one out.

    AWS WAF counts every IPv6 address by itself and knows no prefix (API reference, RateBasedStatementCustomKey: the
    keys are the address, its network's number, the TLS client's fingerprint and parts of the request), while the least
    customer of a network has 2^64 addresses. So the rates of an address hold nobody back, and these are asked besides:
    by the network's number (ASN), which a sender cannot choose, and by network and TLS client (JA4), which a sender can
    choose, but who does not is stopped before the network's other customers suffer.

    In front of an API AWS WAF has no fingerprints ("Available for use with Amazon CloudFront distributions and
    Application Load Balancers", API reference, JA4Fingerprint), so a `RegionalProxy` has the ceilings by network alone.

    The defaults come from two sides. A mobile network's customers stay below them: 1,000 calls for signing up and
    recovery in five minutes are some 5,000 new users an hour out of one network, 6,000 for signing in are 24,000 SRP
    sign-ins or 72,000 refreshes an hour. And a network cannot use up what Cognito takes of all users together by
    default: 1,000 is a tenth of UserAccountRecovery (30 a second) and less of UserCreation (50), 6,000 a sixth of
    UserAuthentication (120). One kind of client gets half, since the commonest app has about half of the users. Raise
    them for a product that is larger; beyond a ceiling, the network's customers are limited with the attacker.
    """

    sign_up_and_recovery: RateLimit | None = field(default_factory=lambda: RateLimit(limit=1_000))
    """Of a network; the groups `sign_up` and `recovery` of `OperationRates`. Default: 1,000 in 300 seconds."""

    sign_up_and_recovery_of_one_client: RateLimit | None = field(default_factory=lambda: RateLimit(limit=500))
    """The same, of one kind of TLS client in a network. Default: 500 in 300 seconds."""

    sign_in: RateLimit | None = field(default_factory=lambda: RateLimit(limit=6_000))
    """Of a network; the group `sign_in` of `OperationRates`. Default: 6,000 in 300 seconds."""

    sign_in_of_one_client: RateLimit | None = field(default_factory=lambda: RateLimit(limit=3_000))
    """The same, of one kind of TLS client in a network. Default: 3,000 in 300 seconds."""


DEFAULT_OAUTH_RATE = RateLimit(limit=300)
"""The rate of the OAuth 2.0 paths when none is given: 300 requests in 300 seconds, as of signing in. A sign-in is two
of these, a refresh one."""

DEFAULT_RATE_LIMIT = RateLimit(limit=1000)
"""The general rate when none is given: 1,000 requests in 300 seconds."""
