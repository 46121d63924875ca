"""What is printed, and the document for programs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cognito_proxy.audit.facts import Client, Flow, LastUse, Pool
from cognito_proxy.audit.verdict import judge
from cognito_proxy.audit.words import as_document, as_lines, duration, use

POOL = Pool(pool_id="eu-west-1_AbCdEf123", name="Shop")
OURS = Client(client_id="ours", name="web", has_secret=True, of_the_proxy=True, flows=frozenset({Flow.SRP}))
OLD = Client(
    client_id="old",
    name="old web",
    flows=frozenset({Flow.SRP, Flow.REFRESH}),
    last_use=LastUse(days=90, day="2030-01-05", successes={"sign-ins": 1_204}, refused=3),
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (60, "1 minute"),
        (300, "5 minutes"),
        (3_600, "1 hour"),
        (5_400, "90 minutes"),
        (86_400, "1 day"),
        (2_592_000, "30 days"),
        (61, "61 seconds"),
    ],
)
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("last", "text"),
    [
        (LastUse(known=False), "last use not known"),
        (LastUse(days=90), "no success in 90 days"),
        (LastUse(days=90, refused=2), "no success in 90 days (2 refused)"),
        (
            LastUse(days=7, day="2030-01-05", successes={"sign-ins": 2}),
            "last used on 2030-01-05 (2 sign-ins in 7 days)",
        ),
        (OLD.last_use, "last used on 2030-01-05 (1,204 sign-ins; 3 refused in 90 days)"),
    ],
)
def test_last_use(last: LastUse, text: str) -> None:
    assert use(last) == text


def test_lines_for_people() -> None:
    lines = list(as_lines(judge(POOL, [OURS, OLD])))
    assert lines[0] == "User pool eu-west-1_AbCdEf123 (Shop): 2 app clients"
    assert "OPEN: app client old (old web)" in lines
    assert "closed: app client ours (web), the proxy's" in lines
    assert sum(line.startswith("      What to do: ") for line in lines) == 5
    assert lines[-1] == "1 of 2 app clients open, with 3 doors."
    assert max(map(len, lines)) <= 100


def test_lines_where_nothing_is_open() -> None:
    assert list(as_lines(judge(POOL, [OURS])))[-1] == "No door past the proxy was found of 1 app client."


def test_lines_where_a_door_is_accepted() -> None:
    lines = list(as_lines(judge(POOL, [OLD], accepted=frozenset({"old"}))))
    assert lines[-1] == "No door past the proxy was found of 1 app client; 1 more, which you accept."
    assert "accepted: app client old (old web)" in lines


def test_a_document_for_programs() -> None:
    document = json.loads(json.dumps(as_document(judge(POOL, [OURS, OLD]))))
    assert (document["user_pool_id"], document["open"], document["web_acl_arn"]) == ("eu-west-1_AbCdEf123", 1, None)
    assert [finding["name"] for finding in document["findings"]] == ["no-web-acl"]
    old, ours = document["app_clients"]
    assert (old["state"], ours["state"], ours["last_use"]) == ("open", "closed", None)
    assert old["lifetimes_seconds"] == {"access": 3_600, "id": 3_600, "refresh": 2_592_000}
    assert old["last_use"] == {"day": "2030-01-05", "days": 90, "successes": {"sign-ins": 1_204}, "refused": 3}
    assert [(finding["kind"], finding["name"]) for finding in old["findings"]] == [
        ("door", "sign-up"),
        ("door", "recovery"),
        ("door", "password-guessing"),
        ("note", "refresh"),
    ]


def test_one_that_was_never_used() -> None:
    unused = replace(OLD, last_use=LastUse(days=90))
    assert as_document(judge(POOL, [unused]))["app_clients"][0]["last_use"]["day"] is None
