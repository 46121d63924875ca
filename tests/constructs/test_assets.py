"""The code that runs in AWS is found in a checkout and in a wheel, and nothing else is packed."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cognito as cognito

from cognito_proxy import AppClient, RegionalProxy
from cognito_proxy._assets import LAMBDA_DIR

ROOT = Path(__file__).resolve().parents[2]

# What a user of the installed package would write; run where no checkout is near.
APP = """
import json, sys
from aws_cdk import App, Stack
from aws_cdk import aws_cognito as cognito
import cognito_proxy
from cognito_proxy import AppClient, RegionalProxy

app = App(outdir=sys.argv[1])
stack = Stack(app, "Stack")
client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
RegionalProxy(stack, "Proxy", app_clients=[client])
app.synth()
print(json.dumps(cognito_proxy.__file__))
"""


def test_in_a_checkout_it_is_the_packages_neighbour() -> None:
    assert LAMBDA_DIR == ROOT / "lambda"
    assert LAMBDA_DIR.is_absolute()


def test_each_function_is_packed_alone_and_without_caches(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Stack")
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), rotation=Duration.days(30))
    RegionalProxy(stack, "Proxy", app_clients=[client])
    app.synth()
    packed = packages(tmp_path)
    assert set(packed) == {"proxy", "rotation", "seeding"}
    assert {"__init__.py", "regional.py", "decide.py"} <= packed["proxy"]
    assert packed["seeding"] == {"__init__.py", "handler.py"}
    assert {"__init__.py", "handler.py", "rotation.py"} <= packed["rotation"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network and unpacked as pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_carries_types_and_code_and_no_caches(installed: Path) -> None:
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert {"cognito_proxy/py.typed", "cognito_proxy/_lambda/proxy/regional.py"} <= files
    assert "cognito_proxy/_lambda/seeding/handler.py" in files
    assert "cognito_proxy/_lambda/rotation/handler.py" in files
    assert not [name for name in files if "__pycache__" in name or name.startswith(("tests", "stacks"))]


def test_the_wheel_works_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", APP, str(tmp_path / "out")],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert Path(json.loads(finished.stdout)).is_relative_to(installed)
    assert set(packages(tmp_path / "out")) == {"proxy", "seeding"}


def packages(outdir: Path) -> dict[str, set[str]]:
    """The one package of each asset, with its files."""
    found = {}
    for asset in outdir.glob("asset.*"):
        (package,) = asset.iterdir()
        found[package.name] = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    return found
