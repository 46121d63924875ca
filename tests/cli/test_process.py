"""The command as people run it: a process of its own, without CDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cognito_proxy.cli import EXTRA
from cognito_proxy.cli.app import app
from tests.cli.deployed_proxy import DeployedProxy

ROOT = Path(__file__).resolve().parents[2]

MAIN = "from cognito_proxy.cli import main; main()"


def python(*arguments: str, environment: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing of the caller's environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def cognito_proxy(proxy: DeployedProxy, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `cognito-proxy` for the proxy's stack."""
    environment = proxy.environment(home) | {"COGNITO_PROXY_STACK": proxy.stack}
    return python("-c", MAIN, *arguments, environment=environment, cwd=home)


def test_blocks_lists_and_fails_in_a_process_of_its_own(proxy: DeployedProxy, tmp_path: Path) -> None:
    blocked = cognito_proxy(proxy, tmp_path, "ip", "block", "203.0.113.9", "2001:db8::1", "--for", "1h")
    assert (blocked.returncode, blocked.stderr) == (0, "")
    assert len(blocked.stdout.splitlines()) == 2
    listed = cognito_proxy(proxy, tmp_path, "ip", "list", "--json")
    assert {row["address"] for row in json.loads(listed.stdout)} >= {"203.0.113.9/32", "2001:db8::1/128"}


def test_runs_as_a_module_with_the_library_around_it(tmp_path: Path) -> None:
    environment = {"HOME": os.environ["HOME"]}
    wrong = python("-m", "cognito_proxy.cli", "ip", "block", "203.0.113.999", environment=environment, cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout, len(wrong.stderr.splitlines())) == (2, "", 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["ip", "firewall's lists"]),
        (["ip", "--help"], ["block", "unblock", "allow", "unallow", "list"]),
        (["ip", "block", "--help"], ["ADDRESS", "--for", "30m, 24h, 7d", "--note", "--stack", "COGNITO_PROXY_STACK"]),
    ],
)
def test_help_says_what_there_is(proxy: DeployedProxy, tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    shown = python(
        "-c",
        MAIN,
        *arguments,
        environment={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
        cwd=tmp_path,
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert [word for word in words if word not in shown.stdout] == []


def test_needs_no_cdk(tmp_path: Path) -> None:
    code = """
import sys
import cognito_proxy.cli.app
print(sorted(name for name in sys.modules if name.split(".")[0] in ("aws_cdk", "jsii", "constructs")))
"""
    loaded = python("-c", code, environment={}, cwd=tmp_path)
    assert (loaded.stdout, loaded.stderr) == ("[]\n", "")


@pytest.mark.parametrize("missing", ["typer", "rich", "boto3"])
def test_says_how_to_install_what_is_missing(tmp_path: Path, missing: str) -> None:
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from cognito_proxy.cli import main
main()
"""
    result = python("-c", code, environment={}, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    install = f"{sys.executable} -m pip install 'boto3>=1.40' 'requests>=2.32' 'rich>=13' 'typer>=0.15'"
    assert result.stderr == f"error: {missing} is not installed; run: {install}\n"


def test_what_it_says_to_install_is_what_the_extra_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert sorted(EXTRA.values()) == sorted(project["optional-dependencies"]["cli"])


def test_the_version(tmp_path: Path) -> None:
    shown = python("-c", MAIN, "--version", environment={}, cwd=tmp_path)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, f"cognito-proxy {project['version']}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(tmp_path: Path, shell: str) -> None:
    run = "import sys; sys.argv[0] = 'cognito-proxy'; " + MAIN
    completing = {"_COGNITO_PROXY_COMPLETE": f"complete_{shell}"}
    line = {"bash": {"COMP_WORDS": "cognito-proxy ip bl", "COMP_CWORD": "2"}}.get(
        shell, {"_TYPER_COMPLETE_ARGS": "cognito-proxy ip bl", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    )
    completed = python("-c", run, environment=completing | line, cwd=tmp_path)
    assert "block" in completed.stdout
    assert (completed.stderr, "unblock" in completed.stdout) == ("", False)


def test_completion_can_be_shown_and_installed() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    assert {"--show-completion", "--install-completion"} <= set(shown.split())


def test_a_pipe_that_is_closed_is_no_error(proxy: DeployedProxy, tmp_path: Path) -> None:
    """`cognito-proxy ip list | head -0`."""
    environment = proxy.environment(tmp_path) | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    reading, writing = os.pipe()
    os.close(reading)
    finished = subprocess.run(
        [sys.executable, "-c", MAIN, "ip", "list", "--stack", proxy.stack],
        cwd=tmp_path,
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert finished.stderr == ""


@pytest.mark.parametrize("command", [[], ["rotate"], ["ip"], ["ip", "block"], ["ip", "unallow"], ["ip", "list"]])
def test_exit_codes_stand_in_every_help(command: list[str]) -> None:
    shown = " ".join(CliRunner().invoke(app, [*command, "--help"]).stdout.split())
    assert "Exit codes: 0 done; 1 failed, and nothing was changed; 2 called wrongly" in shown
