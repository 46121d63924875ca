"""What a stack's outputs tell an app, which app client is meant, and what is refused."""

from typing import Any

import pytest

from cognito_proxy.client_config.proxy import NotConfigurable, Proxy, SeveralAppClients, proxy_of
from tests.client_config.proxies import CLIENT, ENDPOINTS, OWN, POOL

OUTPUTS = {
    "ProxyEndpoint": OWN,
    "ProxyDomain": "auth.example.com",
    "AppClientId": CLIENT,
    "UserPoolId": POOL,
    "Region": "eu-west-1",
    "SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-AbCdEf",
}
# The order of the outputs is CloudFormation's, that of the names the flag's.
SEVERAL = (
    {"AppClientIdTv": "id3", "AppClientIdIos": "id2", "AppClients": "web,ios,tv"} | OUTPUTS | {"AppClientId": "id1"}
)


def refusal(outputs: dict[str, str], client: str | None = None, *, kind: type[Exception] = NotConfigurable) -> str:
    with pytest.raises(kind) as caught:
        proxy_of(outputs, client, stack="Proxy")
    return str(caught.value)


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
def test_reads_a_proxys_outputs(endpoint: str) -> None:
    assert proxy_of(OUTPUTS | {"ProxyEndpoint": endpoint}, None, stack="Proxy") == Proxy(
        endpoint=endpoint, region="eu-west-1", user_pool_id=POOL, client_id=CLIENT
    )


def test_an_endpoint_ends_in_a_slash() -> None:
    assert proxy_of(OUTPUTS | {"ProxyEndpoint": OWN.rstrip("/")}, None, stack="Proxy").endpoint == OWN


@pytest.mark.parametrize("name", ["ProxyEndpoint", "AppClientId", "UserPoolId", "Region"])
def test_a_stack_without_an_output_is_no_proxys(name: str) -> None:
    without = {key: value for key, value in OUTPUTS.items() if key != name}
    assert refusal(without) == f"stack Proxy: no output {name}; name the proxy's stack"
    assert refusal(OUTPUTS | {name: ""}) == f"stack Proxy: no output {name}; name the proxy's stack"


@pytest.mark.parametrize("chosen", ["id2", "ios"])
def test_an_app_client_is_chosen_by_its_id_or_its_name(chosen: str) -> None:
    assert proxy_of(SEVERAL, chosen, stack="Proxy").client_id == "id2"


@pytest.mark.parametrize("chosen", ["id1", "web"])
def test_the_first_app_client_has_a_name_too(chosen: str) -> None:
    assert proxy_of(SEVERAL, chosen, stack="Proxy").client_id == "id1"


def test_the_only_app_client_can_be_named() -> None:
    assert proxy_of(OUTPUTS, CLIENT, stack="Proxy").client_id == CLIENT


def test_of_several_one_must_be_chosen() -> None:
    assert refusal(SEVERAL, kind=SeveralAppClients) == (
        "stack Proxy has several app clients, so choose with --client: id1 (web), id2 (ios), id3 (tv)"
    )


def test_an_unknown_app_client_is_refused_with_those_that_there_are() -> None:
    assert refusal(SEVERAL, "id4") == ("stack Proxy: no app client 'id4'; there is id1 (web), id2 (ios), id3 (tv)")
    assert refusal(OUTPUTS, "ios") == f"stack Proxy: no app client 'ios'; there is {CLIENT}"


def test_names_that_an_older_stack_does_not_tell() -> None:
    older = {key: value for key, value in SEVERAL.items() if key != "AppClients"}
    assert refusal(older, kind=SeveralAppClients).endswith("--client: id1, id2 (ios), id3 (tv)")
    assert proxy_of(older, "tv", stack="Proxy").client_id == "id3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ProxyEndpoint", "auth.example.com"),
        ("ProxyEndpoint", "ftp://auth.example.com/"),
        ("ProxyEndpoint", 'https://auth.example.com/"; rm -rf ~; "'),
        ("ProxyEndpoint", "https://auth.example.com/'''"),
        ("ProxyEndpoint", "https://auth.example.com/$HOME/"),
        ("ProxyEndpoint", "https://user:word@auth.example.com/"),
        ("ProxyEndpoint", "https://auth.example.com/?a=b"),
        ("ProxyEndpoint", "https://auth.example.com/\n"),
        ("AppClientId", "1a2b'"),
        ("UserPoolId", "eu-west-1_AbC\\"),
        ("UserPoolId", "eu-west-1"),
        ("Region", "$(id)"),
    ],
)
def test_what_would_leave_a_literal_of_another_language_is_refused(name: str, value: str) -> None:
    assert refusal(OUTPUTS | {name: value}) == (f"stack Proxy: output {name} is {value!r}, which no proxy's stack has")


@pytest.mark.parametrize(
    ("endpoint", "facts"),
    [
        (ENDPOINTS["regional"], ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", "/prod/", True, False)),
        (ENDPOINTS["edge"], ("d111111abcdef8.cloudfront.net", "/", True, False)),
        (ENDPOINTS["local"], ("127.0.0.1", "/prod/", False, True)),
        ("https://auth.example.com:8443/", ("auth.example.com", "/", False, False)),
    ],
)
def test_what_an_endpoint_is(endpoint: str, facts: tuple[Any, ...]) -> None:
    found = proxy_of(OUTPUTS | {"ProxyEndpoint": endpoint}, None, stack="Proxy")
    assert (found.host, found.path, found.is_https, found.is_loopback) == facts
