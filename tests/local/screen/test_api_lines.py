"""What the screen says of a call of a sample's API."""

import re
from io import StringIO

import pytest

from local.screen.api_lines import api_line_of
from local.screen.call_lines import Tone
from local.screen.screen import Screen
from local.simulators.common.http import TurnedAway
from local.simulators.common.journal import Call
from tests.local.sample_calls import a_call


@pytest.mark.parametrize(
    ("call", "words", "tone"),
    [
        (a_call("", method="GET"), "REST API GET: token taken, answered", Tone.GOOD),
        (a_call("", status=409), "REST API POST: token taken, refused by the function", Tone.REFUSED),
        (
            a_call("", status=401, turned_away=TurnedAway(by="API Gateway", why="the token has expired")),
            "REST API POST: refused by API Gateway: the token has expired",
            Tone.REFUSED,
        ),
        (a_call("", method="OPTIONS", status=204), "REST API OPTIONS: preflight answered", Tone.QUIET),
    ],
)
def test_tells_how_it_went(call: Call, words: str, tone: Tone) -> None:
    line = api_line_of("RestApiUrl", call)
    assert (f"{line.subject}: {line.what}", line.status, line.tone) == (words, call.status, tone)


def test_names_the_api() -> None:
    names = [api_line_of(output, a_call("", method="GET")).subject for output in ("HttpApiUrl", "OtherUrl")]
    assert names == ["HTTP API GET", "OtherUrl GET"]


def test_a_method_is_harmless_for_a_terminal() -> None:
    line = api_line_of("RestApiUrl", a_call("", method="\x1b[2J" + "A" * 50))
    assert line.subject == "REST API ?[2JAAAAA…"


def test_stands_among_the_proxy_s_calls() -> None:
    file = StringIO()
    screen = Screen(file=file)
    screen.tell(api_line_of("RestApiUrl", a_call("", status=200)))
    screen.show(seconds=0)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  REST API POST: token taken, answered  200  \d+ ms\n", file.getvalue())
