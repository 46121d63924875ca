"""The example app, as a user has it: away from the checkout, with the library from its wheel."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from proxy.interceptors.events import SOURCE
from tests.examples.folders import EXAMPLES
from tests.wheel import unpacked_wheel


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The app's folder, and the environment with the wheel."""
    folder = tmp_path_factory.mktemp("app") / "app"
    shutil.copytree(EXAMPLES / "app", folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    kept = {name: os.environ[name] for name in ("PATH", "HOME")}
    return folder, kept | {"PYTHONPATH": str(unpacked_wheel(tmp_path_factory.mktemp("wheel")))}


def ran(copied: tuple[Path, dict[str, str]], *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    folder, environment = copied
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture(scope="module")
def synthesized(copied: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its cloud assembly, made with the command in its cdk.json."""
    command = json.loads((copied[0] / "cdk.json").read_text())["app"].split()
    out = tmp_path_factory.mktemp("out")
    finished = ran(copied, *command[1:], CDK_OUTDIR=str(out))
    assert (command[0], finished.returncode, finished.stdout, finished.stderr) == ("python3", 0, "", "")
    return out


def resources(out: Path, kind: str) -> list[dict[str, Any]]:
    template = json.loads((out / "SignIn.template.json").read_text())
    return [found for found in template["Resources"].values() if found["Type"] == kind]


def test_its_function_has_the_guard_beside_the_proxy(synthesized: Path) -> None:
    (asset,) = (path for path in synthesized.glob("asset.*") if (path / "proxy" / "regional.py").is_file())
    top = {path.name for path in asset.iterdir()}
    assert top == {"proxy", "cognito_proxy_guards", "invited.py"}
    (function,) = (
        found
        for found in resources(synthesized, "AWS::Lambda::Function")
        if found["Properties"]["Handler"] == "proxy.regional.handler"
    )
    pieces = function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"]["Fn::Join"][1]
    settings = "".join(piece for piece in pieces if isinstance(piece, str))
    assert '"module":"invited"' in settings
    assert '"attempts":10' in settings


def test_a_rule_takes_its_events_to_a_queue(synthesized: Path) -> None:
    rules = [rule["Properties"] for rule in resources(synthesized, "AWS::Events::Rule")]
    (properties,) = (rule for rule in rules if rule.get("EventPattern") == {"source": [SOURCE]})
    assert properties["EventBusName"]["Ref"].startswith("ProxyEvents")
    (target,) = properties["Targets"]
    assert target["Arn"]["Fn::GetAtt"][0].startswith("Changes")
    assert len(resources(synthesized, "AWS::DynamoDB::Table")) == 1


TESTED = """
import sys
import pytest
sys.modules["aws_cdk"] = None  # an import of it fails
sys.path.insert(0, "")
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider"]))
"""


def test_its_guard_is_tested_without_the_cdk(copied: tuple[Path, dict[str, str]]) -> None:
    finished = ran(copied, "-c", TESTED)
    assert finished.returncode == 0, finished.stdout
    assert "2 passed" in finished.stdout
