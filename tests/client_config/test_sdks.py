"""What is printed for each SDK: where the endpoint stands, and that it is the language it is meant for."""

import ast
import re
import subprocess

import pytest

from cognito_proxy.client_config.sdks import Sdk, configuration
from tests.client_config.proxies import CLIENT, ENDPOINTS, OWN, POOL, REGIONAL, proxy

URL_TAKERS = [Sdk.AMPLIFY_JS, Sdk.IDENTITY_JS, Sdk.AWS_SDK_JS, Sdk.BOTO3, Sdk.CURL]


@pytest.mark.parametrize("sdk", Sdk)
def test_every_sdk_has_a_configuration_with_a_line_end_and_no_line_of_two(sdk: Sdk) -> None:
    text = configuration(sdk, proxy()).text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert CLIENT in text


@pytest.mark.parametrize("sdk", URL_TAKERS)
@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
def test_the_endpoint_stands_there_with_its_path(sdk: Sdk, endpoint: str) -> None:
    assert re.search(rf"[\"'=]{re.escape(endpoint)}[\"'\n]", configuration(sdk, proxy(endpoint)).text)


@pytest.mark.parametrize("sdk", Sdk)
def test_remarks_are_one_line_each_without_a_full_stop(sdk: Sdk) -> None:
    """They are printed as errors and warnings are: one line, `note: …`."""
    for remark in configuration(sdk, proxy()).remarks:
        assert "\n" not in remark
        assert not remark.endswith(".")


def test_amplify_js() -> None:
    assert (
        configuration(Sdk.AMPLIFY_JS, proxy(REGIONAL)).text
        == f"""\
import {{ Amplify }} from "aws-amplify";

Amplify.configure({{
  Auth: {{
    Cognito: {{
      userPoolId: "{POOL}",
      userPoolClientId: "{CLIENT}",
      userPoolEndpoint: "{REGIONAL}",
    }},
  }},
}});
"""
    )


def test_boto3_is_python() -> None:
    (_, pool, client, cognito) = ast.parse(configuration(Sdk.BOTO3, proxy(OWN)).text).body
    assert ast.unparse(pool) == f"USER_POOL_ID = '{POOL}'"
    assert ast.unparse(client) == f"CLIENT_ID = '{CLIENT}'"
    assert ast.unparse(cognito) == (
        f"cognito = boto3.client('cognito-idp', region_name='eu-west-1', endpoint_url='{OWN}')"
    )


def test_curl_is_for_a_shell() -> None:
    text = configuration(Sdk.CURL, proxy(REGIONAL)).text
    subprocess.run(["/bin/sh", "-n"], input=text, text=True, check=True, timeout=10)
    assert text.startswith(f"PROXY_ENDPOINT={REGIONAL}\nAPP_CLIENT_ID={CLIENT}\n")


def test_the_password_is_no_argument_of_a_program() -> None:
    """Arguments are shown by `ps` to everybody on the machine; printf is the shell itself."""
    text = configuration(Sdk.CURL, proxy()).text.replace("\\\n", "")
    uses = [line for line in text.splitlines() if '"$password"' in line]
    assert [line.split()[0] for line in uses] == ["printf"]
