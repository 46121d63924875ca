"""Who calls, from the claims of the token that API Gateway has verified, and from nothing else.

API Gateway has checked signature, issuer and expiry. A REST API's user pool authorizer knows pools and no app clients
("providerARNs": a list of pools), so it lets in tokens of every app client of the pool, and of both kinds. Here only
those of the configured app clients pass, and only of the expected kind.
https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sample_api.messages import Refused
from sample_api.settings import Settings

# "Amazon Cognito ID tokens have an aud claim that contains the app client ID. Access tokens have a client_id claim that
# also contains the app client ID." https://docs.aws.amazon.com/verifiedpermissions/latest/userguide/cognito-validation.html
_AUDIENCE_OF = {"id": "aud", "access": "client_id"}

# A user's is a UUID; that of a token for an app itself (client credentials) is its client id.
_SUBJECT = re.compile(r"[\w+-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A user whose token was verified."""

    subject: str
    """The claim `sub`: it never changes, and no user can choose or change it, as he can his names."""

    name: str
    """Given and family name, as far as the token has them; else the username, else nothing."""


def caller_of(claims: Mapping[str, object], settings: Settings) -> Caller:
    """The caller.

    Raises:
        Refused: 401, where there are no claims, or the token is of another kind or of another app client.
    """
    use = _text(claims, "token_use")
    audience, subject = _text(claims, _AUDIENCE_OF.get(use, "")), _text(claims, "sub")
    if use not in settings.token_uses or audience not in settings.client_ids or not _SUBJECT.fullmatch(subject):
        raise Refused(401, "The token is not for this API.")
    return Caller(subject=subject, name=_name(claims))


def _name(claims: Mapping[str, object]) -> str:
    full = " ".join(filter(None, (_text(claims, claim) for claim in ("given_name", "family_name"))))
    # An access token has no names; its username is `username`, an ID token's `cognito:username`.
    return full or _text(claims, "cognito:username") or _text(claims, "username")


def _text(claims: Mapping[str, object], name: str) -> str:
    """A claim that is a text; nothing for one that is none, or is not there."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""
