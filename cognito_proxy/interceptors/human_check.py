"""The human check: guarded operations need a token of Turnstile, reCAPTCHA or hCaptcha."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aws_cdk import Names, Stack, Token
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.reach import Destination, Reach
from cognito_proxy.common.secret_reading import read_in_role
from cognito_proxy.interceptors.failure_policy import FailurePolicy
from cognito_proxy.interceptors.made import Made, Watched, counted

GUARDABLE_OPERATIONS = (
    "ConfirmForgotPassword",
    "ConfirmSignUp",
    "ForgotPassword",
    "GetUserAttributeVerificationCode",
    "InitiateAuth",
    "ResendConfirmationCode",
    "RespondToAuthChallenge",
    "SignUp",
    "UpdateUserAttributes",
)
"""The operations of public clients that take `ClientMetadata`, in which the token stands, but for a refresh, which no
human makes. A test holds them against botocore's model, and against the function's."""

DEFAULT_OPERATIONS = ("SignUp", "ForgotPassword", "ResendConfirmationCode", "InitiateAuth")
"""What anybody may call without a session, and costs messages, accounts or a guess at a password."""

METRIC = "HumanCheckFailures"
"""Counts the calls whose token the provider gave no verdict on."""

# The longest ARN that deployment can put in, but for stack and logical id; CloudFormation adds 14 characters to those.
_LONGEST_ARN_BUT_IDS = len("arn:aws-iso-e:secretsmanager::123456789012:secret:-AbCdEf") + 25 + 14
_LONGEST_STACK_NAME = 128
_LONGEST_LOGICAL_ID = 255


class HumanCheckProvider(StrEnum):
    """Who makes the tokens, and says whether they are good."""

    TURNSTILE = "turnstile"
    """Cloudflare Turnstile."""

    RECAPTCHA = "recaptcha"
    """Google reCAPTCHA v2, and v3 with `min_score`. Not reCAPTCHA Enterprise, which has another API."""

    HCAPTCHA = "hcaptcha"
    """hCaptcha."""


@dataclass(frozen=True, kw_only=True)
class HumanCheck:
    """What guarded operations need a token for, and who verifies it; docs/human-check.md says how apps send it.

        RegionalProxy(
            self,
            "Proxy",
            app_clients=[client],
            human_check=HumanCheck(provider=HumanCheckProvider.TURNSTILE, secret=secret),
        )

    The function asks the provider over the internet, once for each guarded call.

    Raises:
        PropertyError: an operation cannot be guarded, or a property is not for this provider or out of its bounds.
    """

    provider: HumanCheckProvider
    """Whose tokens they are."""

    secret: secretsmanager.ISecret
    """Holds the provider's secret key: what the provider calls so, and not the public site key. The function reads it
    where it is, so for an `EdgeProxy` best in us-east-1, and keeps it for the proxy's `secret_ttl`."""

    secret_field: str | None = None
    """The member of the JSON object in `secret` that is the key. Default: - the secret's text is the key itself."""

    operations: Sequence[str] = DEFAULT_OPERATIONS
    """Which operations need a token: names of Cognito's API that take `ClientMetadata`. Of InitiateAuth all flows but
    refreshes. Default: SignUp, ForgotPassword, ResendConfirmationCode, InitiateAuth."""

    when_unavailable: FailurePolicy = FailurePolicy.OPEN
    """What becomes of calls while the provider gives no verdicts. Default: they go on, and are counted."""

    hostnames: Sequence[str] = ()
    """Host names on whose pages a token may have been made, such as `app.example.com`. Default: - those that the
    provider has been told, which it checks itself."""

    action: str | None = None
    """Of Turnstile and reCAPTCHA v3: what the app called the action when it asked for the token. Default: - any."""

    min_score: float | None = None
    """Of reCAPTCHA v3: the lowest score that passes, from 0 (a bot) to 1 (a human). Default: - the answer needs no
    score, as of v2."""

    site_key: str | None = None
    """Of hCaptcha: the public site key that a token must have been made with. Default: - any of the secret's."""

    send_address: bool = False
    """Tell the provider the client's address, which is personal data. Default: False."""

    def __post_init__(self) -> None:
        if self.provider not in tuple(HumanCheckProvider):
            raise PropertyError(f"provider must be one of {', '.join(HumanCheckProvider)}, not {self.provider!r}")
        if self.when_unavailable not in tuple(FailurePolicy):
            raise PropertyError(
                f"when_unavailable must be one of {', '.join(FailurePolicy)}, not {self.when_unavailable!r}"
            )
        _check_operations(self.operations)
        _check_hostnames(self.hostnames)
        self._check_own("action", self.action, HumanCheckProvider.TURNSTILE, HumanCheckProvider.RECAPTCHA)
        self._check_own("min_score", self.min_score, HumanCheckProvider.RECAPTCHA)
        self._check_own("site_key", self.site_key, HumanCheckProvider.HCAPTCHA)
        score = self.min_score
        if score is not None and (math.isnan(score) or not (Token.is_unresolved(score) or 0 <= score <= 1)):
            raise PropertyError(f"min_score must be from 0 to 1, not {score}")

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:  # noqa: ARG002 - the protocol's
        """Nothing of its own: the part of the settings, and the right to read the secret."""
        arn = self.secret.secret_arn
        longest = "x" * self._longest_arn(scope) if Token.is_unresolved(arn) else arn
        return Made(
            settings={"human_check": self._part(arn)},
            longest={"human_check": self._part(longest)},
            grant=lambda function: read_in_role(self.secret, function),
            reaches=(
                Reach(
                    destination=Destination.SECRETS_MANAGER,
                    actions=("secretsmanager:GetSecretValue",),
                    resources=(arn,),
                ),
                Reach(destination=Destination.INTERNET),
            ),
            watched=_watched,
        )

    def _part(self, secret_arn: str) -> dict[str, Any]:
        """What the function is told; an optional key stands in it only if it says something."""
        optional = {
            "secret_field": self.secret_field,
            "operations": None if set(self.operations) == set(DEFAULT_OPERATIONS) else sorted(set(self.operations)),
            "hostnames": list(self.hostnames),
            "action": self.action,
            "site_key": self.site_key,
            "send_address": self.send_address,
        }
        part: dict[str, Any] = {
            "provider": self.provider.value,
            "secret_arn": secret_arn,
            "when_unavailable": self.when_unavailable.value,
        }
        part |= {key: value for key, value in optional.items() if value}
        return part if self.min_score is None else part | {"min_score": self.min_score}

    def _longest_arn(self, scope: Construct) -> int:
        stack_name = Stack.of(scope).stack_name
        ids = _LONGEST_STACK_NAME if Token.is_unresolved(stack_name) else len(stack_name)
        return _LONGEST_ARN_BUT_IDS + ids + min(_LONGEST_LOGICAL_ID, len(Names.node_unique_id(self.secret.node)))

    def _check_own(self, name: str, value: object, *providers: HumanCheckProvider) -> None:
        if value is not None and self.provider not in providers:
            raise PropertyError(f"{name}: only {' and '.join(providers)} has it, not {self.provider.value}")


def _watched(function: lambda_.IFunction) -> tuple[Watched, ...]:
    what = "had no verdict on the tokens of its human check"
    return (Watched(alarm_id=METRIC, metric=counted(function, METRIC), what=what),)


def _check_operations(operations: Sequence[str]) -> None:
    if isinstance(operations, str) or not operations:
        raise PropertyError(f"operations must name at least one of {', '.join(GUARDABLE_OPERATIONS)}")
    for name in operations:
        if name == "GetTokensFromRefreshToken":
            raise PropertyError("operations: GetTokensFromRefreshToken is a refresh, which no human makes")
        if name not in GUARDABLE_OPERATIONS:
            raise PropertyError(
                f"operations: {name!r} has no ClientMetadata for a token, or is no operation of public clients; "
                f"allowed are {', '.join(GUARDABLE_OPERATIONS)}"
            )


def _check_hostnames(hostnames: Sequence[str]) -> None:
    for name in hostnames:
        if not Token.is_unresolved(name) and (
            not name or name != name.lower() or not name.isascii() or ":" in name or "/" in name
        ):
            raise PropertyError(f"hostnames: {name!r} is not a host name in lower case, without scheme and port")
