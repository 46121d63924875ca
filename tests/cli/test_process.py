"""The command as people run it: a process of its own, without CDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.proxy_for_tests import Proxy

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


def cognito_proxy(proxy: Proxy, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `cognito-proxy` for the proxy's stack."""
    environment = proxy.environment(home) | {"COGNITO_PROXY_STACK": proxy.stack}
    return python("-c", MAIN, *arguments, environment=environment, cwd=home)


def test_blocks_lists_and_fails_in_a_process_of_its_own(proxy: Proxy, tmp_path: Path) -> None:
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
def test_help_says_what_there_is(proxy: Proxy, tmp_path: Path, arguments: list[str], words: list[str]) -> None:
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
    assert result.stderr == (f"error: {missing} is not installed; run: pip install 'cognito-sign-in-proxy[cli]'\n")
