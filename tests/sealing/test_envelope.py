"""What a sealed token says, and that nothing about it can be changed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import OctKey

from sealing.envelope import (
    SHOWN_CLAIMS,
    BrokenSeal,
    CannotSeal,
    SealExpired,
    SealRefused,
    UnknownKey,
    is_signed_by_cognito,
    open_sealed,
    seal,
)
from sealing.key_document import GRACE_SECONDS, LONGEST_TOKEN_SECONDS, KeyDocument
from tests.sealing.tokens import KEYS, NOW, OTHER_KEYS, claims, token

TOKEN = token()
SEALED = seal(TOKEN, KEYS, now=NOW)


def outside(sealed: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(urlsafe_b64decode(sealed.split(".")[1] + "=="))
    return payload


def signed(payload: dict[str, Any], keys: KeyDocument = KEYS, **header: Any) -> str:
    """What whoever had the signing key could make."""
    protected = {"alg": "HS256", "typ": "JWT", "kid": keys.key.name} | header
    return jws.serialize_compact(
        protected, json.dumps(payload, separators=(",", ":")), OctKey.import_key(keys.key.signing), [protected["alg"]]
    )


def test_gives_back_what_was_sealed() -> None:
    opened = open_sealed(SEALED, KEYS, now=NOW)
    assert opened.token == TOKEN
    assert opened.claims == claims()


@pytest.mark.proves("sealed-readable")
def test_a_reader_of_jwt_finds_the_claims_that_apps_read() -> None:
    said = jwt.decode(SEALED, options={"verify_signature": False})
    assert {name: said[name] for name in SHOWN_CLAIMS} == {name: claims()[name] for name in SHOWN_CLAIMS}
    assert jwt.get_unverified_header(SEALED)["typ"] == "JWT"
    # And a library that knows nothing of this project agrees about the signature.
    assert jwt.decode(
        SEALED, KEYS.key.signing, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
    )


def test_nothing_of_the_token_but_those_claims_can_be_read() -> None:
    text = json.dumps(outside(SEALED))
    assert set(outside(SEALED)) == {*SHOWN_CLAIMS, "sealed"}
    assert "sentinel-of-a-trigger" not in text
    assert TOKEN.split(".")[2] not in text


def test_two_of_one_token_are_never_the_same() -> None:
    assert seal(TOKEN, KEYS, now=NOW) != SEALED


@pytest.mark.proves("sealed-forgeries-refused")
@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 6))
def test_no_bit_can_be_flipped(place: int, bit: int) -> None:
    flipped = SEALED[:place] + chr(ord(SEALED[place]) ^ (1 << bit)) + SEALED[place + 1 :]
    with pytest.raises(SealRefused):
        open_sealed(flipped, KEYS, now=NOW)


def test_no_bit_of_the_last_sign_can_be_flipped_either() -> None:
    """Base64url leaves two bits of it over, which a lenient reader drops."""
    for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=":
        if sign != SEALED[-1]:
            with pytest.raises(SealRefused):
                open_sealed(SEALED[:-1] + sign, KEYS, now=NOW)


@given(text=st.text(max_size=200))
def test_whatever_comes_is_refused_in_one_way(text: str) -> None:
    for sealed in (text, f"{text}.{text}.{text}", f"{SEALED.partition('.')[0]}.{text}.{text}"):
        with pytest.raises(SealRefused):
            open_sealed(sealed, KEYS, now=NOW)


def test_parts_of_two_tokens_make_none() -> None:
    others = seal(token(sub="bob", username="bob", jti="other"), KEYS, now=NOW).split(".")
    parts = SEALED.split(".")
    for place in (1, 2):
        swapped = [*parts[:place], others[place], *parts[place + 1 :]]
        with pytest.raises(BrokenSeal):
            open_sealed(".".join(swapped), KEYS, now=NOW)


def test_an_envelope_around_somebody_else_s_token_is_refused_even_with_a_good_signature() -> None:
    bobs = outside(seal(token(sub="bob", username="bob", jti="other"), KEYS, now=NOW))
    with pytest.raises(BrokenSeal, match="outside"):
        open_sealed(signed(outside(SEALED) | {"sealed": bobs["sealed"]}), KEYS, now=NOW)
    with pytest.raises(BrokenSeal, match="outside"):
        open_sealed(signed(outside(SEALED) | {"exp": int(NOW) + 7200}), KEYS, now=NOW)
    with pytest.raises(BrokenSeal, match="outside"):
        open_sealed(signed(outside(SEALED) | {"admin": True}), KEYS, now=NOW)
    assert open_sealed(signed(outside(SEALED)), KEYS, now=NOW).token == TOKEN


@pytest.mark.parametrize("header", [{"alg": "HS512"}, {"typ": "JOSE"}, {"cty": "JWT"}])
def test_another_header_is_refused(header: dict[str, str]) -> None:
    with pytest.raises(BrokenSeal):
        open_sealed(signed(outside(SEALED), **header), KEYS, now=NOW)


def test_a_token_without_signature_is_refused() -> None:
    header = urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT", "kid": KEYS.key.name}).encode()).decode()
    for end in ("", SEALED.split(".")[2]):
        with pytest.raises(BrokenSeal):
            open_sealed(f"{header.rstrip('=')}.{SEALED.split('.')[1]}.{end}", KEYS, now=NOW)


@pytest.mark.parametrize("inside", [None, 7, "", "x.y", f"{SEALED}", "a.b.c.d.e"])
def test_what_cannot_be_decrypted_is_refused(inside: object) -> None:
    with pytest.raises(BrokenSeal):
        open_sealed(signed(outside(SEALED) | {"sealed": inside}), KEYS, now=NOW)


def test_what_is_inside_must_be_a_token() -> None:
    encrypted = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM"}, b"no token", OctKey.import_key(KEYS.key.encrypting)
    )
    with pytest.raises(BrokenSeal, match="no token"):
        open_sealed(signed({"exp": int(NOW) + 1, "sealed": encrypted}), KEYS, now=NOW)


def test_cognito_s_own_token_is_not_sealed() -> None:
    with pytest.raises(BrokenSeal):
        open_sealed(TOKEN, KEYS, now=NOW)
    assert is_signed_by_cognito(TOKEN)
    assert not is_signed_by_cognito(SEALED)
    assert not is_signed_by_cognito("")


def test_it_ends_when_the_token_ends() -> None:
    ends = claims()["exp"]
    assert open_sealed(SEALED, KEYS, now=ends - 0.1).token == TOKEN
    with pytest.raises(SealExpired):
        open_sealed(SEALED, KEYS, now=ends)


@pytest.mark.parametrize("expires", [None, "soon", True])
def test_a_token_that_says_not_when_it_ends_is_neither_sealed_nor_opened(expires: object) -> None:
    with pytest.raises(CannotSeal):
        seal(token(exp=expires), KEYS, now=NOW)
    with pytest.raises(BrokenSeal):
        open_sealed(signed(outside(SEALED) | {"exp": expires}), KEYS, now=NOW)


@pytest.mark.parametrize("wrong", ["", "x", "a.b", "a.b.c", "a.b.c.d.e", "ä.ö.ü"])
def test_what_is_no_token_cannot_be_sealed(wrong: str) -> None:
    with pytest.raises(CannotSeal):
        seal(wrong, KEYS, now=NOW)


def test_a_foreign_key_is_told_apart_from_a_broken_seal() -> None:
    with pytest.raises(UnknownKey):
        open_sealed(seal(TOKEN, OTHER_KEYS, now=NOW), KEYS, now=NOW)
    # With our key's name on it, it is broken.
    with pytest.raises(BrokenSeal, match="signature"):
        open_sealed(signed(outside(SEALED), OTHER_KEYS, kid=KEYS.key.name), KEYS, now=NOW)


@pytest.mark.proves("sealed-two-keys")
def test_the_previous_key_opens_until_its_last_token_has_expired_and_not_longer() -> None:
    lead = 3600
    rotated = KEYS.successor(now=NOW, lead=lead)
    assert rotated.sealing(NOW + lead - 1) == KEYS.key
    assert rotated.sealing(NOW + lead) == rotated.key
    last = seal(token(exp=int(NOW) + 10 * LONGEST_TOKEN_SECONDS), rotated, now=NOW + lead - 1)
    over = NOW + lead + LONGEST_TOKEN_SECONDS + GRACE_SECONDS
    assert open_sealed(last, rotated, now=over - 1)
    with pytest.raises(UnknownKey):
        open_sealed(last, rotated, now=over)


def test_a_key_that_was_rotated_out_opens_nothing() -> None:
    twice = KEYS.successor(now=NOW, lead=0).successor(now=NOW, lead=0)
    with pytest.raises(UnknownKey):
        open_sealed(SEALED, twice, now=NOW)
    with pytest.raises(UnknownKey):
        open_sealed(SEALED, KeyDocument.afresh(), now=NOW)


def test_a_long_token_is_sealed_and_a_cookie_holds_an_ordinary_one() -> None:
    long = token(**{"cognito:groups": [f"a-group-with-a-name-{number}" for number in range(500)]})
    assert open_sealed(seal(long, KEYS, now=NOW), KEYS, now=NOW).token == long
    assert len(SEALED) < 4096
