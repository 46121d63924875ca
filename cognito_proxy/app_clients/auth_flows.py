"""How users sign in with an app client."""

from dataclasses import dataclass

from cognito_proxy.common.property_error import PropertyError


@dataclass(frozen=True, kw_only=True)
class AuthFlows:
    """How users may sign in. The administrator's flows are not among them: apps never need those.

    Raises:
        PropertyError: none is allowed.
    """

    user_srp: bool = True
    """USER_SRP_AUTH: the password never leaves the device. Default: True."""

    user_password: bool = False
    """USER_PASSWORD_AUTH: the password travels to the proxy and to Cognito, inside TLS. Default: False."""

    user: bool = False
    """USER_AUTH: choice-based sign-in (passkeys, one-time passwords). Needs the Essentials plan. Default: False."""

    custom: bool = False
    """CUSTOM_AUTH: the challenges of the pool's Lambda triggers. Default: False."""

    def __post_init__(self) -> None:
        if not any((self.user_srp, self.user_password, self.user, self.custom)):
            raise PropertyError("auth_flows must allow at least one of user_srp, user_password, user, custom, not none")
