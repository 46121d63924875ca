"""`--local`: which run it finds, and what it says when there is none."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cognito_proxy.cli import local_run
from cognito_proxy.cli.app import app
from cognito_proxy.cli.errors import CommandError
from cognito_proxy.cli.local_run import find_local_run
from local.outputs import Outputs
from local.ports import listen, port_of
from tests.refusing import refusing_port

AGAIN = "start it again with: make local"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listen() as listening:
        yield listening


@pytest.fixture(autouse=True)
def no_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The one that these tests are part of may have a run of its own."""
    monkeypatch.setattr(local_run, "__file__", str(tmp_path / "elsewhere/cognito_proxy/cli/local_run.py"))


def outputs(folder: Path, port: int, **others: Any) -> Path:
    """The file that a run in this folder writes."""
    file = folder / ".local/outputs.json"
    written = Outputs(
        variant="edge",
        endpoint="http://127.0.0.1:1/",
        region="eu-west-1",
        user_pool_id="p",
        client_id="c",
        upstream="u",
        template="t",
        aws_endpoint_url=f"http://127.0.0.1:{port}",
        stack="Proxy",
        stack_region="us-east-1",
    )
    written.write(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | others))
    return file


def refusal(start: Path) -> str:
    with pytest.raises(CommandError) as caught:
        find_local_run(start)
    return str(caught.value)


@pytest.mark.parametrize("start", [".", "deep/inside"])
def test_finds_the_run_of_the_checkout_that_one_is_in(tmp_path: Path, listener: socket.socket, start: str) -> None:
    outputs(tmp_path, port_of(listener))
    folder = tmp_path / start
    folder.mkdir(parents=True, exist_ok=True)
    found = find_local_run(folder)
    assert (found.endpoint_url, found.stack, found.region, found.proxy_endpoint) == (
        f"http://127.0.0.1:{port_of(listener)}",
        "Proxy",
        "us-east-1",
        "http://127.0.0.1:1/",
    )


def test_elsewhere_it_is_the_run_of_the_checkout_that_is_installed(tmp_path: Path, listener: socket.socket) -> None:
    outputs(tmp_path / "elsewhere", port_of(listener))
    (tmp_path / "here").mkdir()
    assert find_local_run(tmp_path / "here").stack == "Proxy"


def test_says_how_to_start_one(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"no local run: there is no .local/outputs.json in {tmp_path} or above it; start one with: make local"
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', "{}", '{"aws_endpoint_url": "http://127.0.0.1:1", "stack": "x"}', "\xff\xfe"]
)
def test_a_file_that_cannot_be_understood(tmp_path: Path, text: str) -> None:
    file = outputs(tmp_path, 1)
    file.write_bytes(text.encode("latin-1"))
    assert refusal(tmp_path) == f"{file}: not what a local run of this version writes; {AGAIN}"


@pytest.mark.proves("local-reaches-no-aws")
@pytest.mark.parametrize(
    "values",
    [
        {"aws_endpoint_url": "http://attacker.example:80"},
        {"aws_endpoint_url": "http://127.0.0.1.attacker.example:80"},
        {"aws_endpoint_url": "http://127.0.0.1"},
        {"aws_endpoint_url": "http://127.0.0.1:99999"},
        {"aws_endpoint_url": 80},
        {"stack": ""},
        {"endpoint": None},
        {"stack_region": None},
    ],
)
def test_only_this_machine_is_called(tmp_path: Path, values: dict[str, Any]) -> None:
    file = outputs(tmp_path, 1, **values)
    assert refusal(tmp_path) == f"{file}: not what a local run of this version writes; {AGAIN}"


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = outputs(tmp_path, 1)

    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    assert refusal(tmp_path) == f"{file}: cannot be read (Permission denied); start a new run with: make local"


def test_a_run_that_was_killed_left_its_file(tmp_path: Path) -> None:
    with refusing_port() as port:
        file = outputs(tmp_path, port)
        assert refusal(tmp_path) == f"{file}: the local run does not answer at http://127.0.0.1:{port}; {AGAIN}"


@pytest.mark.proves("local-reaches-no-aws")
@pytest.mark.parametrize(
    ("command", "option", "value"),
    [
        (["ip", "list"], "--stack", "Proxy"),
        (["ip", "list"], "--region", "eu-west-1"),
        (["ip", "block", "192.0.2.1"], "--web-acl-arn", "arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b"),
        (["rotate"], "--secret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-AbCdEf"),
        (["rotate"], "--stack", "Proxy"),
        (["config", "--for", "curl"], "--stack", "Proxy"),
        (["config", "--for", "curl"], "--region", "eu-west-1"),
    ],
)
def test_a_local_run_and_something_in_aws_do_not_go_together(command: list[str], option: str, value: str) -> None:
    result = CliRunner().invoke(app, [*command, "--local", option, value])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: --local and {option}: give one of them\n"
