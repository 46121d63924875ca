"""Access tokens that Cognito does not take: sealed by the proxy, opened by it and by authorizers of one's own APIs."""

import string
from pathlib import Path
from typing import Any, cast

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cognito_proxy.common.assets import seal_rotation_code, sealing_files
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.key_condition import through_secrets_manager
from cognito_proxy.common.native_wheels import wheel_files
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import python_function
from cognito_proxy.common.reach import Destination, Reach
from cognito_proxy.common.rotation_schedule import rotation_alarm, rotation_schedule, whole_days
from cognito_proxy.common.secret_reading import read_in_role
from cognito_proxy.interceptors.made import Made

KEY_LENGTH = 64
"""Characters of the first key, which Secrets Manager makes; letters and digits."""

_LEAST_DAYS = 3
"""Two keys have room, and the previous one opens tokens for a day after it was last used."""

_STEP = Duration.minutes(1)


class SealedTokens(Construct):
    """The keys of sealed access tokens: a secret, and a function that rotates it.

    Given to a `RegionalProxy`, its users get access tokens that SDKs can read and Cognito refuses, so that they cannot
    call Cognito past the proxy. Given to a `SealedTokenAuthorizer` or a sample API, that opens them.

        sealed = SealedTokens(self, "SealedTokens")
        RegionalProxy(self, "Proxy", app_clients=[client], sealed_tokens=sealed)

    An `EdgeProxy` cannot have it: there CloudFront carries Cognito's answers past the function.

    The native packages that it takes are fetched by pip when the app is synthesized, once: see `native_wheels`.
    """

    secret: secretsmanager.Secret
    """Holds the keys. Whoever may read it can open tokens, and make such as the authorizers take."""

    function: lambda_.Function
    """What rotates them."""

    alarm: cloudwatch.Alarm
    """Goes to ALARM when a rotation fails; without an action unless one is given."""

    lead: Duration
    """How long a new key is there before anybody seals with it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        every: Duration | None = None,
        lead: Duration | None = None,
        accept_unsealed: bool = False,
        encryption_key: kms.IKey | None = None,
        function_encryption_key: kms.IKey | None = None,
        alarm_action: cloudwatch.IAlarmAction | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        """Make the secret, the function, its schedule and its alarm.

        Args:
            scope: The parent, in the proxy's Region.
            construct_id: Id within `scope`.
            every: Time between rotations of the key, in whole days, from 3 to 1,000. Default: 30 days.
            lead: How long a new key is there before anybody seals with it, in whole minutes, from 10 minutes to 12
                hours, and longer than the proxy's `secret_ttl`: by then whoever opens tokens has read it. Default: 1
                hour.
            accept_unsealed: The proxy takes Cognito's own access tokens, too: those that users got before this was on.
                Have it on for the first day: it warns at synth. APIs do not take them. Default: False.
            encryption_key: Customer-managed key of the secret. Default: - the account's key `aws/secretsmanager`.
            function_encryption_key: Customer-managed key of the rotation function's log and environment. Default: -
                AWS's own.
            alarm_action: What happens when a rotation fails. Default: - nothing; the alarm shows it.
            log_retention: How long the function's log is kept. Default: one year.
            removal_policy: What becomes of the secret when it leaves the stack. Without the key all tokens that are
                out are refused, until apps refresh them. Default: it stays in the account.

        Raises:
            PropertyError: `every` or `lead` is out of its bounds or no whole number of days or minutes.
        """
        super().__init__(scope, construct_id)
        days = whole_days("every", every or Duration.days(30), least=_LEAST_DAYS)
        self.lead = lead or Duration.hours(1)
        minutes = _whole_minutes(self.lead)
        self._accept_unsealed = accept_unsealed
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Keys of the sealed access tokens of a sign-in proxy",
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            # A contract: another recipe would make CloudFormation put a new value, over what rotations have made.
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 - what the key is put into
                generate_string_key="key",
                password_length=KEY_LENGTH,
                exclude_punctuation=True,
                exclude_characters=string.punctuation,
            ),
        )
        self.function = python_function(
            self,
            code=seal_rotation_code(),
            handler="seal_rotation.handler.handler",
            description="Rotates the keys of sealed access tokens",
            timeout=_STEP,
            memory_size=256,
            log_retention=log_retention,
            encryption_key=function_encryption_key,
            environment={"SECRET_ARN": self.secret.secret_arn, "LEAD_SECONDS": str(minutes * 60)},
        )
        policy = self._new_policy(encryption_key)
        rotation_schedule(self, secret=self.secret, function=self.function, days=days, after=[policy])
        self.alarm = rotation_alarm(
            self,
            function=self.function,
            description="A rotation of the key of sealed tokens failed; the current key goes on",
            action=alarm_action,
        )

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:  # noqa: ARG002 - the protocol's
        """What the proxy's function needs of it; the resources are there already. Warns of `accept_unsealed`.

        Raises:
            PropertyError: the native packages could not be fetched.
        """
        arn = self.secret.secret_arn
        part: dict[str, Any] = {"secret_arn": arn}
        if self._accept_unsealed:
            part["accept_unsealed"] = True
            Annotations.of(scope).add_warning_v2(
                "@cognito-proxy:acceptUnsealed",
                "accept_unsealed: this proxy takes Cognito's own access tokens, too. Switch it off after a day, when "
                "those that users got before have expired.",
            )
        return Made(
            settings={"sealed_tokens": part},
            files=self.opening_files(),
            grant=self.grant_read_keys,
            reaches=(
                Reach(
                    destination=Destination.SECRETS_MANAGER,
                    actions=("secretsmanager:GetSecretValue",),
                    resources=(arn,),
                ),
            ),
        )

    def grant_read_keys(self, function: lambda_.Function) -> None:
        """Let a function read the keys."""
        read_in_role(self.secret, function)

    @staticmethod
    def opening_files() -> dict[str, Path]:
        """What a function needs to open such tokens: path within its asset to the file.

        Raises:
            PropertyError: the native packages could not be fetched.
        """
        return sealing_files() | wheel_files()

    def check_secret_ttl(self, secret_ttl: Duration | None) -> None:
        """Refuse a proxy that could meet a key that it has not read.

        Raises:
            PropertyError: `secret_ttl` is not shorter than `lead`.
        """
        if secret_ttl is None or secret_ttl.is_unresolved() or self.lead.is_unresolved():
            return
        if secret_ttl.to_milliseconds() >= self.lead.to_milliseconds():
            raise PropertyError(
                f"secret_ttl must be shorter than the lead of sealed_tokens ({self.lead.to_human_string()}), "
                f"not {secret_ttl.to_human_string()}"
            )

    def _new_policy(self, encryption_key: kms.IKey | None) -> iam.Policy:
        policy = iam.Policy(
            self,
            "Policy",
            statements=[
                iam.PolicyStatement(
                    actions=[
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage",
                    ],
                    resources=[self.secret.secret_arn],
                )
            ],
        )
        if encryption_key is not None:
            policy.add_statements(
                iam.PolicyStatement(
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=[encryption_key.key_arn],
                    conditions=through_secrets_manager(Stack.of(self).region),
                )
            )
        policy.attach_to_role(cast("iam.IRole", self.function.role))
        return policy


def _whole_minutes(lead: Duration) -> int:
    require_duration_between("lead", lead, Duration.minutes(10), Duration.hours(12))
    minutes = lead.to_minutes(integral=False)
    if minutes != int(minutes):
        raise PropertyError(f"lead must be whole minutes, not {lead.to_human_string()}")
    return int(minutes)
