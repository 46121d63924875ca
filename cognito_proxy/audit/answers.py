"""Cognito's answers, translated into facts. What is not in an answer has the default that the API reference gives."""

from collections.abc import Mapping
from typing import Any

from cognito_proxy.audit.facts import Client, Flow, Lifetimes, Pool, WebAcl

# UserPoolClientType, ExplicitAuthFlows: "If you don't specify a value for ExplicitAuthFlows, your app client supports
# ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_SRP_AUTH, and ALLOW_CUSTOM_AUTH."
_DEFAULT_FLOWS = frozenset({Flow.REFRESH, Flow.SRP, Flow.CUSTOM})
_ALLOWED: Mapping[str, Flow] = {f"ALLOW_{flow}": flow for flow in Flow}
# The names from before 2019, without ALLOW_, add to what every app client had then. Taken at their widest: it is better
# to name a door that is closed than to miss one.
_OLD_NAMES: Mapping[str, frozenset[Flow]] = {
    "ADMIN_NO_SRP_AUTH": _DEFAULT_FLOWS | {Flow.ADMINISTRATOR},
    "USER_PASSWORD_AUTH": _DEFAULT_FLOWS | {Flow.PASSWORD},
    "CUSTOM_AUTH_FLOW_ONLY": frozenset({Flow.CUSTOM, Flow.REFRESH}),
}

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
# UserPoolClientType: default units and values of the three.
_LIFETIMES = {
    "access": ("AccessTokenValidity", "AccessToken", "hours", 1),
    "id": ("IdTokenValidity", "IdToken", "hours", 1),
    "refresh": ("RefreshTokenValidity", "RefreshToken", "days", 30),
}


def pool_of(described: Mapping[str, Any], web_acl: WebAcl) -> Pool:
    """From DescribeUserPool's `UserPool`."""
    recovery = described.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
    prefix, own = described.get("Domain"), described.get("CustomDomain")
    return Pool(
        pool_id=described["Id"],
        name=described.get("Name", ""),
        arn=described.get("Arn", ""),
        self_sign_up=not described.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False),
        # AccountRecoverySettingType: admin_only stands alone.
        self_recovery=[mechanism.get("Name") for mechanism in recovery] != ["admin_only"],
        domains=tuple(domain for domain in (own, prefix) if domain),
        web_acl=web_acl,
    )


def client_of(described: Mapping[str, Any], *, has_secret: bool, of_the_proxy: bool) -> Client:
    """From DescribeUserPoolClient's `UserPoolClient`; its `ClientSecret` is not read."""
    oauth = described.get("AllowedOAuthFlowsUserPoolClient", False)
    return Client(
        client_id=described["ClientId"],
        name=described.get("ClientName", ""),
        has_secret=has_secret,
        of_the_proxy=of_the_proxy,
        flows=flows_of(described.get("ExplicitAuthFlows") or ()),
        rotates_refresh_tokens=described.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED",
        oauth_grants=frozenset(described.get("AllowedOAuthFlows") or ()) if oauth else frozenset(),
        identity_providers=_providers(described),
        hides_users=described.get("PreventUserExistenceErrors", "LEGACY") == "ENABLED",
        # "When you create a new user pool client, token revocation is activated by default."
        revocable=described.get("EnableTokenRevocation", True),
        lifetimes=_lifetimes(described),
    )


def flows_of(explicit: tuple[str, ...] | list[str]) -> frozenset[Flow]:
    """Of ExplicitAuthFlows. A name that is not known here counts as nothing: Cognito's newest ones are notes at most
    until the rules know them, and tests/audit/test_answers.py fails when botocore's model brings one."""
    if not explicit:
        return _DEFAULT_FLOWS
    allowed = frozenset(_ALLOWED[name] for name in explicit if name in _ALLOWED)
    return allowed.union(*(_OLD_NAMES[name] for name in explicit if name in _OLD_NAMES))


def _providers(described: Mapping[str, Any]) -> frozenset[str]:
    # Without the list no default is documented for the pages: taken at its widest.
    return frozenset(described.get("SupportedIdentityProviders") or {"COGNITO"})


def _lifetimes(described: Mapping[str, Any]) -> Lifetimes:
    units = described.get("TokenValidityUnits", {})
    return Lifetimes(
        **{
            name: (described.get(value) or default) * _SECONDS[units.get(unit) or default_unit]
            for name, (value, unit, default_unit, default) in _LIFETIMES.items()
        }
    )
