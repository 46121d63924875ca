"""The functions off the request path bring all that they import: the SDK of the runtime is not among it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cognito as cognito

from cognito_proxy import AppClient

# Without third-party packages (-I -S), and with the asset alone.
LOADED = """
import json, sys
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""

HANDLERS = ["rotation.handler", "seeding.handler"]


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Handler → the folder that is deployed for it."""
    folder = tmp_path_factory.mktemp("cdk.out")
    stack = Stack(App(outdir=str(folder)), "Stack")
    AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), rotation=Duration.days(30))
    App.of(stack).synth()  # type: ignore[union-attr]
    packed = {handler: handler.replace(".", "/") + ".py" for handler in HANDLERS}
    return {
        handler: asset
        for handler, file in packed.items()
        for asset in folder.glob("asset.*")
        if (asset / file).is_file()
    }


def loaded(asset: Path, module: str) -> dict[str, str | None]:
    """Every module that is there after the import, and its file."""
    command = [sys.executable, "-I", "-S", "-B", "-c", LOADED, str(asset), module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    result: dict[str, str | None] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_asset_alone_is_enough_and_no_sdk_is_imported(assets: dict[str, Path], handler: str) -> None:
    modules = loaded(assets[handler], handler)
    assert handler in modules
    ours = {name for name, file in modules.items() if file and Path(file).is_relative_to(assets[handler])}
    foreign = {name.partition(".")[0] for name in modules} - {name.partition(".")[0] for name in ours}
    assert foreign <= {"__main__", *sys.stdlib_module_names}


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_asset_holds_nothing_that_is_not_imported(assets: dict[str, Path], handler: str) -> None:
    files = {path.relative_to(assets[handler]) for path in assets[handler].rglob("*") if path.is_file()}
    imported = {
        Path(file).relative_to(assets[handler])
        for file in loaded(assets[handler], handler).values()
        if file and Path(file).is_relative_to(assets[handler])
    }
    assert files == imported


def test_the_isolation_of_this_test_keeps_the_sdk_out(assets: dict[str, Path]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        loaded(assets["rotation.handler"], "botocore")
