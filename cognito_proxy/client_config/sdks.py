"""The SDKs that a configuration can be had for, in one table."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from cognito_proxy.client_config.amplify_mobile import amplify_android, amplify_flutter, amplify_ios
from cognito_proxy.client_config.configuration import Configuration
from cognito_proxy.client_config.javascript import amplify_js, aws_sdk_js, identity_js
from cognito_proxy.client_config.proxy import Proxy
from cognito_proxy.client_config.python import boto3
from cognito_proxy.client_config.shell import curl


class Sdk(StrEnum):
    """An SDK, as the command line names it."""

    AMPLIFY_JS = "amplify-js"
    IDENTITY_JS = "identity-js"
    AMPLIFY_ANDROID = "amplify-android"
    AMPLIFY_IOS = "amplify-ios"
    AMPLIFY_FLUTTER = "amplify-flutter"
    AWS_SDK_JS = "aws-sdk-js"
    BOTO3 = "boto3"
    CURL = "curl"


_OF: Mapping[Sdk, Callable[[Proxy], Configuration]] = {
    Sdk.AMPLIFY_JS: amplify_js,
    Sdk.IDENTITY_JS: identity_js,
    Sdk.AMPLIFY_ANDROID: amplify_android,
    Sdk.AMPLIFY_IOS: amplify_ios,
    Sdk.AMPLIFY_FLUTTER: amplify_flutter,
    Sdk.AWS_SDK_JS: aws_sdk_js,
    Sdk.BOTO3: boto3,
    Sdk.CURL: curl,
}


def configuration(sdk: Sdk, proxy: Proxy) -> Configuration:
    """What to paste for an SDK.

    Raises:
        NotConfigurable: the SDK cannot call this endpoint.
    """
    return _OF[sdk](proxy)
