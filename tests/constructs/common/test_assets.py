"""The code that runs in AWS is found in a checkout and in a wheel, and nothing else is packed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cognito as cognito

from cognito_proxy import AppClient, RegionalProxy
from cognito_proxy.common.assets import LAMBDA_DIR
from tests.wheel import unpacked_wheel

ROOT = Path(__file__).resolve().parents[3]

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


def test_each_function_is_packed_with_what_it_imports_alone_and_without_caches(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Stack")
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), rotation=Duration.days(30))
    RegionalProxy(stack, "Proxy", app_clients=[client])
    app.synth()
    proxy, rotation, seeding = (
        packed(tmp_path, name) for name in ("proxy/regional", "rotation/handler", "seeding/handler")
    )
    assert {path.partition("/")[0] for path in proxy} == {"proxy"}
    assert {"proxy/__init__.py", "proxy/regional.py", "proxy/decide.py"} <= proxy
    assert {"rotation/__init__.py", "rotation/handler.py", "rotation/rotation.py"} <= rotation
    assert {path for path in seeding if path.startswith("seeding/")} == {"seeding/__init__.py", "seeding/handler.py"}
    for calls_aws in (rotation, seeding):
        assert {"aws_calls/service.py", "proxy/awsjson.py", "proxy/sigv4.py"} <= calls_aws
        assert not {"proxy/decide.py", "proxy/regional.py", "proxy/edge.py"} & calls_aws


def test_an_asset_s_name_follows_from_its_content_alone(tmp_path: Path) -> None:
    names = []
    for run in ("first", "second"):
        stack = Stack(App(outdir=str(tmp_path / run)), "Stack")
        AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), rotation=Duration.days(30))
        App.of(stack).synth()  # type: ignore[union-attr]
        names.append({asset.name for asset in (tmp_path / run).glob("asset.*")})
    assert names[0] == names[1]
    assert len(names[0]) == 2


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_carries_types_and_code_and_no_caches(installed: Path) -> None:
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert {"cognito_proxy/py.typed", "cognito_proxy/_lambda/proxy/regional.py"} <= files
    assert {"cognito_proxy_guards/py.typed", "cognito_proxy_guards/__init__.py"} <= files
    assert "cognito_proxy/_lambda/seeding/handler.py" in files
    assert "cognito_proxy/_lambda/rotation/handler.py" in files
    assert "cognito_proxy/_lambda/aws_calls/service.py" in files
    assert "cognito_proxy/_lambda/sample_api/handler.py" in files
    assert not [name for name in files if "__pycache__" in name or name.startswith(("tests", "stacks", "examples"))]


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
    assert "proxy/decide.py" in packed(tmp_path / "out", "proxy/regional")
    assert "aws_calls/service.py" in packed(tmp_path / "out", "seeding/handler")
    assert len(list((tmp_path / "out").glob("asset.*"))) == 2


def packed(outdir: Path, handler: str) -> set[str]:
    """The files of the one asset that holds this module."""
    (asset,) = (asset for asset in outdir.glob("asset.*") if (asset / f"{handler}.py").is_file())
    return {str(path.relative_to(asset)) for path in asset.rglob("*") if path.is_file()}
