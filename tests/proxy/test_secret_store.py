"""Reading secrets, from the nearest Region that has them."""

from __future__ import annotations

import json
import time

import pytest

from proxy import secret_store
from proxy.awsjson import AwsJsonClient
from proxy.secret_cache import SecretUnavailable
from proxy.secret_store import SecretStore, regions_to_ask
from tests.proxy.fake_service import answer, close, error, stall
from tests.proxy.sample_requests import CLIENT_ID, arn, secret_document

SENTINEL = "sentinel-of-a-secret"


@pytest.mark.proves("secret-read-nearby")
@pytest.mark.parametrize(
    ("replicas", "here", "expected"),
    [
        ([], "eu-west-1", ["eu-west-1"]),
        ([], "us-east-1", ["eu-west-1"]),
        ([], None, ["eu-west-1"]),
        (["us-east-1"], "us-east-1", ["us-east-1", "eu-west-1"]),
        (["us-east-1"], "eu-west-1", ["eu-west-1", "us-east-1"]),
        (["us-east-1"], "ap-south-1", ["us-east-1", "eu-west-1"]),
        (["us-east-1", "ap-south-1"], "ap-south-1", ["ap-south-1", "us-east-1", "eu-west-1"]),
        (["ap-south-1"], "ap-south-1", ["ap-south-1", "eu-west-1"]),
        (["ap-south-1"], "us-east-1", ["eu-west-1"]),
    ],
)
def test_the_regions_to_ask_nearest_first(replicas, here, expected):
    assert regions_to_ask(arn(CLIENT_ID), replicas, here) == expected


def soon(seconds=5.0):
    return time.monotonic() + seconds


@pytest.fixture
def store(service, monkeypatch):
    """A store with replicas in two more Regions; all are the one fake service."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    made = SecretStore(["us-east-1", "ap-south-1"])
    yield made
    for client in made._clients.values():
        client.close()


def regions_asked(service):
    """By the ARN, which must agree with the signature's scope."""
    regions = [received.document["SecretId"].split(":")[3] for received in service.received]
    assert all(f"/{region}/secretsmanager/" in received.header("authorization")
               for region, received in zip(regions, service.received, strict=True))  # fmt: skip
    return regions


def test_asks_for_the_replica_in_its_own_region(store, service):
    service.script(answer({"SecretString": secret_document(), "Name": "x"}))
    assert store.read(arn(CLIENT_ID), soon()) == secret_document()
    assert service.received[0].document == {"SecretId": arn(CLIENT_ID, "ap-south-1")}
    assert service.received[0].header("x-amz-target") == "secretsmanager.GetSecretValue"
    assert regions_asked(service) == ["ap-south-1"]


def test_the_region_stands_once_in_an_arn_whatever_the_secrets_name(service, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    service.script(answer({"SecretString": "x"}))
    store = SecretStore(["us-east-1"])
    store.read("arn:aws:secretsmanager:eu-west-1:111122223333:secret:eu-west-1/eu-west-1-AbCdEf", soon())
    sent = service.received[0].document["SecretId"]
    assert sent == "arn:aws:secretsmanager:us-east-1:111122223333:secret:eu-west-1/eu-west-1-AbCdEf"
    store._clients["us-east-1"].close()


@pytest.mark.proves("replica-without-value")
@pytest.mark.parametrize(
    "failing",
    [
        close,
        error("ResourceNotFoundException", "no such replica"),
        error("AccessDeniedException", SENTINEL),
        answer({}, status=503),
        answer({"SecretBinary": "eA=="}),
        answer({"SecretString": None}),
    ],
)
def test_a_replica_that_fails_is_passed_over(store, service, failing):
    service.script(failing, failing, answer({"SecretString": "text"}))
    assert store.read(arn(CLIENT_ID), soon()) == "text"
    assert regions_asked(service) == ["ap-south-1", "us-east-1", "eu-west-1"]


def test_a_replica_that_stalls_leaves_time_for_the_next(store, service):
    service.script(stall, answer({"SecretString": "text"}))
    started = time.monotonic()
    assert store.read(arn(CLIENT_ID), soon(0.9)) == "text"
    assert time.monotonic() - started < 2
    assert regions_asked(service) == ["ap-south-1", "us-east-1"]


def test_all_regions_together_do_not_outlast_the_deadline(store, service):
    service.default = stall
    started = time.monotonic()
    with pytest.raises(SecretUnavailable, match="eu-west-1"):
        store.read(arn(CLIENT_ID), soon(0.45))
    assert 0.4 < time.monotonic() - started < 2
    assert len(service.received) == 3


def test_when_all_fail_the_last_region_and_the_type_are_told(store, service):
    service.default = error("AccessDeniedException", SENTINEL)
    with pytest.raises(SecretUnavailable) as raised:
        store.read(arn(CLIENT_ID), soon())
    assert str(raised.value) == "secret store in eu-west-1: AccessDeniedException"


def test_nothing_of_an_answer_is_quoted(store, service):
    service.default = answer({"SecretString": [SENTINEL]})
    with pytest.raises(SecretUnavailable) as raised:
        store.read(arn(CLIENT_ID), soon())
    assert SENTINEL not in str(raised.value)


def test_one_connection_a_region_is_kept(store, service):
    service.default = answer({"SecretString": "text"})
    for _ in range(3):
        store.read(arn(CLIENT_ID), soon())
    assert service.connections == 1


def test_no_time_is_no_request(store, service):
    with pytest.raises(SecretUnavailable):
        store.read(arn(CLIENT_ID), soon(-1))
    assert not service.received


def test_each_region_has_its_own_endpoint(monkeypatch):
    asked = []

    class Recorded(AwsJsonClient):
        def call(self, target, parameters, *, deadline):
            asked.append((self._endpoint.host_header, json.dumps(parameters)))
            raise secret_store.CallRefused("Nothing")

    monkeypatch.setattr(secret_store, "AwsJsonClient", Recorded)
    with pytest.raises(SecretUnavailable):
        SecretStore(["us-east-1"]).read(arn(CLIENT_ID), soon())
    assert [host for host, _ in asked] == [
        "secretsmanager.us-east-1.amazonaws.com",
        "secretsmanager.eu-west-1.amazonaws.com",
    ]
