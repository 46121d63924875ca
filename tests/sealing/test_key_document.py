"""The keys in the secret: what Secrets Manager makes first, and what rotations make of it."""

from __future__ import annotations

import json

import pytest

from sealing.key_document import KEY_LENGTH, KeyDocument, KeyDocumentError, SealKey
from tests.sealing.tokens import KEYS, NOW


def test_reads_what_secrets_manager_makes() -> None:
    document = KeyDocument.from_json(json.dumps({"key": "a" * KEY_LENGTH}))
    assert document == KEYS
    assert document.sealing(0) == document.key


def test_reads_what_it_has_written() -> None:
    rotated = KEYS.successor(now=NOW, lead=60)
    assert KeyDocument.from_json(rotated.to_json()) == rotated
    assert rotated.previous == KEYS.key
    assert rotated.successor(now=NOW, lead=60).previous == rotated.key


def test_one_key_makes_three_that_have_nothing_in_common() -> None:
    key = SealKey.of("a" * KEY_LENGTH)
    assert len({key.signing, key.encrypting, key.name.encode()}) == 3
    assert {len(key.signing), len(key.encrypting)} == {32}
    assert key.signing[:9] not in key.encrypting
    assert SealKey.of("a" * KEY_LENGTH) == key
    assert SealKey.of("a" * (KEY_LENGTH - 1) + "b").name != key.name


def test_shows_nothing_of_a_key() -> None:
    shown = repr(KEYS)
    assert "a" * 8 not in shown
    assert "signing" not in shown


def test_a_new_key_is_a_new_one_each_time() -> None:
    assert len({KeyDocument.afresh().key.text for _ in range(5)}) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"key": 7}',
        '{"key": "short"}',
        json.dumps({"key": "-" * KEY_LENGTH}),
        json.dumps({"key": "ä" * KEY_LENGTH}),
        json.dumps({"key": "a" * KEY_LENGTH, "from": "now"}),
        json.dumps({"key": "a" * KEY_LENGTH, "from": True}),
        json.dumps({"key": "a" * KEY_LENGTH, "previous": "b" * KEY_LENGTH}),
        "[" * 100_000,
    ],
)
def test_refuses_what_holds_no_key_and_quotes_nothing(text: str) -> None:
    with pytest.raises(KeyDocumentError) as refused:
        KeyDocument.from_json(text)
    assert "aaaa" not in str(refused.value)
    assert "--" not in str(refused.value)
