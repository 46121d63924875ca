"""The library's dialect, as far as a machine can hold it: CONTRIBUTING.md, "Dialect"."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import cognito_proxy

PACKAGE = Path(cognito_proxy.__file__).parent
ROOMS = ("apis", "app_clients", "proxies", "firewall", "interceptors", "queries", "monitoring", "replication", "common")
FILES = {path.relative_to(PACKAGE).as_posix(): path for room in ROOMS for path in sorted((PACKAGE / room).glob("*.py"))}


@pytest.mark.parametrize("file", FILES)
def test_what_refuses_a_property_raises_a_property_error(file: str) -> None:
    raised = [node.exc for node in ast.walk(_tree(file)) if isinstance(node, ast.Raise) and node.exc is not None]
    names = {ast.unparse(error.func if isinstance(error, ast.Call) else error) for error in raised}
    assert not names & {"ValueError", "TypeError", "Exception"}
    for docstring in _docstrings(file):
        assert re.search(r"^\s*ValueError: ", docstring, re.MULTILINE) is None


@pytest.mark.parametrize("file", FILES)
def test_constants_and_annotations_are_plain(file: str) -> None:
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert not imported & {"typing.Final", "__future__.annotations"}


def test_no_constant_anywhere_says_that_it_is_one() -> None:
    """Capitals say it: `Final` would say it again, in some places and not in others."""
    root = PACKAGE.parent
    folders = (
        PACKAGE,
        *(root / name for name in ("stacks", "local", "lambda", "benchmarks", "cognito_proxy_guards", "examples")),
    )
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert [file.name for file in files if re.search(r"import .*\bFinal\b", file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("name", cognito_proxy.__all__)
def test_every_attribute_of_a_public_class_says_below_it_what_it_is(name: str) -> None:
    body = _class(name)
    documented = {
        _name(attribute)
        for attribute, below in pairwise(body)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
    }
    attributes = {_name(node) for node in body if isinstance(node, ast.AnnAssign)}
    assert {attribute for attribute in attributes if not attribute.startswith("_")} <= documented


def _tree(file: str) -> ast.Module:
    return ast.parse(FILES[file].read_text(encoding="utf-8"))


def _docstrings(file: str) -> Iterator[str]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def _class(name: str) -> list[ast.stmt]:
    """The body of that class; empty where the name stands for something else, such as a union."""
    file = f"{cognito_proxy._HOMES[name].replace('.', '/')}.py"
    found = [node for node in _tree(file).body if isinstance(node, ast.ClassDef) and node.name == name]
    return found[0].body if found else []


def _name(node: ast.stmt) -> str:
    return node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ""
