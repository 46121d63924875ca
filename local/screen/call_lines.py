"""What the screen says of a call: one line of plain words, without anything secret."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from local.screen.codes import SentCode
from local.screen.exchanges import Exchange, member, user_of
from local.simulators.common.http import TurnedAway
from local.simulators.common.journal import Call

_LONGEST_USER = 40
_LONGEST_OPERATION = 40

RATE_FLAGS: Mapping[str, str] = {
    "RateLimit": "rate_limit",
    "PreflightRateLimit": "rate_limit",
    "SignUpRateLimit": "sign_up_rate_limit",
    "RecoveryRateLimit": "recovery_rate_limit",
    "SignInRateLimit": "sign_in_rate_limit",
    "SignInAttemptRateLimit": "sign_in_attempts_rate_limit",
}
"""Rule of the firewall → the flag that sets its rate."""

_REFUSED: Mapping[str, str] = {
    "User pool client does not exist.": "unknown client: its ClientId is none of this proxy's",
    "This operation is not offered to public clients.": "not an operation for public clients",
}
"""The proxy's sentences that are clearer in other words."""


class Tone(Enum):
    """How a line is meant."""

    GOOD = auto()
    QUIET = auto()
    """Nothing to look at, such as a preflight."""
    REFUSED = auto()
    DIRECT = auto()
    """Somebody went round the proxy."""


@dataclass(frozen=True, kw_only=True)
class CallLine:
    """One call."""

    time: str
    subject: str
    """Operation and user."""
    what: str
    """What was added, or why it was refused."""
    status: int
    milliseconds: int
    tone: Tone

    @property
    def plain(self) -> str:
        """The line for a file or a pipe."""
        return f"{self.time}  {self.subject}: {self.what}  {self.status}  {self.milliseconds} ms"


def line_of(exchange: Exchange) -> CallLine:
    """The line of a call."""
    call = exchange.came
    tone, what = _preflight(call) if call.method == "OPTIONS" else _what(exchange)
    return CallLine(
        time=exchange.time,
        subject=_subject(call),
        what=what,
        status=call.status,
        milliseconds=round((call.ended - call.began) * 1000),
        tone=tone,
    )


def code_words(sent: SentCode) -> str:
    """The sentence about a code."""
    if not sent.code:
        return f"no code for {shown(sent.user)}: there is no such user (Cognito does not say so, and sends nothing)"
    return f"code for {shown(sent.user)}: {sent.code} ({sent.purpose}; Cognito would send it by {sent.medium})"


def shown(text: str, longest: int = _LONGEST_USER) -> str:
    """What a client sent, harmless for a terminal: printable, and not too long."""
    printable = "".join(sign if sign.isprintable() else "?" for sign in text[: longest + 1])
    return printable if len(printable) <= longest else f"{printable[: longest - 1]}…"


def _subject(call: Call) -> str:
    # Without an operation it is one of OAuth 2.0's, or a preflight.
    name = shown(call.operation or f"{call.method} {call.oauth_path}".rstrip(), _LONGEST_OPERATION)
    return f"{name} {shown(user_of(call))}".rstrip()


def _what(exchange: Exchange) -> tuple[Tone, str]:
    call = exchange.came
    if call.turned_away is not None:
        return Tone.REFUSED, _turned_away(call.turned_away)
    if exchange.direct:
        return Tone.DIRECT, f"went round the proxy, straight to Cognito; {_answered_direct(call)}"
    if exchange.went_on is None and call.status >= 400:
        return Tone.REFUSED, f"refused: {_refusal(call)}"
    what = "; ".join(_changes(exchange)) or "answered"
    if call.status < 400:
        return Tone.GOOD, what
    return Tone.REFUSED, f"{what}; Cognito: {shown(call.error_type) or 'an error'}"


def _refusal(call: Call) -> str:
    """Why the proxy refused."""
    return _REFUSED.get(call.refusal, call.refusal).rstrip(".") or shown(call.error_type) or "no reason given"


def _turned_away(turned_away: TurnedAway) -> str:
    by, why = turned_away.by, turned_away.why
    if by != "the firewall":
        return f"refused by {by}: {shown(why, 300)}"
    if why.endswith("RateLimit"):
        more = f" (more: -c {RATE_FLAGS[why]}=…)" if why in RATE_FLAGS else ""
        return f"refused: over the rate of the firewall's rule {why}{more}"
    return f"refused: blocked by the firewall's rule {why}"


def _answered_direct(call: Call) -> str:
    if call.proof_refused:
        return "refused: no proof of the secret"
    return "answered" if call.status < 400 else f"refused: {shown(call.error_type) or 'an error'}"


def _preflight(call: Call) -> tuple[Tone, str]:
    if call.turned_away is not None:
        return Tone.REFUSED, _turned_away(call.turned_away)
    if not call.origin:
        return Tone.QUIET, "no preflight of a page, since it names no Origin"
    page = f"pages of {shown(call.origin, 80)}"
    if call.status < 400:
        return Tone.QUIET, f"preflight: {page} may call"
    return Tone.REFUSED, f"preflight refused: {page} may not call (more: -c allowed_origins=…)"


def _changes(exchange: Exchange) -> Iterator[str]:
    """What the proxy made of a call."""
    sent, went_on = exchange.came, exchange.went_on
    if went_on is None:
        return
    became = went_on.operation != sent.operation
    claimed, told = _address(sent.body), _address(went_on.body)
    added = _proof(went_on.body)
    if became:
        yield f"became {went_on.operation} with the client's address" if told else f"became {went_on.operation}"
    elif told and not claimed:
        added = [*added, "client's address"]
    if added:
        yield f"{' and '.join(added)} added"
    if claimed and claimed != told:
        yield "the address that it claimed replaced" if told else "the address that it claimed dropped"
    if exchange.tried_again:
        yield "tried again with the secret fetched anew"
    if not became and not added and not claimed:
        yield "passed through"


def _proof(body: Any) -> list[str]:
    """What proves the secret in a request to Cognito."""
    hashed = (member(body, "SecretHash"), member(body, "AuthParameters", "SECRET_HASH"))
    if any((*hashed, member(body, "ChallengeResponses", "SECRET_HASH"))):
        return ["secret hash"]
    return ["client secret"] if member(body, "ClientSecret") else []


def _address(body: Any) -> str:
    """The address of the client that a request tells Cognito."""
    return member(body, "UserContextData", "IpAddress") or member(body, "ContextData", "IpAddress")
