"""The settings document: what is missing or wrong is named by its key, and no value is ever quoted."""

from __future__ import annotations

import json

import pytest

from proxy.settings import Settings, SettingsError, parse_settings, primary_region, secret_region, unite
from tests.proxy.sample_requests import CLIENT_ID, OTHER_CLIENT_ID, REGION, SETTINGS_DOCUMENT, arn

LEAST = {key: SETTINGS_DOCUMENT[key] for key in ("region", "user_pool_id", "clients")}
SENTINEL = "sentinel-value"


def changed(**members):
    return json.dumps({**SETTINGS_DOCUMENT, **members})


def without(key):
    return json.dumps({name: value for name, value in SETTINGS_DOCUMENT.items() if name != key})


def test_the_least_one_can_write():
    assert parse_settings(json.dumps(LEAST)) == Settings(
        region=REGION,
        user_pool_id="eu-west-1_AbCdEf123",
        clients={CLIENT_ID: arn(CLIENT_ID), OTHER_CLIENT_ID: arn(OTHER_CLIENT_ID)},
        threat_protection=False,
        propagate_client_ip=False,
        allowed_origins=frozenset(),
        secret_ttl_seconds=300,
        replica_regions=(),
        edge_admin_calls="in_place",
        server_name="",
    )


def test_the_defaults_are_the_same_for_whoever_builds_settings_by_hand():
    clients = {CLIENT_ID: arn(CLIENT_ID), OTHER_CLIENT_ID: arn(OTHER_CLIENT_ID)}
    by_hand = Settings(region=REGION, user_pool_id="eu-west-1_AbCdEf123", clients=clients)
    assert parse_settings(json.dumps(LEAST)) == by_hand


def test_everything_set():
    everything = {
        "threat_protection": True,
        "propagate_client_ip": True,
        "allowed_origins": ["https://a.example", "*"],
        "secret_ttl_seconds": 0.5,
        "replica_regions": ["us-east-1", "ap-south-1"],
        "edge_admin_calls": "generated",
        "server_name": "auth.example.com",
        "failover_regions": ["us-east-1"],
        "pin": "us-east-1",
    }
    settings = parse_settings(json.dumps(LEAST | everything))
    assert settings.threat_protection is True
    assert settings.propagate_client_ip is True
    assert settings.allowed_origins == {"https://a.example", "*"}
    assert settings.secret_ttl_seconds == 0.5
    assert settings.replica_regions == ("us-east-1", "ap-south-1")
    assert settings.edge_admin_calls == "generated"
    assert settings.server_name == "auth.example.com"
    assert settings.failover_regions == ("us-east-1",)
    assert settings.pin == "us-east-1"


def test_the_default_for_edge_admin_calls_can_be_written_out():
    assert parse_settings(changed(edge_admin_calls="in_place")) == parse_settings(changed())


@pytest.mark.parametrize("seconds", [0.001, 1, 86400])
def test_the_bounds_of_the_time_to_live(seconds):
    settings = parse_settings(changed(secret_ttl_seconds=seconds))
    assert settings.secret_ttl_seconds == seconds


def test_a_key_of_tomorrow_is_ignored():
    assert parse_settings(changed(key_of_tomorrow={"a": 1})) == parse_settings(changed())


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"text"', "1", '{"region":', "\ufeff{}", "[" * 100_000])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(SettingsError, match=r"^settings: not (valid JSON|a JSON object)$"):
        parse_settings(text)


@pytest.mark.parametrize("key", ["region", "user_pool_id", "clients"])
def test_a_required_key_that_is_missing_is_named(key):
    with pytest.raises(SettingsError, match=f"'{key}' is missing"):
        parse_settings(without(key))


WRONG = {
    "region": [None, 1, "", [], SENTINEL, "eu-west", "EU-WEST-1", "eu-west-1.evil.example/", "eu-west-1\n", True],
    "user_pool_id": [None, 1, "", [SENTINEL], {}],
    "clients": [
        None, [], {}, SENTINEL, {CLIENT_ID: SENTINEL}, {CLIENT_ID: None}, {CLIENT_ID: {}},
        {CLIENT_ID: {"secret_arn": ""}},
        {CLIENT_ID: {"secret_arn": SENTINEL}}, {CLIENT_ID: {"secret_arn": 1}},
        {CLIENT_ID: {"secret_arn": "arn:aws:s3:::bucket"}}, {CLIENT_ID: {"secret_arn": arn(CLIENT_ID)}, "b": {}},
        {CLIENT_ID: {"arn": arn(CLIENT_ID)}},
    ],
    "threat_protection": [None, 0, 1, "true", SENTINEL, []],
    "propagate_client_ip": [None, 0, 1, "false", SENTINEL, []],
    "allowed_origins": [None, SENTINEL, {}, [1], [None], [SENTINEL, []], True],
    "secret_ttl_seconds": [None, 0, -1, 86401, "300", SENTINEL, True, [], float("nan"), float("inf"), 10**400],
    "replica_regions": [None, SENTINEL, {}, [1], [None], True],
    "edge_admin_calls": [None, "", SENTINEL, "IN_PLACE", "in_place ", "generated,in_place", 1, True, ["generated"]],
    "server_name": [None, "", 1, True, [SENTINEL], {}],
    "failover_regions": [
        None, SENTINEL, {}, [1], [None], True, [SENTINEL], [REGION], ["us-east-1", "us-east-1"], ["evil.example.com"],
    ],
    "pin": [None, "", 1, True, [SENTINEL], {}],
}  # fmt: skip


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG.items() for value in values])
def test_a_wrong_value_is_named_by_its_key_and_not_quoted(key, value):
    with pytest.raises(SettingsError, match=f"^settings: .*'{key}'") as raised:
        parse_settings(changed(**{key: value}))
    message = str(raised.value)
    assert "\n" not in message
    for secret in (SENTINEL, CLIENT_ID, "arn:"):
        assert secret not in message
    assert raised.value.__cause__ is None


def test_nothing_of_a_document_that_is_no_json_is_quoted():
    with pytest.raises(SettingsError) as raised:
        parse_settings(SENTINEL)
    assert SENTINEL not in str(raised.value)
    assert raised.value.__suppress_context__


def test_the_region_of_a_secret_is_the_one_in_its_arn():
    assert secret_region(arn(CLIENT_ID, "ap-southeast-2")) == "ap-southeast-2"


def test_no_further_region_is_none():
    assert parse_settings(changed(failover_regions=[])) == parse_settings(changed())


def test_the_pools_own_region_is_among_those_that_are_asked():
    assert parse_settings(changed(region="us-east-1", failover_regions=[REGION])).failover_regions == (REGION,)
    with pytest.raises(SettingsError, match="the user pool's own Region"):
        parse_settings(changed(region="us-east-1", failover_regions=["us-west-2"]))


@pytest.mark.parametrize("pool", ["eu-west-1_AbCdEf123", "us-gov-west-1_a"])
def test_a_pools_own_region_is_told_by_its_id(pool):
    assert primary_region(pool) == pool.split("_")[0]


def test_several_documents_unite_their_clients():
    first = parse_settings(changed(clients={CLIENT_ID: {"secret_arn": arn(CLIENT_ID)}}))
    second = parse_settings(changed(clients={OTHER_CLIENT_ID: {"secret_arn": arn(OTHER_CLIENT_ID)}}))
    assert unite([first, second]).clients == {CLIENT_ID: arn(CLIENT_ID), OTHER_CLIENT_ID: arn(OTHER_CLIENT_ID)}


@pytest.mark.parametrize("other", [{"region": "us-east-1"}, {"user_pool_id": "eu-west-1_Other"}])
def test_documents_of_different_pools_do_not_unite(other):
    with pytest.raises(SettingsError, match="different user pools"):
        unite([parse_settings(changed()), parse_settings(changed(**other))])
