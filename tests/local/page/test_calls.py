"""What the side panel is told: the proxy's additions by name, and no value that is anybody's secret."""

import json
from typing import Any

import pytest

from local.page.calls import CallFeed
from local.screen.exchanges import Exchange
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.journal import Call, Journal

SENTINEL = "sentinel"
PASSWORD, HASH, TOKEN = f"{SENTINEL}-password", f"{SENTINEL}-hash", f"{SENTINEL}-token"
SIGN_UP = {"Username": "ada", "Password": PASSWORD, "ClientId": "1a2b3c"}


def call(operation: str, body: dict[str, Any], answer: dict[str, Any], *, method: str = "POST") -> Call:
    """As a journal keeps it."""
    journal = Journal()
    journal.record(
        HttpRequest(
            method=method,
            path="/",
            headers=(("x-amz-target", f"AWSCognitoIdentityProviderService.{operation}"),),
            body=json.dumps(body).encode(),
            client_ip="127.0.0.1",
        ),
        HttpResponse(status=200, headers=(), body=json.dumps(answer).encode()),
    )
    return journal.calls()[0]


def exchange(*, direct: bool = False, method: str = "POST") -> Exchange:
    answer = {"UserSub": TOKEN, "Session": TOKEN}
    return Exchange(
        time="12:00:00",
        came=call("SignUp", SIGN_UP, answer, method=method),
        went_on=None if direct else call("SignUp", SIGN_UP | {"SecretHash": HASH}, answer),
        direct=direct,
    )


@pytest.mark.proves("page-panel-redacted")
def test_tells_what_was_added_and_no_secret() -> None:
    feed = CallFeed()
    feed.take(exchange())
    told = feed.since(0)
    (one,) = told["calls"]
    assert (one["subject"], one["what"], one["status"]) == ("SignUp ada", "secret hash added", 200)
    labels = [row["label"] for row in one["wire"]]
    assert labels == ["client to proxy", "proxy to Cognito", "answer"]
    marked = [piece["text"] for row in one["wire"] for piece in row["pieces"] if piece["mark"] == "added"]
    assert marked == ["SecretHash <added>"]
    assert "".join(piece["text"] for piece in one["wire"][0]["pieces"]) == "SignUp {Username=ada, Password, ClientId}"
    assert SENTINEL not in json.dumps(told)


def test_tells_who_went_round_the_proxy() -> None:
    feed = CallFeed()
    feed.take(exchange(direct=True))
    (one,) = feed.since(0)["calls"]
    assert one["what"].startswith("went round the proxy")
    assert [row["label"] for row in one["wire"]] == ["client to Cognito", "answer"]


def test_leaves_preflights_out() -> None:
    feed = CallFeed()
    feed.take(exchange(method="OPTIONS"))
    assert feed.since(0) == {"calls": [], "last": 0}


def test_tells_each_call_once_and_forgets_the_oldest() -> None:
    feed = CallFeed()
    for _ in range(205):
        feed.take(exchange())
    assert feed.since(205) == {"calls": [], "last": 205}
    assert len(feed.since(203)["calls"]) == 2
    assert len(feed.since(0)["calls"]) == 200
