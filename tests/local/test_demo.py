"""`python -m local.demo`, as `make demo` starts it."""

import re
import subprocess
import sys
from io import StringIO

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from local.demo import Narrator
from local.paths import ROOT
from local.story import Step
from local.variants import VARIANTS
from tests.local.conftest import Tiny
from tests.local.raw import call

SECONDS = 100


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints."""
    command = [sys.executable, "-m", "local.demo", "--work-dir", str(tmp_path_factory.mktemp("demo"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def test_every_variant_goes_as_expected(told: str) -> None:
    last = told.strip().splitlines()[-len(VARIANTS) :]
    assert [re.sub(r"\d+", "N", line) for line in last] == [f"{name}: N steps, all as expected" for name in VARIANTS]


def test_shows_what_the_proxy_added(told: str) -> None:
    text = " ".join(told.split())
    for shown in ("SecretHash <added>", "SECRET_HASH <added>", "ClientSecret <added>", "AuthParameters <removed>"):
        assert shown in text


def test_shows_no_code(told: str) -> None:
    assert "123456" not in told
    assert "654321" not in told


def _narrate(tiny: Tiny, *steps: Step) -> tuple[list[bool], str]:
    screen = StringIO()
    narrator = Narrator(Console(file=screen, width=120), tiny.run)
    return [narrator.take(step) for step in steps], screen.getvalue()


def _refuse() -> None:
    raise ClientError({"Error": {"Code": "CodeMismatchException"}}, "ConfirmSignUp")


@pytest.mark.parametrize(
    ("step", "good", "shown"),
    [
        (Step(title="works", act=str), True, "✓"),
        (Step(title="refused", act=_refuse, refused_as="CodeMismatchException"), True, "✓"),
        (Step(title="fails", act=_refuse), False, "expected success, but got CodeMismatchException"),
        (Step(title="passes", act=str, refused_as="E"), False, "expected E, but got success"),
    ],
)
def test_tells_apart_what_was_expected_and_what_not(tiny: Tiny, step: Step, good: bool, shown: str) -> None:
    verdicts, screen = _narrate(tiny, step)
    assert verdicts == [good]
    assert shown in screen


def test_does_not_tell_the_same_twice(tiny: Tiny) -> None:
    step = Step(title="again", act=lambda: call(tiny.run.upstream, "GetUser", {"AccessToken": "none"}))
    _, screen = _narrate(tiny, step, step)
    assert screen.count("client → Cognito") == 1
    assert "the same as in step 1" in screen
