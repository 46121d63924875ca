"""A leading underscore means: not for other rooms. A room is a package, and what is below it.

So `cognito_proxy/firewall/_statements.py`, and a `_name` in any module of that folder, are for that folder alone. Tests
may look inside what they test.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

SOURCES = {
    "": ("app.py", "stacks", "cognito_proxy", "cognito_proxy_guards", "local", "benchmarks", "examples"),
    "lambda": (".",),
}
"""Where modules are looked for, and what of it is ours; the key is on Python's path (pyproject.toml, `pythonpath`)."""


def modules() -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every module that is ours, tests aside."""
    for source, places in SOURCES.items():
        for place in places:
            path = ROOT / source / place
            for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
                parts = file.relative_to(ROOT / source).with_suffix("").parts
                yield ".".join(parts), file


def trespasses(module: str, text: str) -> list[str]:
    """What a module of that dotted name imports although it is private to another room."""
    return [name for name in _imported(module, ast.parse(text)) if _is_private_to_others(name, module)]


def _imported(module: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            yield from (".".join([*above, *filter(None, [node.module]), alias.name]) for alias in node.names)


def _is_private_to_others(name: str, module: str) -> bool:
    parts = name.split(".")
    for place, part in enumerate(parts):
        if part.startswith("_") and not part.endswith("__"):
            # The room of a._b, and of what is in it, is a. So is that of a.b._name, unless b is a package.
            room = parts[:place] if _is_package(parts[:place]) else parts[: place - 1]
            return module.split(".")[: len(room)] != room
    return False


def _is_package(parts: list[str]) -> bool:
    return any(ROOT.joinpath(source, *parts).is_dir() for source in SOURCES)


FILES = dict(modules())


@pytest.mark.parametrize("name", FILES)
def test_no_module_imports_what_is_private_to_another_room(name: str) -> None:
    assert trespasses(name, FILES[name].read_text(encoding="utf-8")) == []


def test_every_room_is_looked_into() -> None:
    rooms = {name.rpartition(".")[0] for name in FILES}
    assert {"", "stacks", "stacks.flags", "cognito_proxy.firewall", "cognito_proxy.cli"} <= rooms
    assert {"local", "local.simulators.waf", "benchmarks", "proxy", "rotation", "seeding", "aws_calls"} <= rooms
    assert {"sealing", "seal_rotation", "token_authorizer"} <= rooms


@pytest.mark.parametrize(
    ("module", "statement", "private"),
    [
        ("cognito_proxy.proxies.a", "from cognito_proxy.firewall._statements import Acl", True),
        ("cognito_proxy.proxies.a", "from cognito_proxy.firewall import _statements", True),
        ("cognito_proxy.proxies.a", "import cognito_proxy.firewall._statements", True),
        ("cognito_proxy.proxies.a", "from cognito_proxy.firewall.rules import _limiting_rule", True),
        ("cognito_proxy.proxies.a", "def f():\n from ..firewall import _statements", True),
        ("app", "from stacks.domain import _name", True),
        ("stacks.a", "from cognito_proxy import _HOMES", True),
        ("rotation.a", "from proxy.awsjson import _call", True),
        ("cognito_proxy.firewall.a", "from cognito_proxy.firewall._statements import Acl", False),
        ("cognito_proxy.firewall.a", "from . import _statements", False),
        ("cognito_proxy.firewall.a", "from cognito_proxy.firewall.rules import _limiting_rule", False),
        ("local.simulators.waf.a", "from local.simulators.waf._b import c", False),
        ("cognito_proxy.proxies.a", "from cognito_proxy.firewall.rules import Rule", False),
        ("cognito_proxy.proxies.a", "from __future__ import annotations", False),
    ],
)
def test_tells_what_is_private(module: str, statement: str, *, private: bool) -> None:
    assert bool(trespasses(module, statement)) is private
