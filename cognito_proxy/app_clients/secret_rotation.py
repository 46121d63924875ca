"""A new secret for an app client every so often, while users sign in."""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IDependable

from cognito_proxy.app_clients._client_secret import NO_KEYS, writing_replicas
from cognito_proxy.common.assets import rotation_code
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.key_condition import through_secrets_manager
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import python_function
from cognito_proxy.common.rotation_schedule import rotation_alarm, rotation_schedule, whole_days

DEFAULT_OVERLAP = Duration.hours(1)
"""How long the previous secret stays valid at least."""

# For one of Secrets Manager's four steps. How long it waits for one was not found documented; a template of AWS's own
# waits for up to ten minutes in each of two: https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas/
# blob/master/SecretsManagerElasticacheUserRotation/lambda_function.py
_STEP = Duration.minutes(3)


class SecretRotation(Construct):
    """Rotates the secret of one app client, with a function that can reach that app client's pool and secret only.

    Cognito takes two secrets for an app client. A rotation adds a new one, tests it and lets the proxies read it; the
    previous one stays valid for `overlap`, so that no proxy is caught with a copy of it, and is then deleted by the
    same function, which a schedule calls. Nothing remembers that there is something to delete: each run looks. So a run
    that fails is made up for by the next.

    A deployment never rotates; the first rotation comes with the schedule, or on demand. Rotation owns both places for
    secrets: one that somebody adds to the app client by hand is deleted by the next rotation.

    To test a secret, the function calls Cognito's public endpoint (ConfirmSignUp, ConfirmForgotPassword), without
    credentials and from outside of any VPC. A web ACL on the user pool that lets in known addresses only would stop it,
    and with it every rotation. Cognito's quotas for these two are the account's: while a flood uses both up, the
    function goes on asking for nearly three minutes a step.
    """

    function: lambda_.Function
    """What rotates."""

    overlap: Duration
    """How long the previous secret stays valid at least."""

    alarm: cloudwatch.Alarm
    """Goes to ALARM when the function fails; without an action unless one is given."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        client_id: str,
        secret: secretsmanager.ISecret,
        every: Duration,
        overlap: Duration = DEFAULT_OVERLAP,
        encryption_key: kms.IKey | None = None,
        secret_replica_keys: Mapping[str, kms.IKey] = NO_KEYS,
        function_encryption_key: kms.IKey | None = None,
        seeded: IDependable | None = None,
        alarm_action: cloudwatch.IAlarmAction | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
    ) -> None:
        """Make the function, its schedules and its alarm.

        Args:
            scope: The parent, in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: The app client's pool.
            client_id: The app client's id; it has a secret.
            secret: Holds the app client's secret, as `AppClient` puts it there.
            every: Time between rotations, in whole days, from 1 to 1,000.
            overlap: How long the previous secret stays valid after it was replaced, in whole minutes, from 10 minutes
                to 12 hours, and longer than the proxies' `secret_ttl`; it is gone after twice as long at the latest.
                Default: 1 hour.
            encryption_key: Customer-managed key of the secret. Default: - the account's key `aws/secretsmanager`.
            secret_replica_keys: Customer-managed keys of the secret's replicas, by Region. Default: none.
            function_encryption_key: Customer-managed key of the function's log and environment. Default: - AWS's own.
            seeded: What puts the first value; the schedule waits for it. Default: - the value is there.
            alarm_action: What happens when a rotation fails. Default: - nothing; the alarm shows it.
            log_retention: How long the function's log is kept. Default: one year.

        Raises:
            PropertyError: `every` or `overlap` is out of its bounds or no whole number of days or minutes.
        """
        super().__init__(scope, construct_id)
        days = whole_days("every", every, least=1)
        minutes = _whole_minutes(overlap)
        self.overlap = overlap
        self.function = python_function(
            self,
            code=rotation_code(),
            handler="rotation.handler.handler",
            description="Rotates the secret of a Cognito app client",
            timeout=_STEP,
            memory_size=256,
            log_retention=log_retention,
            encryption_key=function_encryption_key,
            environment={
                "USER_POOL_ID": user_pool.user_pool_id,
                "CLIENT_ID": client_id,
                "SECRET_ARN": secret.secret_arn,
                "OVERLAP_SECONDS": str(minutes * 60),
            },
        )
        policy = self._new_policy(user_pool, secret, encryption_key)
        policy.add_statements(*writing_replicas(self, secret_replica_keys))
        after = [policy] if seeded is None else [policy, seeded]
        rotation_schedule(self, secret=secret, function=self.function, days=days, after=after)
        self._end_previous(secret)
        self.alarm = rotation_alarm(
            self,
            function=self.function,
            description="A rotation of an app client's secret failed; sign-in goes on with the current one",
            action=alarm_action,
        )

    def check_covers(self, secret_ttl: Duration) -> None:
        """Refuse proxies that keep a secret for longer than the previous one stays valid.

        Raises:
            PropertyError: `secret_ttl` is not shorter than `overlap`.
        """
        if secret_ttl.is_unresolved() or self.overlap.is_unresolved():
            return
        if secret_ttl.to_milliseconds() >= self.overlap.to_milliseconds():
            raise PropertyError(
                f"secret_ttl must be shorter than the rotation's overlap ({self.overlap.to_human_string()}), "
                f"not {secret_ttl.to_human_string()}"
            )

    def _new_policy(
        self, user_pool: cognito.IUserPool, secret: secretsmanager.ISecret, encryption_key: kms.IKey | None
    ) -> iam.Policy:
        policy = iam.Policy(
            self,
            "Policy",
            statements=[
                iam.PolicyStatement(
                    actions=[
                        "cognito-idp:AddUserPoolClientSecret",
                        "cognito-idp:DeleteUserPoolClientSecret",
                        "cognito-idp:ListUserPoolClientSecrets",
                    ],
                    resources=[user_pool.user_pool_arn],
                ),
                iam.PolicyStatement(
                    actions=[
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage",
                    ],
                    resources=[secret.secret_arn],
                ),
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
        if self.function.role is not None:
            policy.attach_to_role(self.function.role)
        return policy

    def _end_previous(self, secret: secretsmanager.ISecret) -> None:
        events.Rule(
            self,
            "CleanUp",
            description="Deletes an app client's previous secret when nobody needs it any more",
            schedule=events.Schedule.rate(self.overlap),
            targets=[
                targets.LambdaFunction(
                    self.function,
                    event=events.RuleTargetInput.from_object({"Step": "endPrevious", "SecretId": secret.secret_arn}),
                    # The next run does the same.
                    retry_attempts=0,
                )
            ],
        )


def _whole_minutes(overlap: Duration) -> int:
    require_duration_between("overlap", overlap, Duration.minutes(10), Duration.hours(12))
    minutes = overlap.to_minutes(integral=False)
    if minutes != int(minutes):
        raise PropertyError(f"overlap must be whole minutes, not {overlap.to_human_string()}")
    return int(minutes)
