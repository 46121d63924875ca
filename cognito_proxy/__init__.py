"""AWS CDK constructs for a sign-in proxy in front of Amazon Cognito.

client = AppClient(self, "WebClient", user_pool=pool)
RegionalProxy(self, "Proxy", app_clients=[client])
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cognito_proxy.apis.api_route import ApiRoute
    from cognito_proxy.apis.api_scopes import ApiScopes
    from cognito_proxy.apis.code_grant_client import CodeGrantClient
    from cognito_proxy.apis.cognito_authorized_api import CognitoAuthorizedApi
    from cognito_proxy.apis.jwt_authorized_api import JwtAuthorizedApi
    from cognito_proxy.apis.machine_client import MachineClient
    from cognito_proxy.apis.sealed_token_authorizer import SealedTokenAuthorizer
    from cognito_proxy.apis.sign_in_domain import SignInDomain
    from cognito_proxy.app_clients.app_client import AppClient
    from cognito_proxy.app_clients.auth_flows import AuthFlows
    from cognito_proxy.app_clients.refresh_token_rotation import RefreshTokenRotation
    from cognito_proxy.app_clients.secret_rotation import SecretRotation
    from cognito_proxy.common.property_error import PropertyError
    from cognito_proxy.common.reach import Destination, EgressAddresses
    from cognito_proxy.firewall.address_lists import WafScope
    from cognito_proxy.firewall.ip_list_expiry import IpListExpiry
    from cognito_proxy.firewall.managed_groups import (
        AccountCreationFraudPrevention,
        AccountTakeoverPrevention,
        ManagedGroups,
    )
    from cognito_proxy.firewall.pool_shield import PoolShield, ProxyHeader
    from cognito_proxy.firewall.rates import Ipv6Rates, OperationRates, RateLimit
    from cognito_proxy.firewall.rules import FirewallRule
    from cognito_proxy.firewall.web_acl import ProxyWebAcl
    from cognito_proxy.firewall.web_acl_choice import ExistingWebAcl, NoWebAcl, WebAclChoice
    from cognito_proxy.firewall.web_acl_logging import WebAclLogging
    from cognito_proxy.interceptors.failure_policy import FailurePolicy
    from cognito_proxy.interceptors.guards import Guards
    from cognito_proxy.interceptors.human_check import HumanCheck, HumanCheckProvider
    from cognito_proxy.interceptors.phone_rules import MessageChannel, MessageLimit, PhoneRules
    from cognito_proxy.interceptors.sealed_tokens import SealedTokens
    from cognito_proxy.interceptors.user_events import UserEvents
    from cognito_proxy.interceptors.user_limits import LimitedGroup, UserLimits
    from cognito_proxy.monitoring.cognito_alarms import CognitoAlarms
    from cognito_proxy.monitoring.cognito_limits import CognitoLimits
    from cognito_proxy.monitoring.monitoring import Monitoring
    from cognito_proxy.proxies.alarms import ProxyAlarms
    from cognito_proxy.proxies.custom_domain import CustomDomain
    from cognito_proxy.proxies.dns_failover import DnsFailover, FailoverRole
    from cognito_proxy.proxies.edge_proxy import EdgeProxy
    from cognito_proxy.proxies.oauth_endpoints import OAuthEndpoints
    from cognito_proxy.proxies.outputs import ProxyOutputs
    from cognito_proxy.proxies.private_network import PrivateNetwork
    from cognito_proxy.proxies.regional_proxy import RegionalProxy
    from cognito_proxy.proxies.settings_document import EdgeAdminCalls, LogLevel
    from cognito_proxy.proxies.throttle import Throttle
    from cognito_proxy.queries.log_queries import LogQueries
    from cognito_proxy.queries.log_sources import CloudFrontLogLayout, CloudFrontLogs, CloudTrailLogs, WafLogs
    from cognito_proxy.replication.replica_region import ReplicaRegion

__all__ = [
    "AccountCreationFraudPrevention",
    "AccountTakeoverPrevention",
    "ApiRoute",
    "ApiScopes",
    "AppClient",
    "AuthFlows",
    "CloudFrontLogLayout",
    "CloudFrontLogs",
    "CloudTrailLogs",
    "CodeGrantClient",
    "CognitoAlarms",
    "CognitoAuthorizedApi",
    "CognitoLimits",
    "CustomDomain",
    "Destination",
    "DnsFailover",
    "EdgeAdminCalls",
    "EdgeProxy",
    "EgressAddresses",
    "ExistingWebAcl",
    "FailoverRole",
    "FailurePolicy",
    "FirewallRule",
    "Guards",
    "HumanCheck",
    "HumanCheckProvider",
    "IpListExpiry",
    "Ipv6Rates",
    "JwtAuthorizedApi",
    "LimitedGroup",
    "LogLevel",
    "LogQueries",
    "MachineClient",
    "ManagedGroups",
    "MessageChannel",
    "MessageLimit",
    "Monitoring",
    "NoWebAcl",
    "OAuthEndpoints",
    "OperationRates",
    "PhoneRules",
    "PoolShield",
    "PrivateNetwork",
    "PropertyError",
    "ProxyAlarms",
    "ProxyHeader",
    "ProxyOutputs",
    "ProxyWebAcl",
    "RateLimit",
    "RefreshTokenRotation",
    "RegionalProxy",
    "ReplicaRegion",
    "SealedTokenAuthorizer",
    "SealedTokens",
    "SecretRotation",
    "SignInDomain",
    "Throttle",
    "UserEvents",
    "UserLimits",
    "WafLogs",
    "WafScope",
    "WebAclChoice",
    "WebAclLogging",
]

_HOMES = {
    "AccountCreationFraudPrevention": "firewall.managed_groups",
    "AccountTakeoverPrevention": "firewall.managed_groups",
    "ApiRoute": "apis.api_route",
    "ApiScopes": "apis.api_scopes",
    "AppClient": "app_clients.app_client",
    "AuthFlows": "app_clients.auth_flows",
    "CloudFrontLogLayout": "queries.log_sources",
    "CloudFrontLogs": "queries.log_sources",
    "CloudTrailLogs": "queries.log_sources",
    "CognitoAlarms": "monitoring.cognito_alarms",
    "CodeGrantClient": "apis.code_grant_client",
    "CognitoAuthorizedApi": "apis.cognito_authorized_api",
    "CognitoLimits": "monitoring.cognito_limits",
    "CustomDomain": "proxies.custom_domain",
    "Destination": "common.reach",
    "DnsFailover": "proxies.dns_failover",
    "EdgeAdminCalls": "proxies.settings_document",
    "EdgeProxy": "proxies.edge_proxy",
    "EgressAddresses": "common.reach",
    "ExistingWebAcl": "firewall.web_acl_choice",
    "FailoverRole": "proxies.dns_failover",
    "FailurePolicy": "interceptors.failure_policy",
    "FirewallRule": "firewall.rules",
    "Guards": "interceptors.guards",
    "HumanCheck": "interceptors.human_check",
    "HumanCheckProvider": "interceptors.human_check",
    "IpListExpiry": "firewall.ip_list_expiry",
    "Ipv6Rates": "firewall.rates",
    "JwtAuthorizedApi": "apis.jwt_authorized_api",
    "LimitedGroup": "interceptors.user_limits",
    "LogLevel": "proxies.settings_document",
    "LogQueries": "queries.log_queries",
    "MachineClient": "apis.machine_client",
    "ManagedGroups": "firewall.managed_groups",
    "MessageChannel": "interceptors.phone_rules",
    "MessageLimit": "interceptors.phone_rules",
    "Monitoring": "monitoring.monitoring",
    "NoWebAcl": "firewall.web_acl_choice",
    "OAuthEndpoints": "proxies.oauth_endpoints",
    "OperationRates": "firewall.rates",
    "PhoneRules": "interceptors.phone_rules",
    "PoolShield": "firewall.pool_shield",
    "PrivateNetwork": "proxies.private_network",
    "PropertyError": "common.property_error",
    "ProxyAlarms": "proxies.alarms",
    "ProxyHeader": "firewall.pool_shield",
    "ProxyOutputs": "proxies.outputs",
    "ProxyWebAcl": "firewall.web_acl",
    "RateLimit": "firewall.rates",
    "RefreshTokenRotation": "app_clients.refresh_token_rotation",
    "RegionalProxy": "proxies.regional_proxy",
    "ReplicaRegion": "replication.replica_region",
    "SealedTokenAuthorizer": "apis.sealed_token_authorizer",
    "SealedTokens": "interceptors.sealed_tokens",
    "SecretRotation": "app_clients.secret_rotation",
    "SignInDomain": "apis.sign_in_domain",
    "Throttle": "proxies.throttle",
    "UserEvents": "interceptors.user_events",
    "UserLimits": "interceptors.user_limits",
    "WafLogs": "queries.log_sources",
    "WafScope": "firewall.address_lists",
    "WebAclChoice": "firewall.web_acl_choice",
    "WebAclLogging": "firewall.web_acl_logging",
}


def __getattr__(name: str) -> Any:
    """Import a construct when it is asked for: the command line works without CDK and Node.js."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
