"""The function's asset: all that it imports, the runtime's SDK aside, and nothing else."""

import ast
import json
import subprocess
import sys
from pathlib import Path

from aws_cdk import App, Stack
from aws_cdk import aws_cognito as cognito

from cognito_proxy import CognitoAuthorizedApi
from cognito_proxy.common.assets import LAMBDA_DIR

# Without the project's own packages (-P), and with the asset alone; boto3 is where this Python has it.
LOADED = """
import json, sys
sys.path.insert(0, sys.argv[1])
import sample_api.handler
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""


def test_the_asset_holds_what_is_imported_and_nothing_else(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "out"))
    stack = Stack(app, "Stack")
    pool = cognito.UserPool(stack, "Pool")
    CognitoAuthorizedApi(stack, "Rest", user_pool=pool, user_pool_clients=[pool.add_client("Web")])
    app.synth()
    (asset,) = (found for found in (tmp_path / "out").glob("asset.*") if found.is_dir())
    command = [sys.executable, "-P", "-B", "-c", LOADED, str(asset)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    files = {Path(file) for file in json.loads(done.stdout).values() if file}
    imported = {str(file.relative_to(asset)) for file in files if file.is_relative_to(asset)}
    packed = {str(file.relative_to(asset)) for file in asset.rglob("*") if file.is_file()}
    assert packed == imported


def test_the_runtime_s_sdk_is_all_that_it_imports_from_elsewhere() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (LAMBDA_DIR / "sample_api").glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    foreign = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert foreign == {"sample_api", "boto3", "botocore"}
