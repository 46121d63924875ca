"""What the providers of human checks ask of whoever verifies a token, and what their answers mean. No I/O.

All three take a form and answer with a JSON document of the same shape:
Turnstile: https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
reCAPTCHA: https://developers.google.com/recaptcha/docs/verify, https://developers.google.com/recaptcha/docs/v3
hCaptcha: https://docs.hcaptcha.com/#verify-the-user-response-server-side
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, NamedTuple

FORM = "application/x-www-form-urlencoded"


class Provider(NamedTuple):
    """Whom to ask, and what of its own it takes. The addresses are constants, so no setting leads a call elsewhere."""

    host: str
    path: str
    longest_token: int
    """Characters. A longer one is refused without asking: what a provider makes of it is not known, and a caller must
    not be able to make it fail. Turnstile documents 2,048."""
    idempotent: bool = False
    """Takes an `idempotency_key`, with which a token may be verified again after a lost answer."""
    site_key: bool = False
    """Takes the `sitekey` that the token has to be of."""


PROVIDERS: Mapping[str, Provider] = {
    "turnstile": Provider(
        "challenges.cloudflare.com",
        "/turnstile/v0/siteverify",
        2_048,
        idempotent=True,
    ),
    # Neither documents a length: the bound is only there so that no token is larger than a provider's own would be.
    "recaptcha": Provider("www.google.com", "/recaptcha/api/siteverify", 16_384),
    "hcaptcha": Provider("api.hcaptcha.com", "/siteverify", 16_384, site_key=True),
}


class Verdict(Enum):
    """What an answer says."""

    HUMAN = auto()
    REFUSED = auto()
    """The token is not good: the caller's affair."""
    SECRET = auto()
    """Our secret is not good: the token was not looked at."""
    UNAVAILABLE = auto()
    """The provider has a fault of its own, or no time for us."""
    UNREADABLE = auto()
    """No answer of the documented form, though no fault either. A caller may have caused it, so it lets nobody in."""


class Answer(NamedTuple):
    """A verdict, and what it stands on."""

    verdict: Verdict
    codes: tuple[str, ...] = ()
    """Of the documented ones, those that came: texts of ours."""
    document: Mapping[str, Any] = MappingProxyType({})

    @property
    def is_fault(self) -> bool:
        """Whether the provider asks to be asked again: not where it has too much to do."""
        return self.verdict is Verdict.UNAVAILABLE and "HTTP429" not in self.codes


_SECRET = frozenset({"missing-input-secret", "invalid-input-secret"})
_FAULT = frozenset({"internal-error"})
_TOKEN = frozenset(
    {
        "already-seen-response",
        "bad-request",
        "expired-input-response",
        "invalid-input-response",
        "invalid-or-already-seen-response",
        "missing-input-response",
        "timeout-or-duplicate",
    }
)
_CONFIGURATION = frozenset(
    {
        "invalid-remoteip",
        "invalid-sitekey",
        "missing-remoteip",
        "not-using-dummy-passcode",
        "not-using-dummy-secret",
        "sitekey-secret-mismatch",
    }
)
"""They speak of how the check is set up, but a token of another site may bring some of them, too."""

_KNOWN = _SECRET | _FAULT | _TOKEN | _CONFIGURATION


def worth_telling(answer: Answer) -> bool:
    """Whether an operator should read of a refusal: it is not, or not only, about the token."""
    return not set(answer.codes) or bool(set(answer.codes) - _TOKEN)


def read_answer(status: int, body: bytes) -> Answer:
    """What the provider says."""
    if status >= 500 or status == 429:
        return Answer(Verdict.UNAVAILABLE, (f"HTTP{status}",))
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("success"), bool):
        return Answer(Verdict.UNREADABLE, (f"HTTP{status}",))
    if document["success"]:
        return Answer(Verdict.HUMAN, (), document) if status == 200 else Answer(Verdict.UNREADABLE, (f"HTTP{status}",))
    sent = document.get("error-codes")
    named = [code for code in sent if isinstance(code, str)] if isinstance(sent, list) else []
    codes = tuple(sorted(_KNOWN.intersection(named)))
    if _SECRET.intersection(codes):
        return Answer(Verdict.SECRET, codes)
    if _FAULT.intersection(codes):
        return Answer(Verdict.UNAVAILABLE, codes)
    return Answer(Verdict.REFUSED, codes)
