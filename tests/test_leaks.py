"""The search for sentinels finds each form of each, wherever it begins, and nothing where nothing is."""

import base64
import json
import random
import string
from urllib.parse import quote

import pytest

from tests.leaks import Search, forms_of

PASSWORD = 'Aa1!sentinel/4711+"grün" \\ä'
TOKEN = "eyJraWQiOiJzZW50aW5lbCJ9." + "x9Zk-_" * 60 + ".sig-nature"
CODE = "735294"
SEARCH = Search({"password": PASSWORD, "token": TOKEN, "code": CODE})
FORMS = sorted({name for name, _ in forms_of(PASSWORD)})


def noise(length: int, seed: int) -> bytes:
    generator = random.Random(seed)  # noqa: S311 - not for secrecy
    return "".join(generator.choices(string.printable, k=length)).encode()


def planted(text: str, seed: int = 1) -> bytes:
    return noise(5_000, seed) + text.encode() + noise(5_000, seed + 1)


def found(written: bytes) -> set[str]:
    return {leak.what for leak in SEARCH.leaks("here", written)}


def test_finds_nothing_where_nothing_is() -> None:
    assert SEARCH.leaks("here", noise(200_000, 7)) == set()


@pytest.mark.parametrize("what", ["password", "token"])
@pytest.mark.parametrize("form", FORMS)
def test_finds_each_form_planted_once(what: str, form: str) -> None:
    text = dict(forms_of({"password": PASSWORD, "token": TOKEN}[what]))[form]
    leaks = SEARCH.leaks("here", planted(text))
    assert form in {leak.form for leak in leaks}
    assert {leak.what for leak in leaks} == {what}


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "Authorization: Basic "])
@pytest.mark.parametrize("behind", ["", "z", "zy", "zyx"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_finds_it_within_what_was_encoded_as_a_whole(before: str, behind: str, encode: object) -> None:
    """By an encoder that knows nothing of the search."""
    assert callable(encode)
    whole = encode(f"{before}{PASSWORD}{behind}".encode()).decode()
    assert found(planted(whole)) == {"password"}


def test_finds_it_in_documents_in_documents() -> None:
    inner = json.dumps({"body": json.dumps({"Password": PASSWORD})})
    assert found(planted(inner)) == {"password"}
    assert found(planted(quote(json.dumps({"p": PASSWORD})))) == {"password"}
    assert found(planted(f"{PASSWORD} in hex is {PASSWORD.encode().hex()}")) == {"password"}


@pytest.mark.parametrize("cut", [TOKEN[:40], TOKEN[:20], TOKEN[-20:], TOKEN[200:]])
def test_finds_one_that_was_cut_off(cut: str) -> None:
    assert found(planted(cut)) == {"token"}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        (f" {CODE} ", True),
        (f'"{CODE}"', True),
        (f"={CODE}&", True),
        (f"1{CODE}", False),
        (f"0.{CODE}", False),
        (f"a{CODE}", False),
    ],
)
def test_a_short_one_is_found_as_a_word(text: str, is_found: bool) -> None:
    assert (found(planted(f" {text} ")) == {"code"}) is is_found


def test_too_short_to_look_for() -> None:
    with pytest.raises(ValueError, match="pin is too short"):
        Search({"pin": "12345"})
