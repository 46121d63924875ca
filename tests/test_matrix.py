"""Which Pythons `make matrix` finds, and what it says of the others."""

import sys
from pathlib import Path

import pytest

from tests import matrix
from tests.matrix import candidates, interpreters, main


def fake_python(folder: Path, minor: int, *, name: str = "", answer: str = "") -> Path:
    """A program that answers the question after its version."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / (name or f"python3.{minor}")
    program.write_text(f"#!/bin/sh\n{answer or f'echo 3 {minor} final'}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def no_python_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As if the interpreter of this process were not there."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))


def test_finds_what_the_variable_names_before_the_path_and_that_before_pyenv(
    tmp_path: Path, no_python_here: None
) -> None:
    named = fake_python(tmp_path / "named", 12, name="my-python")
    on_path = [fake_python(tmp_path / "path", minor) for minor in (12, 13)]
    fake_python(tmp_path / "path", 13, name="python3.13-config")
    of_pyenv = [fake_python(tmp_path / "pyenv" / "versions" / f"3.{minor}.1" / "bin", minor) for minor in (13, 14)]
    environment = {
        "MATRIX_PYTHONS": str(named),
        "PATH": str(tmp_path / "path"),
        "PYENV_ROOT": str(tmp_path / "pyenv"),
    }
    found = interpreters(candidates(environment))
    assert found == {(3, 12): named, (3, 13): on_path[1], (3, 14): of_pyenv[1]}


@pytest.mark.parametrize("inside", [".", "bin"])
def test_the_variable_may_name_folders(tmp_path: Path, inside: str, no_python_here: None) -> None:
    programs = [fake_python(tmp_path / str(minor) / inside, minor) for minor in (12, 13)]
    environment = {"MATRIX_PYTHONS": f"{tmp_path / '12'}:{tmp_path / '13'}", "HOME": str(tmp_path)}
    assert list(interpreters(candidates(environment)).values()) == programs


def test_this_process_own_python_is_one(tmp_path: Path) -> None:
    assert sys.version_info[:2] in interpreters(candidates({"HOME": str(tmp_path)}))


@pytest.mark.parametrize(
    "answer",
    ["echo 'pyenv: python3.12: command not found' >&2; exit 127", "echo 3 12 candidate", "echo 3 10 final", "true"],
    ids=["a shim of another version", "a pre-release", "too old", "says nothing"],
)
def test_what_is_no_python_from_3_11_on_is_left_out(tmp_path: Path, answer: str) -> None:
    assert interpreters([fake_python(tmp_path, 12, answer=answer), tmp_path / "none"]) == {}


def test_fails_when_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], no_python_here: None) -> None:
    assert main({"HOME": str(tmp_path)}) == 1
    assert "no Python from 3.11 on was found" in capsys.readouterr().err


def test_says_which_it_leaves_out_and_which_it_did_not_find(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], no_python_here: None
) -> None:
    fake_python(tmp_path / "path", 12)
    assert main({"PATH": str(tmp_path / "path"), "HOME": str(tmp_path), "MATRIX_SKIP": "3.11 3.12"}) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Python 3.11: not found, skipped (MATRIX_PYTHONS says where it is)",
        "Python 3.12: left out, as MATRIX_SKIP says",
        "Python 3.13: not found, skipped (MATRIX_PYTHONS says where it is)",
        "Python 3.14: not found, skipped (MATRIX_PYTHONS says where it is)",
    ]


def test_a_version_that_fails_fails_it_and_the_others_run_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, no_python_here: None
) -> None:
    for minor in (11, 12, 13):
        fake_python(tmp_path, minor)
    ran = []

    def passes(version: matrix.Version, python: Path) -> bool:
        ran.append((version, python.name))
        return version != (3, 12)

    monkeypatch.setattr(matrix, "_passes", passes)
    assert main({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == 1
    assert ran == [((3, minor), f"python3.{minor}") for minor in (11, 12, 13)]
    assert capsys.readouterr().err == "failed on Python 3.12\n"


def test_a_version_that_cannot_be_set_up_fails_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, no_python_here: None
) -> None:
    python = fake_python(tmp_path, 13, answer='[ "$1" = -c ] && echo 3 13 final')
    monkeypatch.setattr(matrix, "FOLDER", matrix.ROOT / ".matrix" / "none")
    assert main({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"Python 3.13: FAILED to set up: {python} -m venv ")


def test_every_folder_that_is_named_is_there() -> None:
    named = (*matrix.TESTS, *matrix.LEFT_OUT)
    assert [folder for folder in named if not (matrix.ROOT / folder).is_dir()] == []


def test_no_room_s_tests_are_forgotten() -> None:
    rooms = {
        f"tests/{file.relative_to(matrix.ROOT / 'tests').parts[0]}" for file in matrix.ROOT.glob("tests/*/**/test_*.py")
    }
    assert rooms == {room for room in (*matrix.TESTS, *matrix.LEFT_OUT) if room.count("/") == 1}
    assert not {*matrix.TESTS} & {*matrix.LEFT_OUT}
