"""The stand-in of the providers keeps to their documents."""

import asyncio
import json
from urllib.parse import urlencode

import pytest

from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.human_check.stand_in import HumanCheckStandIn
from local.simulators.human_check.tokens import RULES, Provider

SECRET = "dummy-secret"
HOST = "app.example.com"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=RULES)
def provider(request: pytest.FixtureRequest, clock: Clock) -> Provider:
    return Provider(name=request.param, secret=SECRET, site_key="site", clock=clock)


def errors(provider: Provider, **form: str) -> list[str]:
    answer = provider.verify({"secret": SECRET, **form})
    assert answer["success"] == (not answer.get("error-codes"))
    return list(answer.get("error-codes", []))


def test_a_token_is_good_once_and_says_where_it_was_made(provider: Provider) -> None:
    token = provider.token(hostname=HOST)
    answer = provider.verify({"secret": SECRET, "response": token, "remoteip": "203.0.113.7"})
    assert (answer["success"], answer["hostname"]) == (True, HOST)
    assert errors(provider, response=token) == [provider.rules.spent]
    assert ("score" in answer) == (provider.name == "recaptcha")


def test_a_token_lives_as_long_as_documented(provider: Provider, clock: Clock) -> None:
    seconds = {"turnstile": 300, "recaptcha": 120, "hcaptcha": 120}[provider.name]
    young, old = provider.token(hostname=HOST), provider.token(hostname=HOST)
    clock.now += seconds - 1
    assert errors(provider, response=young) == []
    clock.now += 1
    assert errors(provider, response=old) == [provider.rules.expired]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"secret": "", "response": "x"}, "missing-input-secret"),
        ({"secret": "other", "response": "x"}, "invalid-input-secret"),
        ({}, "missing-input-response"),
        ({"response": "x"}, "invalid-input-response"),
        ({"response": "x", "other": "1"}, "bad-request"),
    ],
)
def test_what_is_wrong_has_the_documented_code(provider: Provider, form: dict[str, str], code: str) -> None:
    assert errors(provider, **form) == [code]


def test_another_sites_token_is_not_good(provider: Provider) -> None:
    token = provider.token(hostname="evil.example", site_key="another")
    assert errors(provider, response=token) in (["invalid-input-response"], ["sitekey-secret-mismatch"])


def test_a_repeated_question_of_turnstile_is_known_again_by_its_key(clock: Clock) -> None:
    provider = Provider(name="turnstile", secret=SECRET, site_key="site", clock=clock)
    token = provider.token(hostname=HOST)
    assert errors(provider, response=token, idempotency_key="a") == []
    assert errors(provider, response=token, idempotency_key="a") == []
    assert errors(provider, response=token, idempotency_key="b") == ["timeout-or-duplicate"]
    assert errors(provider, response=token) == ["timeout-or-duplicate"]


def ask(stand_in: HumanCheckStandIn, method: str, path: str, body: str = "", **headers: str) -> HttpResponse:
    request = HttpRequest(
        method=method, path=path, headers=tuple(headers.items()), body=body.encode(), client_ip="127.0.0.1"
    )
    return asyncio.run(stand_in.handle(request))


def test_siteverify_takes_a_form_and_nothing_else(provider: Provider) -> None:
    stand_in = HumanCheckStandIn(provider)
    said = json.dumps({"hostname": HOST, "action": "", "site_key": "site"})
    token = ask(stand_in, "POST", "/token", said).body.decode()
    form = urlencode({"secret": SECRET, "response": token})
    path = provider.rules.path
    assert ask(stand_in, "POST", path, form, **{"content-type": "application/json"}).status == 400
    answer = ask(stand_in, "POST", path, form, **{"content-type": "application/x-www-form-urlencoded"})
    assert json.loads(answer.body)["success"] is True
    assert ask(stand_in, "GET", path).status == 404
    stand_in.fault = 503
    assert ask(stand_in, "POST", path, form).status == 503
    assert stand_in.verified == [True]
