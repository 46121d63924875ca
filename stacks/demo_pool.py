"""A user pool to try things out with."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge


class DemoPool(cognito.UserPool):
    """People sign themselves up with a user name and a verified e-mail address.

    It goes with its stack, users and all: bring a pool of your own (`user_pool_id`) for anything that lasts.
    """

    def __init__(self, scope: Construct, construct_id: str, *, threat_protection: bool = False) -> None:
        """`threat_protection` takes the Plus feature plan, and blocks what Cognito holds for risky. Default: False."""
        super().__init__(
            scope,
            construct_id,
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            # Who wants to try it sets up an authenticator app. Text messages would need a role, and cost money.
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
            feature_plan=cognito.FeaturePlan.PLUS if threat_protection else cognito.FeaturePlan.ESSENTIALS,
            standard_threat_protection_mode=(
                cognito.StandardThreatProtectionMode.FULL_FUNCTION if threat_protection else None
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            self,
            {
                "COG2": "A demonstration leaves a second factor to each user, so that sign-in can be tried at once.",
                "COG8": "Threat protection needs the Plus plan, which a demonstration need not pay for.",
            },
        )
