"""Settings that are let in leave room for what `cognito-proxy failover` adds: AWS refuses nothing in an emergency."""

from collections.abc import Sequence

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_cognito as cognito

from cognito_proxy import AppClient, PropertyError
from cognito_proxy.interceptors.made import Made
from cognito_proxy.proxies import settings_document
from cognito_proxy.proxies.settings_document import (
    MAX_ENVIRONMENT_BYTES,
    SettingsDocument,
    _base64_length,
    _header_name,
)
from proxy.edge import PIN_HEADER
from tests.constructs.synthesized import EDGE_REGION

REPLICA = "ap-southeast-2"
PIN = f"{REPLICA}+changes"
POOL_ID = f"{EDGE_REGION}_AbCdEf123"


@pytest.fixture(scope="module")
def clients() -> list[AppClient]:
    stack = Stack(App(), "Stack", env=Environment(region=EDGE_REGION))
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", POOL_ID)
    return [AppClient(stack, f"Client{number:02}", user_pool=pool) for number in range(20)]


def document(clients: Sequence[AppClient], padding: int, regions: Sequence[str] = (REPLICA,)) -> SettingsDocument:
    """With a part of an interceptor's, to the character as long as wanted."""
    padded = Made(settings={"guards": {"module": "x" * padding}})
    return SettingsDocument(app_clients=clients, failover_regions=regions, interceptors=[padded])


def test_a_functions_environment_has_room_for_the_key(clients: list[AppClient]) -> None:
    """At the bound to the byte, of what is counted: values that deployment makes, as short as they can get."""
    [client] = clients[:1]
    key = len(f',"pin":"{PIN}"')
    settings = len(f',"failover_regions":["{REPLICA}"]')
    empty = document([client], 0, ())._least_size([client], [])
    room = MAX_ENVIRONMENT_BYTES - empty - settings - key
    document([client], room).to_json(client)
    with pytest.raises(PropertyError, match="guards: with them the settings of one app client have 4,097 bytes"):
        document([client], room + 1).to_json(client)
    document([client], MAX_ENVIRONMENT_BYTES - empty, ()).to_json(client)


def test_the_longest_name_counts(clients: list[AppClient]) -> None:
    one, two = (
        document(clients[:1], 0, regions)._least_size(clients[:1], [])
        for regions in ([REPLICA], ["eu-west-1", REPLICA])
    )
    assert two - one == len('"eu-west-1",')


def test_an_origins_headers_have_room_for_one_more(clients: list[AppClient], monkeypatch: pytest.MonkeyPatch) -> None:
    """At CloudFront's bound to the character, of what is counted."""
    few = clients[:4]
    written = document(few, 0)
    sizes = [size for _, size in written._groups(few)]
    settings = sum(len(_header_name(index)) + _base64_length(size) for index, size in enumerate(sizes))
    pinned = settings + len(PIN_HEADER) + len(PIN)
    monkeypatch.setattr(settings_document, "MAX_HEADERS", len(sizes) + 1)
    monkeypatch.setattr(settings_document, "MAX_HEADERS_TOTAL", pinned)
    written.to_headers(Stack.of(few[0]))
    monkeypatch.setattr(settings_document, "MAX_HEADERS_TOTAL", pinned - 1)
    with pytest.raises(PropertyError, match="app_clients: the settings of 4"):
        written.to_headers(Stack.of(few[0]))
    monkeypatch.setattr(settings_document, "MAX_HEADERS_TOTAL", pinned)
    monkeypatch.setattr(settings_document, "MAX_HEADERS", len(sizes))
    with pytest.raises(PropertyError, match="app_clients: the settings of 4"):
        written.to_headers(Stack.of(few[0]))


def test_without_a_further_region_nothing_is_kept_free(
    clients: list[AppClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = clients[:4]
    alone = document(few, 0, ())
    sizes = [size for _, size in alone._groups(few)]
    settings = sum(len(_header_name(index)) + _base64_length(size) for index, size in enumerate(sizes))
    monkeypatch.setattr(settings_document, "MAX_HEADERS", len(sizes))
    monkeypatch.setattr(settings_document, "MAX_HEADERS_TOTAL", settings)
    alone.to_headers(Stack.of(few[0]))
