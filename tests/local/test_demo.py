"""`python -m local.demo`, as `make demo` starts it."""

import re
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from local.demo import Narrator
from local.fronts.variants import VARIANTS
from local.paths import ROOT
from local.story import Step
from tests.local.conftest import Tiny
from tests.local.plain_http import call
from tests.local.processes import children_of, end, processes_in_group

SECONDS = 220


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints."""
    command = [sys.executable, "-m", "local.demo", "--work-dir", str(tmp_path_factory.mktemp("demo"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            out, err = process.communicate(timeout=SECONDS)
        finally:
            end(process)
    assert (process.returncode, err) == (0, ""), out
    return out


@pytest.mark.proves("demo-runs-the-template")
def test_every_variant_goes_as_expected(told: str) -> None:
    last = told.strip().splitlines()[-len(VARIANTS) :]
    assert [re.sub(r"\d+", "N", line) for line in last] == [f"{name}: N steps, all as expected" for name in VARIANTS]


def test_shows_what_the_proxy_added(told: str) -> None:
    text = " ".join(told.split())
    for shown in ("SecretHash <added>", "SECRET_HASH <added>", "ClientSecret <added>", "AuthParameters <removed>"):
        assert shown in text


def test_says_where_the_changes_for_the_emulator_are_and_does_not_show_them(told: str) -> None:
    assert told.count("what was changed for the emulator: ") == len(VARIANTS)
    assert "left out" not in told


def test_ends_cleanly_after_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.demo", "--work-dir", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            while not process.stdout.readline().startswith("synthesizing"):
                assert process.poll() is None
            time.sleep(1)
            children = children_of(process.pid)
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=SECONDS)
        finally:
            end(process)
    assert (process.returncode, err) == (130, "")
    assert children
    assert [pid for child in children for pid in processes_in_group(child)] == []


@pytest.mark.proves("local-shows-no-secret")
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
