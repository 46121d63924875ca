"""What the mobile SDKs of Amplify read of `amplifyconfiguration`, retold from their sources of August 2026.

None of them runs here. Each names its source; a newer version may read more. Their newer file, amplify_outputs.json,
will not do: its `auth` may hold fourteen keys and no other, none of them an endpoint (schema version 1.4:
https://github.com/aws-amplify/amplify-backend/blob/014303a5bf82/packages/client-config/src/client-config-schema/schema_v1.4.json).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

USER_POOL = ("auth", "plugins", "awsCognitoAuthPlugin", "CognitoUserPool", "Default")
AUTH = ("auth", "plugins", "awsCognitoAuthPlugin", "Auth", "Default")
SECRET = "AppClientSecret"
"""The key under which all three take the app client's secret."""


@dataclass(frozen=True, kw_only=True)
class MobileSdk:
    """How one of them reads the file."""

    required: frozenset[str]
    """Keys of the user pool without which it goes without the pool."""
    optional: frozenset[str]
    called: Callable[[str], str]
    """The URL that it calls for a value of `Endpoint`; ValueError: it refuses the value."""


def _android(endpoint: str) -> str:
    """Labels of letters, digits and inner hyphens, with dots between; whatever else there is, is refused.

    https://github.com/aws-amplify/amplify-android/blob/6b8bd6a47c8e/aws-auth-cognito/src/main/java/com/amplifyframework/statemachine/codegen/data/UserPoolConfiguration.kt
    """
    label = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    if re.fullmatch(rf"{label}(\.{label})*", endpoint) is None:
        raise ValueError(endpoint)
    return f"https://{endpoint}/"


def _swift(endpoint: str) -> str:
    """No scheme and no path. Only the host is kept of the rest, so a port is lost.

    https://github.com/aws-amplify/amplify-swift/blob/197334587a3a/AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin/Support/CustomEndpoint/EndpointResolving.swift
    """
    url = urlsplit(f"https://{endpoint}")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", endpoint) or not url.hostname or url.path:
        raise ValueError(endpoint)
    return f"https://{url.hostname}/"


def _flutter(endpoint: str) -> str:
    """A URL where it begins with `http`, else a host. Its path and the operation's `/` are joined by a slash.

    https://github.com/aws-amplify/amplify-flutter/blob/d8a895daa2fa/packages/auth/amplify_auth_cognito_dart/lib/src/sdk/sdk_bridge.dart
    https://github.com/aws-amplify/amplify-flutter/blob/d8a895daa2fa/packages/smithy/smithy/lib/src/http/http_operation.dart
    """
    url = urlsplit(endpoint if endpoint.startswith("http") else f"https://{endpoint}")
    base = url.path.removeprefix("/")
    return f"{url.scheme}://{url.netloc}/{base}/" if base else f"{url.scheme}://{url.netloc}/"


_POOL_AND_CLIENT = frozenset({"PoolId", "AppClientId", "Region"})

ANDROID = MobileSdk(
    required=_POOL_AND_CLIENT, optional=frozenset({"Endpoint", SECRET, "PinpointAppId"}), called=_android
)
"""Keys: UserPoolConfiguration.Config, in the file that `_android` names."""

SWIFT = MobileSdk(
    # Whose ConfigurationHelper.parseUserPoolData gives nil without one of these.
    required=_POOL_AND_CLIENT,
    optional=frozenset({"Endpoint", SECRET, "PinpointAppId", "MigrationEnabled"}),
    called=_swift,
)
"""https://github.com/aws-amplify/amplify-swift/blob/197334587a3a/AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin/Support/Helpers/ConfigurationHelper.swift"""

FLUTTER = MobileSdk(required=_POOL_AND_CLIENT, optional=frozenset({"Endpoint", SECRET, "HostedUI"}), called=_flutter)
"""https://github.com/aws-amplify/amplify-flutter/blob/d8a895daa2fa/packages/amplify_core/lib/src/config/auth/cognito/user_pool.g.dart"""
