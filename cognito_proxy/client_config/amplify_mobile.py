"""For Amplify on phones: the classic `amplifyconfiguration`, since `amplify_outputs.json` has no place for an endpoint.

The newer file's schema allows no further properties in `auth`, and Android and Swift set the endpoint to null when they
read it ("Not supported in Gen2").
https://github.com/aws-amplify/amplify-backend/blob/main/packages/client-config/src/client-config-schema/schema_v1.4.json
"""

import json
from typing import Any

from cognito_proxy.client_config.configuration import Configuration
from cognito_proxy.client_config.proxy import NotConfigurable, Proxy

_WITH_A_NAME = "deploy with the flags domain_name and certificate_arn, then its URL has no path"
_CLI = "the Amplify CLI writes this file anew at push and pull: put Endpoint back then, and leave AppClientSecret out"
_NO_OUTPUTS = "amplify_outputs.json has no key for an endpoint: configure with this file instead"


def amplify_android(proxy: Proxy) -> Configuration:
    """Amplify Android: a host name; no scheme, port, path or query, and it prepends `https://`.

    Raises:
        NotConfigurable: the endpoint has a path, or no TLS.
    """
    # https://github.com/aws-amplify/amplify-android/blob/main/aws-auth-cognito/src/main/java/com/amplifyframework/statemachine/codegen/data/UserPoolConfiguration.kt
    text = _json(proxy, endpoint=_host(proxy, "Amplify Android"))
    return Configuration(
        text=text, remarks=("the file is app/src/main/res/raw/amplifyconfiguration.json", _NO_OUTPUTS, _CLI)
    )


def amplify_ios(proxy: Proxy) -> Configuration:
    """Amplify Swift: a host name; a scheme or a path is an error, a port is dropped, and it prepends `https://`.

    Raises:
        NotConfigurable: the endpoint has a path, or no TLS.
    """
    # https://github.com/aws-amplify/amplify-swift/blob/main/AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin/Support/CustomEndpoint/EndpointResolving.swift
    # https://github.com/aws-amplify/amplify-swift/blob/main/AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin/Support/Helpers/ConfigurationHelper.swift
    text = _json(proxy, endpoint=_host(proxy, "Amplify Swift"))
    return Configuration(
        text=text, remarks=("the file is amplifyconfiguration.json, in the app's bundle", _NO_OUTPUTS, _CLI)
    )


def amplify_flutter(proxy: Proxy) -> Configuration:
    """Amplify Flutter: a host name, or a URL with its path. It joins path and `/`, so ours must not end in a slash."""
    # https://github.com/aws-amplify/amplify-flutter/blob/main/packages/auth/amplify_auth_cognito_dart/lib/src/sdk/sdk_bridge.dart
    # https://github.com/aws-amplify/amplify-flutter/blob/main/packages/smithy/smithy/lib/src/http/http_operation.dart
    # Endpoints in version 2: https://github.com/aws-amplify/amplify-flutter/pull/6477
    as_host = proxy.is_https and proxy.path == "/"
    document = _json(proxy, endpoint=proxy.host if as_host else proxy.endpoint.rstrip("/"))
    remarks = [
        "the file is lib/amplifyconfiguration.dart, for Amplify.configure(amplifyconfig)",
        "amplify_auth_cognito 2 heeds Endpoint from 2.9.0 on: what is older goes past the proxy, and is refused",
        _CLI,
    ]
    if proxy.is_loopback:
        remarks.append(f"{proxy.host} is this machine: a phone does not reach it, nor does an emulator of one")
    return Configuration(text=f"const amplifyconfig = '''{document}''';\n", remarks=tuple(remarks))


def _host(proxy: Proxy, sdk: str) -> str:
    if not proxy.is_https:
        raise NotConfigurable(f"{sdk} calls https:// on port 443 only, and {proxy.endpoint} is something else")
    if proxy.path != "/":
        raise NotConfigurable(f"{sdk} takes a host name without a path, and {proxy.endpoint} has one: {_WITH_A_NAME}")
    return proxy.host


def _json(proxy: Proxy, *, endpoint: str) -> str:
    # The least of https://docs.amplify.aws/flutter/build-a-backend/auth/existing-resources, and the endpoint.
    user_pool = {
        "PoolId": proxy.user_pool_id,
        "AppClientId": proxy.client_id,
        "Region": proxy.region,
        "Endpoint": endpoint,
    }
    plugin: dict[str, Any] = {
        "IdentityManager": {"Default": {}},
        "CognitoUserPool": {"Default": user_pool},
        "Auth": {"Default": {"authenticationFlowType": "USER_SRP_AUTH"}},
    }
    document = {
        "UserAgent": "aws-amplify-cli/2.0",
        "Version": "1.0",
        "auth": {"plugins": {"awsCognitoAuthPlugin": plugin}},
    }
    return json.dumps(document, indent=2) + "\n"
