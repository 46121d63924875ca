"""The example with e-mail addresses, as a user of it would test it: without CDK, without a network."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from cognito_proxy_guards import Call, Reject
from tests.examples.folders import EMAIL_RULES


@pytest.fixture(scope="module")
def rules() -> Iterator[ModuleType]:
    """As in the function, where it stands at the top."""
    sys.path.insert(0, str(EMAIL_RULES))
    yield importlib.import_module("email_rules")
    sys.path.remove(str(EMAIL_RULES))


def sign_up(address: str, *, operation: str = "SignUp") -> Call:
    return Call(operation=operation, attributes={"email": address}, tells=["normalized_email"])


@pytest.mark.parametrize(
    "address",
    [
        "x@mailinator.com",
        "x@MAILINATOR.COM",
        "x@a.b.mailinator.com",
        "x@mailinator.com.",
        '"x@good.example"@mailinator.com',
        "x@good.example@mailinator.com",
    ],
)
@pytest.mark.parametrize("operation", ["SignUp", "UpdateUserAttributes", "RespondToAuthChallenge"])
def test_a_disposable_address_is_refused_wherever_it_is_set(rules: ModuleType, address: str, operation: str) -> None:
    answer = rules.check(sign_up(address, operation=operation))
    assert answer == Reject("Please use an e-mail address that you keep.")


def test_a_disposable_address_as_username_is_refused(rules: ModuleType) -> None:
    call = Call(operation="SignUp", username="x@yopmail.com", attributes={"email": "ada@example.com"})
    assert isinstance(rules.check(call), Reject)
    # Whoever has such an account may still sign in, and change the address.
    assert rules.check(Call(operation="RespondToAuthChallenge", username="x@yopmail.com")) is None


def test_what_is_longer_than_a_domain_can_be_is_refused_and_not_looked_at(rules: ModuleType) -> None:
    assert rules.check(sign_up("x@" + "a." * 4_000 + "example")) == Reject("This is no e-mail address.")
    assert rules.check(sign_up("x@" + "a." * 120 + "example")) is None


@pytest.mark.parametrize("address", ["ada@example.com", "ada@notmailinator.com", "ada@mailinator.com.example", "ada"])
def test_any_other_address_passes(rules: ModuleType, address: str) -> None:
    assert rules.check(sign_up(address)) is None


@pytest.mark.parametrize(
    ("address", "normalized"),
    [
        ("Ada+Shop@Example.com", "ada@example.com"),
        ("ada.l+a+b@example.com", "ada.l@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@" + "x" * 64 + ".example", "ada@" + "x" * 64 + ".example"),
    ],
)
def test_the_triggers_are_told_one_spelling(rules: ModuleType, address: str, normalized: str) -> None:
    call = sign_up(address)
    assert rules.check(call) is None
    assert call.told == {"normalized_email": normalized}


def test_tags_are_refused_at_choice(rules: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "REFUSE_TAGS", True)
    assert isinstance(rules.check(sign_up("ada+shop@example.com")), Reject)
    assert rules.check(sign_up("ada@example+x.com")) is None


def test_the_list_is_a_file_of_domains(rules: ModuleType) -> None:
    assert rules.read_domains("# a comment\n\nOne.example # why\n two.example\n") == {"one.example", "two.example"}
    assert "mailinator.com" in rules.DOMAINS
    assert not [domain for domain in rules.DOMAINS if " " in domain or "." not in domain]
