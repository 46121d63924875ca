"""A sealed token: a JWT that says what apps read, and holds Cognito's own access token, encrypted.

It is a JWS in compact form (RFC 7515), signed with HS256. Its claims are some of the token's own, and `sealed`: the
token as a JWE in compact form (RFC 7516; `dir`, A256GCM). The signature covers every bit that stands before it, and the
library takes base64url in its one canonical spelling only, so no bit of it can be changed.

joserfc does the cryptography. Importing it costs a cold start some tenths of a second, so nobody imports this module
where tokens are not sealed. docs/measurements.md has the times.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from sealing.key_document import KeyDocument, SealKey

Claims = Mapping[str, Any]

SHOWN_CLAIMS = (
    "auth_time",
    "client_id",
    "cognito:groups",
    "device_key",
    "exp",
    "iat",
    "iss",
    "jti",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
    "username",
)
"""Claims of the token that stand outside, too. Apps and SDKs read them: `exp` and `iat` to know when to refresh, `sub`
and `username` to know who it is, and `origin_jti` before they revoke anything at sign-out (amazon-cognito-identity-js,
CognitoUser.js, getTokenRevocability; aws-amplify, signOut.js, isSessionRevocable: without it nothing is revoked). Other
claims, those that a trigger has added among them, are for APIs, which the authorizer gives them to."""

_TYPE = {"alg": "HS256", "typ": "JWT"}
_ENCRYPTION = {"alg": "dir", "enc": "A256GCM"}
_SEALED = "sealed"


class SealRefused(Exception):
    """A token is not opened. The message is one of this module's own."""


class BrokenSeal(SealRefused):
    """It is not sealed at all, changed, or put together of several."""


class UnknownKey(BrokenSeal):
    """None of the keys has sealed it: perhaps one of which this reader has not heard yet."""


class SealExpired(SealRefused):
    """It was good once."""


class CannotSeal(Exception):
    """What Cognito gave is no access token that could be sealed."""


class Opened(NamedTuple):
    """What was inside."""

    token: str
    """Cognito's own."""
    claims: Claims
    """All that it says."""


def seal(token: str, keys: KeyDocument, *, now: float) -> str:
    """The sealed token for one that Cognito has just made. `now` is in seconds since 1970.

    Raises:
        CannotSeal: it is no JWT with a time to expire.
    """
    key = keys.sealing(now)
    try:
        claims = _claims_in(token)
        if not _is_number(claims.get("exp")):
            raise CannotSeal("the access token says not when it expires")
        encrypted = jwe.encrypt_compact(
            {**_ENCRYPTION, "kid": key.name}, token.encode("ascii"), _octets(key.encrypting), list(_ENCRYPTION.values())
        )
        payload = {**_shown(claims), _SEALED: encrypted}
        text = json.dumps(payload, separators=(",", ":")).encode("ascii")
        return jws.serialize_compact({**_TYPE, "kid": key.name}, text, _octets(key.signing), [_TYPE["alg"]])
    except (ValueError, RecursionError, JoseError):
        raise CannotSeal("the access token is not one that can be sealed") from None


def open_sealed(sealed: str, keys: KeyDocument, *, now: float) -> Opened:
    """What a sealed token holds. `now` is in seconds since 1970.

    Raises:
        UnknownKey: no key opens it; one that was read anew might.
        BrokenSeal: it is none, or not as it was made.
        SealExpired: its time is over.
    """
    outer, key = _verified(sealed, keys, now)
    expires = outer.get("exp")
    if not _is_number(expires):
        raise BrokenSeal("it says not when it expires")
    if now >= expires:
        raise SealExpired("it has expired")
    token = _decrypted(outer.get(_SEALED), key)
    try:
        claims = _claims_in(token)
    except (ValueError, RecursionError):
        raise BrokenSeal("what is inside is no token") from None
    # The signature says so already. This holds even for somebody who has the one key and not the other.
    if {**_shown(claims), _SEALED: outer[_SEALED]} != outer:
        raise BrokenSeal("what is inside is not what is said outside")
    return Opened(token, claims)


def is_signed_by_cognito(token: str) -> bool:
    """Whether a token looks like one of Cognito's own, which are signed with RS256. Nothing is verified."""
    try:
        header = json.loads(_decoded(token.partition(".")[0]))
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and header.get("alg") == "RS256"


def _verified(sealed: str, keys: KeyDocument, now: float) -> tuple[dict[str, Any], SealKey]:
    """The claims outside, once the signature is known to be ours."""
    try:
        envelope = jws.extract_compact(sealed.encode("ascii"))
        header = envelope.headers()
        if header.keys() != {*_TYPE, "kid"} or any(header[name] != value for name, value in _TYPE.items()):
            raise BrokenSeal("it is not sealed")
        key = keys.opening(header["kid"], now)
        if key is None:
            raise UnknownKey("no key opens it")
        if not jws.validate_compact(envelope, _octets(key.signing), [_TYPE["alg"]]):
            raise BrokenSeal("its signature is wrong")
        claims = json.loads(envelope.payload)
    except (ValueError, RecursionError, JoseError):
        raise BrokenSeal("it is no sealed token") from None
    if not isinstance(claims, dict):
        raise BrokenSeal("it has no claims")
    return claims, key


def _decrypted(encrypted: object, key: SealKey) -> str:
    if not isinstance(encrypted, str):
        raise BrokenSeal("there is nothing inside")
    try:
        inside = jwe.decrypt_compact(encrypted, _octets(key.encrypting), list(_ENCRYPTION.values()))
        return (inside.plaintext or b"").decode("ascii")
    except (ValueError, JoseError):
        raise BrokenSeal("what is inside cannot be decrypted") from None


def _octets(key: bytes) -> OctKey:
    return OctKey.import_key(key)


def _shown(claims: Claims) -> dict[str, Any]:
    return {name: claims[name] for name in SHOWN_CLAIMS if name in claims}


def _claims_in(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("no JWT")
    claims = json.loads(_decoded(parts[1]))
    if not isinstance(claims, dict):
        raise ValueError("no claims")
    return claims


def _decoded(part: str) -> bytes:
    return b64decode(part + "==", altchars=b"-_")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
