"""What a provider of human checks knows of its tokens, and what it answers, as its documents say.

Turnstile: 300 seconds, once, and again with the same idempotency key; 2,048 characters
(https://developers.cloudflare.com/turnstile/get-started/server-side-validation/). reCAPTCHA: 120 seconds, once
(https://developers.google.com/recaptcha/docs/verify). hCaptcha: 120 seconds, once
(https://docs.hcaptcha.com/#verify-the-user-response-server-side).
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What differs between the providers."""

    path: str
    """Of siteverify."""
    seconds: float
    """That a token lives."""
    spent: str
    """The error code of a token that is too old or was used; hCaptcha tells the two apart."""
    expired: str
    parameters: frozenset[str]
    """That siteverify takes."""


RULES: Mapping[str, Rules] = {
    "turnstile": Rules(
        path="/turnstile/v0/siteverify",
        seconds=300,
        spent="timeout-or-duplicate",
        expired="timeout-or-duplicate",
        parameters=frozenset({"secret", "response", "remoteip", "idempotency_key"}),
    ),
    "recaptcha": Rules(
        path="/recaptcha/api/siteverify",
        seconds=120,
        spent="timeout-or-duplicate",
        expired="timeout-or-duplicate",
        parameters=frozenset({"secret", "response", "remoteip"}),
    ),
    "hcaptcha": Rules(
        path="/siteverify",
        seconds=120,
        spent="already-seen-response",
        expired="expired-input-response",
        parameters=frozenset({"secret", "response", "remoteip", "sitekey"}),
    ),
}


@dataclass(kw_only=True)
class Token:
    """One that a widget gave."""

    hostname: str
    action: str
    site_key: str
    score: float
    made: float
    used: str | None = None
    """The idempotency key that it was verified with; empty for none; None: it was not verified yet."""


@dataclass(kw_only=True)
class Provider:
    """One provider, with one site."""

    name: str
    secret: str = field(repr=False)
    site_key: str
    clock: Callable[[], float] = time.time
    _tokens: dict[str, Token] = field(default_factory=dict, repr=False)

    @property
    def rules(self) -> Rules:
        """Its own."""
        return RULES[self.name]

    def token(self, *, hostname: str, action: str = "", site_key: str | None = None, score: float = 0.9) -> str:
        """A new one, as the widget on a page of `hostname` gets it."""
        token = f"{self.name}.{secrets.token_urlsafe(60)}"
        self._tokens[token] = Token(
            hostname=hostname, action=action, site_key=site_key or self.site_key, score=score, made=self.clock()
        )
        return token

    def forget(self) -> None:
        """From now on no token that was made so far is known, as if all had come from elsewhere."""
        self._tokens.clear()

    def verify(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What siteverify answers to a form."""
        error = self._error(form)
        if error is not None:
            return {"success": False, "error-codes": [error]}
        token = self._tokens[form["response"]]
        token.used = form.get("idempotency_key", "")
        answer: dict[str, Any] = {
            "success": True,
            "challenge_ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(token.made)),
            "hostname": token.hostname,
        }
        if self.name == "recaptcha":
            return answer | {"score": token.score, "action": token.action}
        return answer | ({"error-codes": [], "action": token.action, "cdata": ""} if self.name == "turnstile" else {})

    def _error(self, form: Mapping[str, str]) -> str | None:
        if form.keys() - self.rules.parameters:
            return "bad-request"  # stricter than they are: a parameter that no document has is a mistake of ours
        known = {"secret": form.get("secret") == self.secret, "response": form.get("response") in self._tokens}
        for name, is_known in known.items():
            if not is_known:
                return f"{'invalid' if form.get(name) else 'missing'}-input-{name}"
        return self._fault_of(self._tokens[form["response"]], form)

    def _fault_of(self, token: Token, form: Mapping[str, str]) -> str | None:
        if token.site_key != form.get("sitekey", self.site_key):
            return "sitekey-secret-mismatch" if self.name == "hcaptcha" else "invalid-input-response"
        if not 0 <= self.clock() - token.made < self.rules.seconds:
            return self.rules.expired
        if token.used is not None and (not token.used or token.used != form.get("idempotency_key")):
            return self.rules.spent
        return None
