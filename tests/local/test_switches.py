"""`make local THREAT_PROTECTION=1`: environment variables that switch flags of the app on."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import local.__main__
import local.demo
from local.errors import LocalRunError
from local.switches import SWITCHES, context_of

PROGRAMS = pytest.mark.parametrize("program", [local.__main__, local.demo], ids=["local", "demo"])


def test_each_is_one_variable_and_one_flag() -> None:
    for flag in SWITCHES:
        assert context_of({flag.upper(): "1"}) == {flag: "true"}
        assert context_of({flag.upper(): "0"}) == context_of({flag.upper(): ""}) == context_of({}) == {}


def test_another_value_is_an_error_that_names_variable_and_value() -> None:
    with pytest.raises(LocalRunError, match=r"^THREAT_PROTECTION: 'yes' is not allowed; allowed is 1 or 0$"):
        context_of({"THREAT_PROTECTION": "yes"})


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The flags that a run would have had."""
    seen: list[dict[str, str]] = []

    def refuse(*, context: dict[str, str], **_: object) -> NoReturn:
        seen.append(context)
        raise LocalRunError("not here")

    for program in (local.__main__, local.demo):
        monkeypatch.setattr(program, "local_run", refuse)
        monkeypatch.setattr("signal.signal", lambda *_: None)
    return seen


def _start(program: object, *arguments: str) -> int:
    main: Callable[[list[str]], int] = program.main  # type: ignore[attr-defined]
    return main(list(arguments))


@PROGRAMS
def test_both_programs_heed_them(
    program: object, contexts: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THREAT_PROTECTION", "1")
    monkeypatch.setenv("PROPAGATE_CLIENT_IP", "1")
    assert _start(program, "--work-dir", str(tmp_path)) == 1
    assert contexts == [{"threat_protection": "true", "propagate_client_ip": "true"}]


def test_a_flag_of_the_command_line_wins(
    contexts: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THREAT_PROTECTION", "1")
    _start(local.__main__, "--work-dir", str(tmp_path), "-c", "threat_protection=false")
    assert contexts == [{"threat_protection": "false"}]


@PROGRAMS
def test_a_wrong_value_is_one_line(
    program: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("PROPAGATE_CLIENT_IP", "on")
    assert _start(program, "--work-dir", str(tmp_path)) == 1
    assert capsys.readouterr().err == "error: PROPAGATE_CLIENT_IP: 'on' is not allowed; allowed is 1 or 0\n"
