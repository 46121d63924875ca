"""The command after `make setup`: what the Makefile runs, without a network, in an environment of its own."""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the packages of requirements.txt, in which the checkout is installed."""
    folder = tmp_path_factory.mktemp("installed") / ".venv"
    venv.create(folder, with_pip=False, symlinks=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "requirements.pth").write_text(sysconfig.get_path("purelib"))
    subprocess.run(
        [folder / "bin/python", "-m", *installing(), "--no-index"], cwd=ROOT, check=True, timeout=100, env=bare()
    )
    return folder


def installing() -> list[str]:
    """What the Makefile runs, from `pip` on."""
    (line,) = (line for line in (ROOT / "Makefile").read_text().splitlines() if "--editable" in line)
    return shlex.split(line.partition(" -m ")[2])


def bare() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME")}


def test_the_command_is_there(environment: Path, tmp_path: Path) -> None:
    shown = subprocess.run(
        [environment / "bin/cognito-proxy", "--version"],
        cwd=tmp_path,
        env=bare(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (shown.stdout, shown.stderr) == (f"cognito-proxy {version}\n", "")


def test_what_is_installed_is_the_checkout_itself(environment: Path) -> None:
    """A copy would be stale after the next edit."""
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (pointer,) = site_packages.glob("_cognito_sign_in_proxy.pth")
    assert pointer.read_text().split() == [str(ROOT)]
    assert not (site_packages / "cognito_proxy").exists()


def test_it_is_installed_again_when_its_description_changes() -> None:
    rules = [line.partition(":") for line in (ROOT / "Makefile").read_text().splitlines() if ":" in line]
    prerequisites = {target: needed.split("##")[0].split() for target, _, needed in rules}
    assert set(prerequisites[".venv/.ready"]) == {".venv/.requirements", "pyproject.toml"}
    for command in ("demo", "test"):
        assert "setup" in prerequisites[command]
    assert ".venv/.ready" in prerequisites["setup"]
