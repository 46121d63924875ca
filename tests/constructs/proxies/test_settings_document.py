"""The settings document holds what the function reads, and nothing that it does not know."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aws_cdk import Duration, Token
from aws_cdk import aws_cognito as cognito

from cognito_proxy import AppClient, PropertyError
from cognito_proxy.interceptors.made import Made
from cognito_proxy.proxies.settings_document import EdgeAdminCalls, LogLevel, SettingsDocument
from proxy.settings import DEFAULT_SECRET_TTL_SECONDS, Settings, parse_settings
from tests.constructs.synthesized import joined, new_stack

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"


@pytest.fixture(scope="module")
def client() -> AppClient:
    """An app client of an imported pool."""
    stack = new_stack()
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_AbCdEf123")
    return AppClient(stack, "WebClient", user_pool=pool, secret_replica_regions=["us-east-1", "eu-central-1"])


@pytest.fixture(scope="module")
def lone_client() -> AppClient:
    """An app client whose secret has no replica."""
    stack = new_stack()
    return AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))


def read(document: SettingsDocument, client: AppClient) -> str:
    """The text as it is after deployment, with invented values for what CloudFormation puts in."""
    text = joined(client.node.scope.resolve(document.to_json(client)))  # type: ignore[union-attr]
    secret, client_id = (
        joined(client.node.scope.resolve(value))  # type: ignore[union-attr]
        for value in (client.secret.secret_arn, client.client_id)
    )
    return text.replace(secret, ARN).replace(client_id, "4h7example")


def test_least_holds_the_required_keys_alone(lone_client: AppClient) -> None:
    document = json.loads(read(SettingsDocument(app_clients=[lone_client]), lone_client))
    assert set(document) == {"region", "user_pool_id", "clients"}
    settings = parse_settings(json.dumps(document))
    assert settings.secret_ttl_seconds == DEFAULT_SECRET_TTL_SECONDS
    assert settings.clients == {"4h7example": ARN}


def test_everything_set_is_read_back_by_the_function(client: AppClient) -> None:
    document = SettingsDocument(
        app_clients=[client],
        allowed_origins=["https://app.example.com"],
        secret_ttl=Duration.minutes(2),
        threat_protection=True,
        propagate_client_ip=True,
        log_level=LogLevel.PROBLEMS,
        log_plain=True,
    )
    assert parse_settings(read(document, client)) == Settings(
        region="eu-west-1",
        user_pool_id="eu-west-1_AbCdEf123",
        clients={"4h7example": ARN},
        threat_protection=True,
        propagate_client_ip=True,
        allowed_origins=frozenset({"https://app.example.com"}),
        secret_ttl_seconds=120,
        log="problems",
        log_plain=True,
        replica_regions=("us-east-1", "eu-central-1"),
    )


def test_who_sends_administrator_calls_is_written_where_it_is_said(client: AppClient) -> None:
    for calls in EdgeAdminCalls:
        document = SettingsDocument(app_clients=[client], edge_admin_calls=calls)
        assert parse_settings(read(document, client)).edge_admin_calls == calls


def test_refuses_an_unknown_sender_of_administrator_calls(client: AppClient) -> None:
    with pytest.raises(PropertyError, match="edge_admin_calls must be one of in_place, generated, not 'cloudfront'"):
        SettingsDocument(app_clients=[client], edge_admin_calls="cloudfront")  # type: ignore[arg-type]


def test_every_key_is_one_that_the_function_knows(client: AppClient) -> None:
    document = SettingsDocument(
        app_clients=[client],
        allowed_origins=["*"],
        secret_ttl=Duration.minutes(2),
        threat_protection=True,
        propagate_client_ip=True,
        edge_admin_calls=EdgeAdminCalls.GENERATED,
    )
    assert set(json.loads(read(document, client))) <= set(Settings.__annotations__)


def test_an_unknown_key_cannot_get_in(client: AppClient) -> None:
    with pytest.raises(TypeError, match="secret_ttl_secs"):
        SettingsDocument(app_clients=[client], secret_ttl_secs=300)  # type: ignore[call-arg]


@pytest.mark.parametrize("level", LogLevel)
def test_every_level_of_the_log_is_one_that_the_function_knows(client: AppClient, level: LogLevel) -> None:
    text = read(SettingsDocument(app_clients=[client], log_level=level), client)
    assert parse_settings(text).log == level
    assert ("log" in json.loads(text)) is (level is not LogLevel.REQUESTS)


def test_a_level_of_the_log_that_nobody_knows_is_refused(client: AppClient) -> None:
    with pytest.raises(PropertyError, match="log_level must be one of requests, problems, none, not 'all'"):
        SettingsDocument(app_clients=[client], log_level="all")  # type: ignore[arg-type]


def _made(**parts: Mapping[str, Any]) -> Made:
    return Made(settings=parts)


def test_parts_of_interceptors_stand_under_their_keys(client: AppClient) -> None:
    parts = [_made(guards={"module": "mine"}), _made(user_limits={"attempts": 5}, message_ceilings={"all": 100})]
    settings = parse_settings(read(SettingsDocument(app_clients=[client], interceptors=parts), client))
    assert settings.interceptors == {
        "guards": {"module": "mine"},
        "user_limits": {"attempts": 5},
        "message_ceilings": {"all": 100},
    }


def test_a_part_counts_for_the_environments_size_and_is_named(client: AppClient) -> None:
    with pytest.raises(PropertyError, match=r"guards: with them the settings of one app client have 4,\d\d\d bytes"):
        SettingsDocument(app_clients=[client], interceptors=[_made(guards={"x": "y" * 3_900})]).to_json(client)


def test_what_a_part_knows_at_deploy_time_only_counts_as_short_as_it_can_get(client: AppClient) -> None:
    names = {str(number): Token.as_string({"Ref": f"Table{number}"}) for number in range(200)}
    with pytest.raises(PropertyError, match="guards"):
        SettingsDocument(app_clients=[client], interceptors=[_made(guards=dict.fromkeys(names, "x" * 20))]).to_json(
            client
        )
    SettingsDocument(app_clients=[client], interceptors=[_made(guards={"names": names})]).to_json(client)
