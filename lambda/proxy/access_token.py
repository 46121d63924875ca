"""What an access token says, as far as that can be read without verifying it: which user pool it is of, and whose.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
"""

from __future__ import annotations

import json
from base64 import b64decode


def is_of_another_pool(token: object, user_pool_id: str) -> bool:
    """Whether a token can be read and does not name this pool as its issuer.

    Cognito verifies tokens, and takes those of every pool: without this anybody could have the proxy carry the calls of
    other pools' users. What cannot be read is no token of any pool, and is left to Cognito, which refuses it.

    Only the pool's id is compared, and not the issuer's host, which has several forms: `cognito-idp.REGION` or
    `issuer-cognito-idp.REGION` (the form for pools with replicas; the Region is the primary's), and a suffix that
    differs from one AWS partition to the next. That is enough: the id holds the pool's Region, and a token in which
    somebody else wrote our id does not verify.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html
    """
    if not isinstance(token, str):
        return False
    claims = _claims(token)
    if claims is None:
        return False
    issuer = claims.get("iss")
    return not isinstance(issuer, str) or issuer.rpartition("/")[2] != user_pool_id


def unverified_claims(token: object) -> dict[str, object]:
    """What a token says, unverified: only for one that Cognito has just accepted, or where it does not matter who wrote
    it. Nothing of what is none."""
    return (_claims(token) if isinstance(token, str) else None) or {}


def _claims(token: str) -> dict[str, object] | None:
    """The payload of a JWT (RFC 7519), unverified, or None for what is none. It is as long as a body may be."""
    _, _, rest = token.partition(".")
    payload, dot, _ = rest.partition(".")
    if not dot:
        return None
    try:
        claims = json.loads(b64decode(payload + "==", altchars=b"-_"))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
