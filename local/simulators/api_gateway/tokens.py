"""What both kinds of authorizers ask of a token: that an issuer of theirs signed it, and that it is the time for it.

PyJWT does it; what it is told, and what else is asked, stands here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import jwt
from jwt import exceptions

from local.simulators.api_gateway.pool_keys import PoolKeys

Claims = Mapping[str, Any]

ALGORITHMS = ("RS256", "RS384", "RS512")
"""Of these, a pool's key says which is its own: RS256. "Currently, only RSA-based algorithms are supported" (API
Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers")."""

_SCHEME = "Bearer "


class Fault(Enum):
    """What is wrong with a token, in words that repeat nothing of it."""

    MISSING = "there is no token"
    UNREADABLE = "the token is not a signed JWT"
    ALGORITHM = "the token's algorithm is not its key's"
    KEY = "no key of the issuer has the token's kid"
    SIGNATURE = "the token's signature is not the issuer's"
    ISSUER = "the token does not have a valid issuer"
    AUDIENCE = "the token does not have a valid audience"
    EXPIRED = "the token has expired"
    EARLY = "the token is not valid yet"
    CLAIMS = "a claim is missing or not of its type"
    USE = "the token is not meant for this"
    SCOPE = "the token has none of the scopes that are asked for"


class TokenRefused(Exception):
    """A token is not good enough."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Reads tokens that one of the `issuers` signed."""

    issuers: Collection[str]
    keys: PoolKeys

    async def claims(self, token: str) -> Claims:
        """The claims of a token whose signature and times are right.

        Raises TokenRefused for any other, and KeysUnavailable when there are no keys to say which it is.
        """
        kid, issuer = self._named_in(token)
        key = await self.keys.key(issuer, kid)
        if key is None:
            raise TokenRefused(Fault.KEY)
        try:
            claims: Claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                issuer=issuer,
                # Which audience, and in which claim, differs between the two kinds of authorizers. That `exp` has to
                # be there is the stricter reading of "exp: Must be after the current time in UTC".
                options={"require": ["exp"], "verify_aud": False, "enforce_minimum_key_length": True},
            )
        except exceptions.PyJWTError as error:
            raise TokenRefused(_fault(error)) from error
        return claims

    def _named_in(self, token: str) -> tuple[str, str]:
        """The kid and the issuer that a token names, of which nothing is verified yet."""
        try:
            unverified = jwt.decode_complete(token, options={"verify_signature": False})
        except (exceptions.PyJWTError, RecursionError) as error:
            raise TokenRefused(Fault.UNREADABLE) from error
        kid, issuer = unverified["header"].get("kid"), unverified["payload"].get("iss")
        if not isinstance(kid, str):
            raise TokenRefused(Fault.KEY)
        if not isinstance(issuer, str) or issuer not in self.issuers:
            raise TokenRefused(Fault.ISSUER)
        return kid, issuer


def token_of(value: str | None) -> str:
    """The token in an identity source, which holds it alone or after `Bearer `. Raises TokenRefused without one.

    For HTTP APIs that is documented. For REST APIs the token alone is; clients of either kind send the prefix, and AWS
    takes it (https://github.com/awslabs/nx-plugin-for-aws/pull/828). Of other spellings nothing is known: refused.
    """
    token = (value or "").removeprefix(_SCHEME)
    if not token or token == _SCHEME.strip():
        raise TokenRefused(Fault.MISSING)
    return token


def scopes_of(claims: Claims) -> frozenset[str]:
    """The scopes that a token grants, from `scope` or `scp`."""
    granted: set[str] = set()
    for name in ("scope", "scp"):
        match claims.get(name):
            case str(text):
                granted.update(text.split())
            case list(items):
                granted.update(item for item in items if isinstance(item, str))
    return frozenset(granted)


def _fault(error: exceptions.PyJWTError) -> Fault:
    for kind, fault in _FAULTS.items():
        if isinstance(error, kind):
            return fault
    return Fault.UNREADABLE


_FAULTS: Mapping[type[exceptions.PyJWTError], Fault] = {
    exceptions.InvalidSignatureError: Fault.SIGNATURE,
    exceptions.InvalidAlgorithmError: Fault.ALGORITHM,
    exceptions.InvalidKeyError: Fault.KEY,
    exceptions.ExpiredSignatureError: Fault.EXPIRED,
    exceptions.ImmatureSignatureError: Fault.EARLY,
    exceptions.InvalidIssuerError: Fault.ISSUER,
    exceptions.MissingRequiredClaimError: Fault.CLAIMS,
    exceptions.InvalidIssuedAtError: Fault.CLAIMS,
    exceptions.InvalidSubjectError: Fault.CLAIMS,
    exceptions.InvalidJTIError: Fault.CLAIMS,
}
"""In this order: a subclass stands before what it is derived from."""
