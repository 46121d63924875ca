"""Which keys an authorizer believes, and how often it asks for them."""

import asyncio
import time

import pytest
from jwt import PyJWK

from local.ports import LOOPBACK
from local.simulators.api_gateway.pool_keys import KeysUnavailable, PoolKeys
from tests.refusing import refusing_port
from tests.simulators.api_gateway.conftest import ISSUER, POOL_ID, Published
from tests.simulators.api_gateway.tokens import as_jwk, private_key


def key(keys: PoolKeys, kid: str, issuer: str = ISSUER) -> PyJWK | None:
    return asyncio.run(keys.key(issuer, kid))


def test_gives_the_key_that_a_kid_names(published: Published) -> None:
    found = key(PoolKeys(published.url), "pool-1")
    assert found is not None
    assert found.key.public_numbers() == private_key("pool").public_key().public_numbers()
    assert published.asked == [f"/{POOL_ID}/.well-known/jwks.json"]


def test_keeps_keys(published: Published) -> None:
    keys = PoolKeys(published.url)
    for _ in range(5):
        key(keys, "pool-1")
    assert len(published.asked) == 1


def test_finds_a_key_that_is_new(published: Published) -> None:
    keys = PoolKeys(published.url, cooldown=0)
    assert key(keys, "pool-2") is None
    published.keys.append(as_jwk(private_key("next"), "pool-2"))
    assert key(keys, "pool-2") is not None


def test_made_up_kids_do_not_make_it_ask_each_time(published: Published) -> None:
    keys = PoolKeys(published.url, cooldown=60)
    assert [key(keys, f"made-up-{number}") for number in range(20)] == [None] * 20
    assert len(published.asked) <= 2


def test_forgets_a_key_that_is_no_longer_published(published: Published) -> None:
    keys = PoolKeys(published.url, lifespan=0.2)
    assert key(keys, "pool-1") is not None
    published.keys[0] = as_jwk(private_key("next"), "pool-2")
    time.sleep(0.3)
    assert key(keys, "pool-1") is None


def test_believes_none_but_user_pools(published: Published) -> None:
    for issuer in (published.url, f"{ISSUER}/", f"{ISSUER}/../x", "https://cognito-idp.eu-west-1.example.com/x", ""):
        with pytest.raises(KeysUnavailable):
            key(PoolKeys(published.url), "pool-1", issuer)
    assert published.asked == []


@pytest.mark.parametrize("published_instead", ["an error", "no keys", "nobody"])
def test_says_when_keys_cannot_be_had(published: Published, published_instead: str) -> None:
    url = published.url
    with refusing_port() as port:
        if published_instead == "an error":
            published.status = 503
        elif published_instead == "no keys":
            published.keys.clear()
        else:
            url = f"http://{LOOPBACK}:{port}"
        with pytest.raises(KeysUnavailable):
            key(PoolKeys(url), "pool-1")


def test_goes_past_an_http_proxy_of_the_environment(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing_port() as port:
        monkeypatch.setenv("http_proxy", f"http://{LOOPBACK}:{port}")
        monkeypatch.setenv("no_proxy", "")
        assert key(PoolKeys(published.url), "pool-1") is not None
