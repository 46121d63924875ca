"""Codes that wait to be redeemed, and browsers that are signed in."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass

CODE_SECONDS = 300.0
"""How long a code can be redeemed (Developer Guide, "Authorize endpoint": "valid for five minutes")."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a user agreed to by signing in."""

    client_id: str
    redirect_uri: str
    scope: str
    challenge: str | None
    tokens: Mapping[str, str]
    """Those of the emulator: AccessToken, IdToken, RefreshToken."""
    ends: float


class Grants:
    """Everything that is open. `now` is in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._codes: dict[str, Grant] = {}
        self._sessions: dict[str, tuple[str, str]] = {}
        self._scopes: dict[str, str] = {}

    def code_for(self, query: Mapping[str, str], tokens: Mapping[str, str]) -> str:
        """A new code for what an authorize request asked."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Grant(
            client_id=query["client_id"],
            redirect_uri=query["redirect_uri"],
            scope=query.get("scope", "openid"),
            challenge=query.get("code_challenge"),
            tokens=tokens,
            ends=self._now() + CODE_SECONDS,
        )
        return code

    def redeem(self, form: Mapping[str, str]) -> Grant | None:
        """The grant of a code; None unless everything fits. A code is good for one attempt."""
        grant = self._codes.pop(form["code"], None)
        if grant is None or self._now() > grant.ends:
            return None
        fits = (grant.client_id, grant.redirect_uri) == (form.get("client_id"), form.get("redirect_uri"))
        if not fits or grant.challenge != challenge_of(form.get("code_verifier")):
            return None
        self.issued(grant.tokens["AccessToken"], grant.scope)
        return grant

    def issued(self, access_token: str, scope: str) -> None:
        """Keep what an access token is good for, which does not stand in it here."""
        self._scopes[access_token] = scope

    def scope_of(self, access_token: str) -> str | None:
        """None for a token that did not come from here."""
        return self._scopes.get(access_token)

    def sign_in(self, username: str, password: str) -> str:
        """Keep a browser signed in: the value of its cookie."""
        session = secrets.token_urlsafe(24)
        self._sessions[session] = (username, password)
        return session

    def signed_in(self, session: str | None) -> tuple[str, str] | None:
        """Who signed in with this browser."""
        return self._sessions.get(session or "")

    def sign_out(self, session: str | None) -> None:
        """Forget the browser."""
        self._sessions.pop(session or "", None)


def challenge_of(verifier: str | None) -> str | None:
    """S256 of RFC 7636, section 4.2; None for none."""
    if verifier is None:
        return None
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
