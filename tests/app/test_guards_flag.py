"""The flag `guards`, and the file beside the code."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration

from cognito_proxy import FailurePolicy, Guards, PropertyError
from stacks.flags import AppFlags, FlagError
from stacks.guards import guards


def told(folder: str | Path, module: str = "my_guards") -> Guards | None:
    return guards(AppFlags.from_mapping({"guards": f"{folder}:{module}"}))


def test_without_the_flag_there_are_none() -> None:
    assert guards(AppFlags()) is None


def test_a_folder_and_a_module(tmp_path: Path) -> None:
    assert told(tmp_path) == Guards(code=str(tmp_path), module="my_guards")
    assert told("C:/a folder", "package.guards") == Guards(code="C:/a folder", module="package.guards")


def test_a_relative_folder_begins_where_one_runs_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "guards.json").write_text('{"tells": ["risk"]}')
    monkeypatch.chdir(tmp_path)
    assert told("own") == Guards(code="own", module="my_guards", tells=["risk"])


@pytest.mark.parametrize("value", ["folder", "folder:", ":module", "folder:my-guards", "folder:a..b", 7, ["a:b"]])
def test_what_names_no_module_is_refused(value: Any) -> None:
    with pytest.raises(FlagError, match=r"^guards: .* allowed is a folder and a module in it, such as guards:my_g"):
        AppFlags.from_mapping({"guards": value})


def write(folder: Path, properties: Any) -> None:
    (folder / "guards.json").write_text(json.dumps(properties))


def test_the_file_has_every_other_property(tmp_path: Path) -> None:
    lists = {"attributes": ["email"], "metadata": ["plan"], "operations": ["SignUp"], "sees": ["code"], "tells": ["n"]}
    write(tmp_path, lists | {"timeout_milliseconds": 100, "on_failure": "closed"})
    own = told(tmp_path)
    assert own is not None
    assert own.timeout is not None
    assert own.timeout.to_milliseconds() == Duration.millis(100).to_milliseconds()
    assert own.on_failure is FailurePolicy.CLOSED
    assert {name: getattr(own, name) for name in lists} == lists


@pytest.mark.parametrize(
    "properties",
    [
        {"attributes": "email"},
        {"attributes": [7]},
        {"timeout_milliseconds": "100"},
        {"timeout_milliseconds": True},
        {"on_failure": "maybe"},
        {"code": "elsewhere"},
        {"unknown": 1},
    ],
)
def test_a_wrong_property_is_named(tmp_path: Path, properties: dict[str, Any]) -> None:
    write(tmp_path, properties)
    with pytest.raises(FlagError, match=f"^guards: {next(iter(properties))}: .* in guards.json is not allowed"):
        told(tmp_path)


def test_a_file_that_is_no_object_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [])
    with pytest.raises(FlagError, match=r"^guards: guards.json is no JSON object$"):
        told(tmp_path)
    (tmp_path / "guards.json").write_text("{")
    with pytest.raises(FlagError, match=r"^guards: guards.json cannot be read: JSONDecodeError$"):
        told(tmp_path)


def test_a_property_out_of_its_bounds_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"timeout_milliseconds": 0})
    with pytest.raises(PropertyError, match=r"^timeout must be"):
        told(tmp_path)
