"""What the screen says of a call of a sample's API: how it went, and nothing of who called, or for what."""

import time

from local.screen.call_lines import CallLine, Tone, shown
from local.simulators.common.journal import Call

NAMES = {"RestApiUrl": "REST API", "HttpApiUrl": "HTTP API", "SignInUrl": "Sign-in and OAuth 2.0"}
"""Output with an address → what a reader calls it."""

_LONGEST_METHOD = 10


def api_line_of(output: str, call: Call) -> CallLine:
    """The line of a call that was answered just now, of the API whose address is this output."""
    return CallLine(
        time=time.strftime("%H:%M:%S"),
        subject=f"{NAMES.get(output, output)} {shown(call.method, _LONGEST_METHOD)}",
        what=_what(call),
        status=call.status,
        milliseconds=round((call.ended - call.began) * 1000),
        tone=_tone(call),
    )


def _what(call: Call) -> str:
    if call.turned_away is not None:
        return f"refused by {call.turned_away.by}: {call.turned_away.why}"
    if call.method == "OPTIONS":
        return "preflight answered"
    return "token taken, answered" if call.status < 400 else "token taken, refused by the function"


def _tone(call: Call) -> Tone:
    if call.turned_away is not None or call.status >= 400:
        return Tone.REFUSED
    return Tone.QUIET if call.method == "OPTIONS" else Tone.GOOD
