"""Tokens as Cognito signs them, and as somebody forges them. Put together by hand, so that no library refuses to."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HOUR = 3600

Document = Mapping[str, Any]


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """A key pair; another for each name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encoded(part: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def as_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    """The public half, as a pool publishes it."""
    numbers = key.public_key().public_numbers()
    n, e = (encoded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e}


def assembled(header: object, claims: object, sign: Callable[[bytes], bytes]) -> str:
    """A token in its compact form."""
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{encoded(sign(signed.encode()))}"


def rs256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda signed: key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def ps256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    return lambda signed: key.sign(signed, pss, hashes.SHA256())


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def unsigned(_: bytes) -> bytes:
    return b""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A user pool's key, and what stands in the tokens that it signs."""

    key: rsa.RSAPrivateKey
    kid: str
    issuer: str
    client_id: str
    use: str
    """`id` or `access`."""
    extra: Document
    """Further claims: a scope, a name."""

    def claims(self, **other: Any) -> dict[str, Any]:
        """Those of a good token; with None as its value a claim is left out."""
        now = int(time.time())
        audience = {"aud": self.client_id} if self.use == "id" else {"client_id": self.client_id}
        claims = {
            "sub": "11111111-2222-4333-8444-555555555555",
            "iss": self.issuer,
            "token_use": self.use,
            "auth_time": now,
            "iat": now,
            "exp": now + HOUR,
            **audience,
            **self.extra,
            **other,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def header(self, **other: Any) -> dict[str, Any]:
        header = {"kid": self.kid, "alg": "RS256", **other}
        return {name: value for name, value in header.items() if value is not None}

    def token(self, **other: Any) -> str:
        """A token that this pool signed, good but for what is said."""
        return assembled(self.header(), self.claims(**other), rs256(self.key))

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def _with_header(**other: Any) -> Callable[[Signer], str]:
    return lambda pool: assembled(pool.header(**other), pool.claims(), rs256(pool.key))


def _with_claims(**other: Any) -> Callable[[Signer], str]:
    return lambda pool: pool.token(**other)


def _later(claim: str, seconds: int) -> Callable[[Signer], str]:
    return lambda pool: pool.token(**{claim: int(time.time()) + seconds})


def _by_attacker(kid: str = "") -> Callable[[Signer], str]:
    """By another key, which is not the pool's."""
    return lambda pool: replace(pool, key=private_key("attacker"), kid=kid or pool.kid).token()


def _parts(pool: Signer) -> list[str]:
    return pool.token().split(".")


def _tampered_payload(pool: Signer) -> str:
    header, _, signature = _parts(pool)
    return f"{header}.{encoded(json.dumps(pool.claims(sub='somebody-else')).encode())}.{signature}"


def _tampered_signature(pool: Signer) -> str:
    header, payload, signature = _parts(pool)
    return f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def _self_supplied_key(pool: Signer) -> str:
    key = private_key("attacker")
    header = pool.header(jwk=as_jwk(key, pool.kid), jku="http://127.0.0.1:1/jwks.json")
    return assembled(header, pool.claims(), rs256(key))


FORGED: Mapping[str, Callable[[Signer], str]] = {
    "another key under the pool's kid": _by_attacker(),
    "another key under a kid of its own": _by_attacker("attacker-1"),
    "another key, sent along in the header": _self_supplied_key,
    "kid unknown": _with_header(kid="unknown-1"),
    "kid missing": _with_header(kid=None),
    "kid that is no text": _with_header(kid=7),
    "alg none, no signature": lambda p: assembled(p.header(alg="none"), p.claims(), unsigned),
    "alg nOnE, no signature": lambda p: assembled(p.header(alg="nOnE"), p.claims(), unsigned),
    "alg none, the signature kept": _with_header(alg="none"),
    "alg HS256 with the public key": lambda p: assembled(p.header(alg="HS256"), p.claims(), hs256(p.public_pem())),
    "alg HS256 with an empty key": lambda p: assembled(p.header(alg="HS256"), p.claims(), hs256(b"")),
    "alg HS256, the signature kept": _with_header(alg="HS256"),
    "alg RS512, the signature kept": _with_header(alg="RS512"),
    "alg PS256 by the pool's key": lambda p: assembled(p.header(alg="PS256"), p.claims(), ps256(p.key)),
    "alg missing": _with_header(alg=None),
    "a critical header that nobody knows": _with_header(crit=["exp-2"], **{"exp-2": 1}),
    "payload tampered": _tampered_payload,
    "signature tampered": _tampered_signature,
    "signature cut": lambda p: p.token()[:-8],
    "signature missing": lambda p: ".".join(_parts(p)[:2]) + ".",
    "signature with foreign characters in it": lambda p: f"{p.token()[:-8]}!!!!{p.token()[-8:]}",
}
"""Nobody but the pool could have signed the claims, and it did not, or not so."""

STALE: Mapping[str, Callable[[Signer], str]] = {
    "expired a second ago": _later("exp", -1),
    "expired long ago": _later("exp", -HOUR),
    "exp missing": _with_claims(exp=None),
    "exp that is no number": _with_claims(exp="tomorrow"),
    "exp that is a list": _with_claims(exp=[9999999999]),
    "nbf in the future": _later("nbf", HOUR),
    "iat in the future": _later("iat", HOUR),
    "iat that is no number": _with_claims(iat="yesterday"),
}
"""Signed by the pool, at another time."""

ELSEWHERE: Mapping[str, Callable[[Signer], str]] = {
    "audience of another app client": lambda p: p.token(**{_audience(p): "another-client"}),
    "audience missing": lambda p: p.token(**{_audience(p): None}),
    "audience that begins like the right one": lambda p: p.token(**{_audience(p): f"{p.client_id}0"}),
    "audience that ends like the right one": lambda p: p.token(**{_audience(p): f"0{p.client_id}"}),
    "audience in capitals": lambda p: p.token(**{_audience(p): p.client_id.swapcase()}),
    "another aud beside the right client_id": lambda p: p.token(aud="another-client", client_id=p.client_id),
    "issuer of another pool": lambda p: p.token(iss=f"{p.issuer}x"),
    "issuer of another host": lambda p: p.token(iss=p.issuer.replace("amazonaws.com", "example.com")),
    "issuer with a slash at its end": lambda p: p.token(iss=f"{p.issuer}/"),
    "issuer missing": _with_claims(iss=None),
    "issuer that is a list": lambda p: p.token(iss=[p.issuer]),
    "refresh token": _with_claims(token_use="refresh"),
}
"""Signed by the pool, for something else."""

MALFORMED: Mapping[str, Callable[[Signer], str]] = {
    "no token": lambda _: "",
    "a word": lambda _: "token",
    "one part": lambda p: _parts(p)[0],
    "two parts": lambda p: ".".join(_parts(p)[:2]),
    "four parts": lambda p: f"{p.token()}.{_parts(p)[2]}",
    "five parts, as an encrypted token has": lambda p: ".".join([*_parts(p), "AAAA", "AAAA"]),
    "dots": lambda _: "..",
    "a header that is no JSON": lambda p: ".".join([encoded(b"{"), *_parts(p)[1:]]),
    "a header that is a list": lambda p: assembled(["RS256"], p.claims(), rs256(p.key)),
    "claims that are no JSON": lambda p: _signed_text(p, b"{"),
    "claims that are a list": lambda p: assembled(p.header(), ["sub"], rs256(p.key)),
    "claims that are deep": lambda p: _signed_text(p, b"[" * 4000 + b"]" * 4000),
    "a scheme without a token": lambda _: "Bearer",
    "another scheme": lambda p: f"Basic {p.token()}",
    "two tokens": lambda p: f"{p.token()}, {p.token()}",
    "quotes around it": lambda p: f'"{p.token()}"',
}
"""Not a token at all."""

BAD: Mapping[str, Callable[[Signer], str]] = {**FORGED, **STALE, **ELSEWHERE, **MALFORMED}
"""What a value of the Authorization header may be, and no authorizer may take, by what is wrong with it."""


def _audience(pool: Signer) -> str:
    return "aud" if pool.use == "id" else "client_id"


def _signed_text(pool: Signer, claims: bytes) -> str:
    signed = f"{encoded(json.dumps(pool.header()).encode())}.{encoded(claims)}"
    return f"{signed}.{encoded(rs256(pool.key)(signed.encode()))}"
