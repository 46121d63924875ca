"""Configurations of the mobile SDKs, held against what these read: none of them runs here."""

import json
import re
from functools import reduce
from typing import Any

import pytest

from cognito_proxy.client_config.proxy import NotConfigurable
from cognito_proxy.client_config.sdks import Sdk, configuration
from tests.client_config.mobile_sdks import (
    ANDROID,
    AUTH,
    FLUTTER,
    SECRET,
    SWIFT,
    USER_POOL,
    MobileSdk,
)
from tests.client_config.proxies import CLIENT, EDGE, LOCAL, OWN, POOL, REGIONAL, proxy

HOST_ONLY = {Sdk.AMPLIFY_ANDROID: ANDROID, Sdk.AMPLIFY_IOS: SWIFT}
ALL = HOST_ONLY | {Sdk.AMPLIFY_FLUTTER: FLUTTER}

every_sdk = pytest.mark.parametrize(("sdk", "reads"), ALL.items(), ids=ALL)
host_only = pytest.mark.parametrize(("sdk", "reads"), HOST_ONLY.items(), ids=HOST_ONLY)


def document(sdk: Sdk, endpoint: str) -> Any:
    """The JSON document of a configuration; Flutter's is a string constant of Dart."""
    text = configuration(sdk, proxy(endpoint)).text
    if sdk is Sdk.AMPLIFY_FLUTTER:
        constant = re.fullmatch(r"const amplifyconfig = '''(.*)''';\n", text, re.DOTALL)
        assert constant is not None
        # Dart reads `$` and `\` in such a string.
        assert not {"$", "\\"} & set(constant[1])
        text = constant[1]
    return json.loads(text)


def at(found: Any, path: tuple[str, ...]) -> Any:
    return reduce(lambda inner, key: inner[key], path, found)


@pytest.mark.proves("mobile-configurations")
@every_sdk
@pytest.mark.parametrize("endpoint", [OWN, EDGE])
def test_the_sdk_reads_every_key_and_misses_none(sdk: Sdk, reads: MobileSdk, endpoint: str) -> None:
    pool = at(document(sdk, endpoint), USER_POOL)
    assert reads.required <= pool.keys() <= reads.required | reads.optional
    assert (pool["PoolId"], pool["AppClientId"], pool["Region"]) == (POOL, CLIENT, "eu-west-1")
    assert reads.called(pool["Endpoint"]) == endpoint


@every_sdk
def test_users_sign_in_with_srp(sdk: Sdk, reads: MobileSdk) -> None:
    assert at(document(sdk, OWN), AUTH) == {"authenticationFlowType": "USER_SRP_AUTH"}


@pytest.mark.proves("config-no-secret")
@every_sdk
def test_the_secret_is_left_out(sdk: Sdk, reads: MobileSdk) -> None:
    assert SECRET in reads.optional
    assert SECRET not in configuration(sdk, proxy()).text


@pytest.mark.proves("path-needs-domain")
@host_only
def test_what_takes_no_path_is_refused_with_the_way_out(sdk: Sdk, reads: MobileSdk) -> None:
    with pytest.raises(ValueError, match="execute-api"):
        reads.called(REGIONAL.removeprefix("https://"))
    with pytest.raises(NotConfigurable, match=r"takes a host name without a path, and .*/prod/ has one: .*domain_name"):
        configuration(sdk, proxy(REGIONAL))


@host_only
@pytest.mark.parametrize("endpoint", [LOCAL, "http://127.0.0.1:18080/", "https://auth.example.com:8443/"])
def test_what_takes_no_port_and_no_http_is_refused(sdk: Sdk, reads: MobileSdk, endpoint: str) -> None:
    with pytest.raises(NotConfigurable, match=r"calls https:// on port 443 only, and .* is something else"):
        configuration(sdk, proxy(endpoint))


@pytest.mark.parametrize("endpoint", [REGIONAL, LOCAL, "https://auth.example.com:8443/"])
def test_flutter_takes_a_path_and_a_port(endpoint: str) -> None:
    assert FLUTTER.called(at(document(Sdk.AMPLIFY_FLUTTER, endpoint), USER_POOL)["Endpoint"]) == endpoint


def test_flutter_would_call_another_path_with_the_slash_at_the_end() -> None:
    assert FLUTTER.called(REGIONAL) == f"{REGIONAL}/"


def test_flutter_is_told_a_host_where_that_will_do() -> None:
    assert at(document(Sdk.AMPLIFY_FLUTTER, EDGE), USER_POOL)["Endpoint"] == "d111111abcdef8.cloudfront.net"


def test_a_phone_does_not_reach_a_local_run() -> None:
    assert any(
        "a phone does not reach it" in remark for remark in configuration(Sdk.AMPLIFY_FLUTTER, proxy(LOCAL)).remarks
    )
    assert not any("a phone" in remark for remark in configuration(Sdk.AMPLIFY_FLUTTER, proxy(OWN)).remarks)


@host_only
def test_says_which_file_it_is_not(sdk: Sdk, reads: MobileSdk) -> None:
    assert any(
        "amplify_outputs.json has no key for an endpoint" in told for told in configuration(sdk, proxy()).remarks
    )
