"""AWS CDK constructs for a sign-in proxy in front of Amazon Cognito.

client = AppClient(self, "WebClient", user_pool=pool)
RegionalProxy(self, "Proxy", app_clients=[client])
"""

from cognito_proxy.alarms import ProxyAlarms
from cognito_proxy.app_client import AppClient, AuthFlows, RefreshTokenRotation
from cognito_proxy.custom_domain import CustomDomain
from cognito_proxy.edge_proxy import EdgeProxy
from cognito_proxy.regional_proxy import RegionalProxy
from cognito_proxy.settings_document import EdgeAdminCalls
from cognito_proxy.throttle import Throttle

__all__ = [
    "AppClient",
    "AuthFlows",
    "CustomDomain",
    "EdgeAdminCalls",
    "EdgeProxy",
    "ProxyAlarms",
    "RefreshTokenRotation",
    "RegionalProxy",
    "Throttle",
]
