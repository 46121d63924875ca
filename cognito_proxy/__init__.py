"""AWS CDK constructs for a sign-in proxy in front of Amazon Cognito.

client = AppClient(self, "WebClient", user_pool=pool)
RegionalProxy(self, "Proxy", app_clients=[client])
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cognito_proxy.alarms import ProxyAlarms
    from cognito_proxy.app_client import AppClient, AuthFlows, RefreshTokenRotation
    from cognito_proxy.custom_domain import CustomDomain
    from cognito_proxy.edge_proxy import EdgeProxy
    from cognito_proxy.ip_list_expiry import IpListExpiry
    from cognito_proxy.outputs import ProxyOutputs
    from cognito_proxy.pool_shield import PoolShield, ProxyHeader
    from cognito_proxy.regional_proxy import RegionalProxy
    from cognito_proxy.secret_rotation import SecretRotation
    from cognito_proxy.settings_document import EdgeAdminCalls
    from cognito_proxy.throttle import Throttle
    from cognito_proxy.waf_lists import WafScope
    from cognito_proxy.waf_logging import WebAclLogging
    from cognito_proxy.waf_managed import AccountCreationFraudPrevention, AccountTakeoverPrevention, ManagedGroups
    from cognito_proxy.waf_rates import Ipv6Rates, OperationRates, RateLimit
    from cognito_proxy.waf_rules import FirewallRule
    from cognito_proxy.web_acl import ProxyWebAcl
    from cognito_proxy.web_acl_choice import ExistingWebAcl, NoWebAcl, WebAclChoice

__all__ = [
    "AccountCreationFraudPrevention",
    "AccountTakeoverPrevention",
    "AppClient",
    "AuthFlows",
    "CustomDomain",
    "EdgeAdminCalls",
    "EdgeProxy",
    "ExistingWebAcl",
    "FirewallRule",
    "IpListExpiry",
    "Ipv6Rates",
    "ManagedGroups",
    "NoWebAcl",
    "OperationRates",
    "PoolShield",
    "ProxyAlarms",
    "ProxyHeader",
    "ProxyOutputs",
    "ProxyWebAcl",
    "RateLimit",
    "RefreshTokenRotation",
    "RegionalProxy",
    "SecretRotation",
    "Throttle",
    "WafScope",
    "WebAclChoice",
    "WebAclLogging",
]

_HOMES = {
    "AccountCreationFraudPrevention": "waf_managed",
    "AccountTakeoverPrevention": "waf_managed",
    "AppClient": "app_client",
    "AuthFlows": "app_client",
    "CustomDomain": "custom_domain",
    "EdgeAdminCalls": "settings_document",
    "EdgeProxy": "edge_proxy",
    "ExistingWebAcl": "web_acl_choice",
    "FirewallRule": "waf_rules",
    "IpListExpiry": "ip_list_expiry",
    "Ipv6Rates": "waf_rates",
    "ManagedGroups": "waf_managed",
    "NoWebAcl": "web_acl_choice",
    "OperationRates": "waf_rates",
    "PoolShield": "pool_shield",
    "ProxyAlarms": "alarms",
    "ProxyHeader": "pool_shield",
    "ProxyOutputs": "outputs",
    "ProxyWebAcl": "web_acl",
    "RateLimit": "waf_rates",
    "RefreshTokenRotation": "app_client",
    "RegionalProxy": "regional_proxy",
    "SecretRotation": "secret_rotation",
    "Throttle": "throttle",
    "WafScope": "waf_lists",
    "WebAclChoice": "web_acl_choice",
    "WebAclLogging": "waf_logging",
}


def __getattr__(name: str) -> Any:
    """Import a construct when it is asked for: the command line works without CDK and Node.js."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
