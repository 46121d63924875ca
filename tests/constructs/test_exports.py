"""What `from cognito_proxy import …` gives, and that it costs nothing until it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cognito_proxy

INIT = Path(cognito_proxy.__file__)


def test_the_names_are_the_same_for_type_checkers_for_star_imports_and_at_run_time() -> None:
    tree = ast.parse(INIT.read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module.removeprefix("cognito_proxy.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("cognito_proxy.")
        for alias in node.names
    }
    assert typed == cognito_proxy._HOMES
    assert sorted(typed) == cognito_proxy.__all__


@pytest.mark.parametrize("name", cognito_proxy.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(cognito_proxy, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Nothing'"):
        cognito_proxy.Nothing  # noqa: B018


def test_importing_the_package_alone_loads_no_cdk() -> None:
    code = "import sys, cognito_proxy; print('aws_cdk' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=INIT.parents[1], capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "False\n"


def test_no_construct_needs_boto3() -> None:
    code = "import sys, cognito_proxy as c\nfor name in c.__all__: getattr(c, name)\nprint('botocore' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=INIT.parents[1], capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "False\n"
