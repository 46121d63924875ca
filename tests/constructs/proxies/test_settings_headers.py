"""The settings as origin custom headers: split where one is too small, refused where all are."""

import base64
import json
import re
from typing import Any, cast

import pytest
from aws_cdk import App, Environment, Stack, Token
from aws_cdk import aws_cognito as cognito

from cognito_proxy import AppClient, PropertyError
from cognito_proxy.interceptors.made import Made
from cognito_proxy.proxies.settings_document import SettingsDocument
from local.simulators.cloudfront import names
from local.simulators.cloudfront.origin import custom_header_problems
from proxy.edge import SETTINGS_HEADER
from proxy.settings import parse_settings, unite
from tests.constructs.synthesized import EDGE_REGION, joined

POOL_ID = "us-east-1_AbCdEf123"
CLIENT_ID = "4h7example4h7example4h7exa"
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret"


@pytest.fixture(scope="module")
def clients() -> list[AppClient]:
    """More app clients than fit."""
    stack = Stack(App(), "CognitoProxyEdge", env=Environment(region=EDGE_REGION))
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", POOL_ID)
    return [AppClient(stack, f"Client{number:02}", user_pool=pool) for number in range(60)]


def deployed(document: SettingsDocument, clients: list[AppClient]) -> dict[str, str]:
    """The headers as CloudFormation makes them, in values as AWS makes them."""
    stack = Stack.of(clients[0])
    return {
        name: base64.b64encode(_as_deployed(stack.resolve(value), clients).encode()).decode()
        for name, value in document.to_headers(stack).items()
    }


def _as_deployed(resolved: Any, clients: list[AppClient]) -> str:
    stack, text = Stack.of(clients[0]), joined(resolved)
    for index, client in enumerate(clients):
        client_id, secret = (joined(stack.resolve(token)) for token in (client.client_id, client.secret.secret_arn))
        text = text.replace(client_id, f"{CLIENT_ID}{index:02}")
        text = text.replace(secret, f"{ARN}:{secret.strip('<>')}-hcVHeZFAnQh7-AbCdEf")
    return text


def read(headers: dict[str, str]) -> Any:
    """What the function makes of them."""
    return unite([parse_settings(base64.b64decode(value).decode()) for value in headers.values()])


def test_one_client_needs_one_header(clients: list[AppClient]) -> None:
    headers = deployed(SettingsDocument(app_clients=clients[:1]), clients)
    assert list(headers) == [SETTINGS_HEADER]
    assert json.loads(base64.b64decode(headers[SETTINGS_HEADER]))["user_pool_id"] == POOL_ID


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9, 15, 18])
def test_clients_are_split_and_united_again(clients: list[AppClient], count: int) -> None:
    document = SettingsDocument(app_clients=clients[:count], allowed_origins=["https://app.example.com"])
    headers = deployed(document, clients)
    assert list(headers) == [SETTINGS_HEADER, *(f"{SETTINGS_HEADER}-{n}" for n in range(2, len(headers) + 1))]
    assert list(custom_header_problems(list(headers.items()))) == []
    settings = read(headers)
    assert len(settings.clients) == count
    assert settings.allowed_origins == {"https://app.example.com"}


def test_only_the_first_document_has_the_optional_keys(clients: list[AppClient]) -> None:
    document = SettingsDocument(app_clients=clients[:9], allowed_origins=["https://app.example.com"])
    first, *further = (json.loads(base64.b64decode(value)) for value in deployed(document, clients).values())
    assert further
    assert "allowed_origins" in first
    assert all(set(document) == {"region", "user_pool_id", "clients"} for document in further)


@pytest.mark.proves("too-many-app-clients")
@pytest.mark.parametrize("count", [40, 60])
def test_refuses_more_clients_than_the_headers_hold(clients: list[AppClient], count: int) -> None:
    message = (
        rf"^app_clients: the settings of {count} need up to \d+ headers with \d\d,\d{{3}} characters, and CloudFront "
        r"takes 30 with 10,240; at most (\d+) fit, and a second proxy"
    )
    with pytest.raises(PropertyError, match=message) as refused:
        SettingsDocument(app_clients=clients[:count]).to_headers(clients[0])
    fit = int(re.match(message, str(refused.value))[1])  # type: ignore[index]
    SettingsDocument(app_clients=clients[:fit]).to_headers(clients[0])
    with pytest.raises(PropertyError, match="app_clients"):
        SettingsDocument(app_clients=clients[: fit + 1]).to_headers(clients[0])


@pytest.mark.proves("too-many-app-clients")
def test_refuses_more_clients_than_an_environment_holds(clients: list[AppClient], most_in_an_environment: int) -> None:
    message = (
        r"^app_clients: the settings of 40 have at least \d,\d{3} bytes, and a function's environment holds 4,096; "
        r"at most (\d+) fit, and a second proxy"
    )
    with pytest.raises(PropertyError, match=message) as refused:
        SettingsDocument(app_clients=clients[:40]).to_json(clients[0])
    assert int(re.match(message, str(refused.value))[1]) == most_in_an_environment  # type: ignore[index]


def test_what_is_let_into_an_environment_nearly_fits(clients: list[AppClient], most_in_an_environment: int) -> None:
    """Nobody who could deploy is refused: the shortest ids count, and real ones have a few characters more."""
    accepted = most_in_an_environment
    stack = Stack.of(clients[0])
    text = _as_deployed(stack.resolve(SettingsDocument(app_clients=clients[:accepted]).to_json(stack)), clients)
    assert accepted >= 25
    assert len(text) <= 4_096 * 1.1


@pytest.fixture(scope="module")
def most_in_an_environment(clients: list[AppClient]) -> int:
    """Counted up, so that all but one are taken: what is refused takes long, for it says how many fit."""
    for count in range(1, len(clients) + 1):
        try:
            SettingsDocument(app_clients=clients[:count]).to_json(clients[0])
        except PropertyError:
            return count - 1
    raise AssertionError("there is no bound")


def test_refuses_more_origins_than_a_header_holds(clients: list[AppClient]) -> None:
    message = (
        r"^allowed_origins: with 40 of them the settings of one app client have [23],\d{3} bytes, and 1,335 fit into a "
        r"header of 1,783 characters; at most (\d+) of these fit$"
    )
    with pytest.raises(PropertyError, match=message) as refused:
        SettingsDocument(app_clients=clients[:1], allowed_origins=_origins(40)).to_headers(clients[0])
    fit = int(re.match(message, str(refused.value))[1])  # type: ignore[index]
    SettingsDocument(app_clients=clients[:1], allowed_origins=_origins(fit)).to_headers(clients[0])
    with pytest.raises(PropertyError, match="allowed_origins"):
        SettingsDocument(app_clients=clients[:1], allowed_origins=_origins(fit + 1)).to_headers(clients[0])


@pytest.mark.parametrize("count", [1, 5])
def test_too_many_origins_for_an_environment_are_not_blamed_on_the_app_clients(
    clients: list[AppClient], count: int
) -> None:
    message = (
        r"^allowed_origins: with 200 of them .*, and a function's environment holds 4,096; at most \d+ of these fit$"
    )
    with pytest.raises(PropertyError, match=message):
        SettingsDocument(app_clients=clients[:count], allowed_origins=_origins(200)).to_json(clients[0])


def test_too_many_replicas_are_not_blamed_on_the_origins() -> None:
    stack = Stack(App(), "Stack", env=Environment(region=EDGE_REGION))
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", POOL_ID)
    client = AppClient(
        stack, "Client", user_pool=pool, secret_replica_regions=[f"ap-southeast-{number}" for number in range(1, 100)]
    )
    with pytest.raises(PropertyError, match=r"^secret_replica_regions: with 99 of them the settings of one app client"):
        SettingsDocument(app_clients=[client], allowed_origins=_origins(1)).to_headers(stack)


def _origins(count: int) -> list[str]:
    return [f"https://app{number}.a-rather-long-name.example.com" for number in range(count)]


def test_what_deployment_decides_counts_as_long_as_it_can_get(clients: list[AppClient]) -> None:
    unknown = [cast("str", Token.as_string({"Ref": f"Origin{number}"})) for number in range(5)]
    with pytest.raises(PropertyError, match="allowed_origins: with 5 of them the settings of one app client"):
        SettingsDocument(app_clients=clients[:1], allowed_origins=unknown).to_headers(clients[0])


def test_a_name_that_cloudformation_makes_is_not_longer_than_expected() -> None:
    """The longest ids that a stack can have, against CloudFront's limit for a value."""
    stack = Stack(App(), "S" * 128, env=Environment(region=EDGE_REGION))
    client = AppClient(stack, "C" * 240, user_pool=cognito.UserPool.from_user_pool_id(stack, "Pool", POOL_ID))
    headers = deployed(SettingsDocument(app_clients=[client]), [client])
    assert max(len(value) for value in headers.values()) <= names.MAX_CUSTOM_HEADER_VALUE


def test_parts_of_interceptors_stand_in_the_first_header_alone(clients: list[AppClient]) -> None:
    made = Made(settings={"guards": {"module": "mine"}})
    headers = deployed(SettingsDocument(app_clients=clients[:18], interceptors=[made]), clients)
    documents = [json.loads(base64.b64decode(value)) for value in headers.values()]
    assert len(documents) > 1
    assert ["guards" in document for document in documents] == [True] + [False] * (len(documents) - 1)
    assert read(headers).interceptors == {"guards": {"module": "mine"}}


def test_a_part_counts_as_long_as_it_can_get(clients: list[AppClient]) -> None:
    name = Token.as_string({"Ref": "Table"})
    fits = Made(settings={"guards": {"table": name}}, longest={"guards": {"table": "x" * 255}})
    too_long = Made(settings={"guards": {"table": name}}, longest={"guards": {"table": "x" * 1_300}})
    for value in deployed(SettingsDocument(app_clients=clients[:20], interceptors=[fits]), clients).values():
        assert len(value) <= 1_783
    with pytest.raises(PropertyError, match=r"guards: with them the settings of one app client have 1,\d\d\d bytes"):
        SettingsDocument(app_clients=clients[:1], interceptors=[too_long]).to_headers(Stack.of(clients[0]))
