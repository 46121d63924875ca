"""A user of a deployment that serves OAuth 2.0."""

import secrets
from dataclasses import dataclass

from tests.e2e.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class OAuthUser:
    """Somebody who has a password."""

    username: str
    email: str
    password: str


def oauth_user(deployment: Deployment) -> OAuthUser:
    """Make one, as an administrator does."""
    name = f"ada-{secrets.token_hex(4)}"
    user = OAuthUser(username=name, email=f"{name}@example.com", password=f"Sentinel-{secrets.token_hex(8)}!")
    cognito = deployment.run.client("cognito-idp", region=deployment.region)
    cognito.admin_create_user(
        UserPoolId=deployment.user_pool_id,
        Username=user.username,
        UserAttributes=[{"Name": "email", "Value": user.email}, {"Name": "email_verified", "Value": "true"}],
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(
        UserPoolId=deployment.user_pool_id, Username=user.username, Password=user.password, Permanent=True
    )
    return user
