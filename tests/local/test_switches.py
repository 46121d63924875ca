"""`make local THREAT_PROTECTION=1`: environment variables that switch flags of the app on."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import local.command
import local.demo
from local.errors import LocalRunError
from local.switches import SWITCHES, context_of

PROGRAMS = pytest.mark.parametrize("program", [local.command, local.demo], ids=["local", "demo"])


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

    for program in (local.command, local.demo):
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
    (context,) = contexts
    assert {name: context[name] for name in SWITCHES} == {"threat_protection": "true", "propagate_client_ip": "true"}


def test_a_flag_of_the_command_line_wins(
    contexts: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THREAT_PROTECTION", "1")
    _start(local.command, "--work-dir", str(tmp_path), "-c", "threat_protection=false")
    assert contexts[0]["threat_protection"] == "false"


def test_pages_on_this_machine_may_call_by_default_in_the_local_run_alone(
    contexts: list[dict[str, str]], tmp_path: Path
) -> None:
    _start(local.command, "--work-dir", str(tmp_path))
    _start(local.demo, "--work-dir", str(tmp_path))
    assert "http://localhost:3000" in contexts[0]["allowed_origins"].split(",")
    assert "allowed_origins" not in contexts[1]


@pytest.mark.parametrize("has_page", [False, True], ids=["page not built", "page built"])
def test_pages_that_may_call_are_what_the_flag_says_and_the_runs_own_page(
    contexts: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, has_page: bool
) -> None:
    monkeypatch.setattr(local.command, "is_built", lambda: has_page)
    _start(local.command, "--work-dir", str(tmp_path), "-c", "allowed_origins=https://a.example.com")
    asked_for, *own = contexts[0]["allowed_origins"].split(",")
    assert asked_for == "https://a.example.com"
    assert [origin.startswith("http://127.0.0.1:") for origin in own] == [True] * has_page


def test_a_flag_that_is_given_twice_is_one_line(
    contexts: list[dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _start(local.command, "--work-dir", str(tmp_path), "-c", "rate_limit=70", "-c", "rate_limit=80") == 1
    assert capsys.readouterr().err == "error: rate_limit: given twice, as '70' and as '80'\n"
    assert contexts == []


@PROGRAMS
def test_a_wrong_value_is_one_line(
    program: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("PROPAGATE_CLIENT_IP", "on")
    assert _start(program, "--work-dir", str(tmp_path)) == 1
    assert capsys.readouterr().err == "error: PROPAGATE_CLIENT_IP: 'on' is not allowed; allowed is 1 or 0\n"
