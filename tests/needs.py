"""What a test needs beside Python, told by its marks. Here, and nowhere else, tests get these marks.

`node`: Node.js, which the CDK, too, runs in (jsii). `emulator`: MiniStack. `browser`: Chromium. A test gets them from
the folder or file that it stands in, from the fixtures that it uses, and from what its module imports.

`pytest --unit` runs the tests that need none of them, and imports no module that would start Node.js.
What a test starts is held against its marks: see `Watch`.
"""

import ast
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).resolve().parents[1]
"""Test paths below are relative to it."""

MARKS = {
    "node": "needs Node.js: the CDK (it runs in Node.js), or a JavaScript client",
    "emulator": "needs the emulator of AWS",
    "browser": "needs Chromium",
}

OF_PATHS: dict[str, tuple[str, ...]] = {
    "tests/cli/test_local_proxy.py": ("node", "emulator"),
    "tests/cli/test_top_local.py": ("node", "emulator"),
    "tests/e2e": ("node", "emulator"),
    "tests/e2e/browser": ("browser",),
    "tests/examples/test_app.py": ("node",),
    "tests/local/attack/test_firewall.py": ("node",),
    "tests/local/attack/test_played.py": ("node", "emulator"),
    "tests/local/gameday/test_played.py": ("node", "emulator"),
    "tests/local/screen/test_alarms_shown.py": ("node", "emulator"),
    "tests/local/screen/test_calls_shown.py": ("node", "emulator"),
    "tests/local/test_command.py": ("node", "emulator"),
    "tests/local/fronts/test_deployed_waf.py": ("node",),
    "tests/local/test_demo.py": ("node", "emulator"),
    "tests/local/fronts/test_edge_variant.py": ("node", "emulator"),
    "tests/local/deployment/test_emulator.py": ("emulator",),
    "tests/local/fronts/test_firewall.py": ("node", "emulator"),
    "tests/plain/test_deployed.py": ("node", "emulator"),
    "tests/rehearsal/test_command.py": ("node",),
    "tests/rotation/test_with_the_emulator.py": ("emulator",),
    "tests/sample_api/test_http_with_the_emulator.py": ("emulator",),
    "tests/sample_api/test_with_the_emulator.py": ("emulator",),
    "tests/web": ("node",),
    "tests/simulators/api_gateway/test_deployed_apis.py": ("node", "emulator"),
    "tests/smoke/test_broken.py": ("node", "emulator"),
    "tests/smoke/test_local.py": ("node", "emulator"),
}
"""Where tests start something themselves, or in a process of their own."""

OF_FIXTURES: dict[str, tuple[str, ...]] = {
    "authorized": ("emulator",),
    "default_template": ("node",),
    "emulator": ("emulator",),
    "small_rates_template": ("node",),
    "syntheses": ("node",),
    "tiny": ("emulator",),
}
"""Fixtures that start something, whatever the folder."""

_CDK = frozenset({"aws_cdk", "cdk_nag", "constructs", "jsii"})
_SOURCES = (ROOT, ROOT / "lambda")
_LIBRARY = "cognito_proxy"


def mark(item: pytest.Item) -> None:
    """Give a test its marks."""
    for name in needs(item.path, getattr(item, "fixturenames", ())):
        item.add_marker(name)


def needs(file: Path, fixtures: Sequence[str] = ()) -> set[str]:
    """Names of the marks that a test in this file gets which uses these fixtures."""
    return set(_of_file(file).union(*(OF_FIXTURES.get(fixture, ()) for fixture in fixtures)))


@cache
def _of_file(file: Path) -> frozenset[str]:
    """Thousands of tests stand in some hundred files."""
    found = {"node"} if imports_cdk(file) else set[str]()
    for place in (file, *file.parents):
        if place.is_relative_to(ROOT):
            found.update(OF_PATHS.get(place.relative_to(ROOT).as_posix(), ()))
    return frozenset(found)


def imports_cdk(path: Path) -> bool:
    """Whether collecting the tests of this file or folder imports the CDK, be it through a conftest.py or a helper."""
    conftests = (folder / "conftest.py" for folder in (path, *path.parents) if folder.is_relative_to(ROOT))
    return any(_loads_cdk(file) for file in (path, *conftests) if file.suffix == ".py" and file.is_file())


def _loads_cdk(file: Path) -> bool:
    waiting, seen = [file], {file}
    while waiting:
        imported, is_cdk = _imports(waiting.pop())
        if is_cdk:
            return True
        waiting += imported - seen
        seen |= imported
    return False


@cache
def _imports(file: Path) -> tuple[frozenset[Path], bool]:
    """The project's own files that a module imports when it is imported, and whether it imports the CDK itself."""
    files: set[Path] = set()
    for statement in _at_import(ast.parse(file.read_bytes()).body):
        for name in _imported(statement):
            if name.partition(".")[0] in _CDK or _is_exported(name):
                return frozenset(), True
            files.update(_files(name))
    return frozenset(files), False


def _at_import(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: none in functions, none for the type checker alone."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            yield from _at_import(statement.orelse)
            continue
        yield statement
        for block in ("body", "handlers", "orelse", "finalbody"):
            yield from _at_import(getattr(statement, block, ()))


def _imported(statement: ast.stmt) -> Iterator[str]:
    """Dotted names; the last part may be a module or something in one."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and statement.module:
        yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


def _is_exported(name: str) -> bool:
    """Whether it is one of the library's public names, whose module is imported when it is first asked for."""
    return name.rpartition(".")[0] == _LIBRARY and not list(_file(ROOT, name))


def _files(name: str) -> Iterator[Path]:
    """Of `a.b.c`: those of the packages a and a.b, and of a.b.c if it is a module."""
    parts = name.split(".")
    for source in _SOURCES:
        for length in range(1, len(parts) + 1):
            yield from _file(source, ".".join(parts[:length]))


def _file(source: Path, module: str) -> Iterator[Path]:
    path = source.joinpath(*module.split("."))
    yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())


class Watch:
    """Fails a test that starts what its marks do not tell of; otherwise a forgotten mark would go unnoticed.

    It is an audit hook, which sees every process that this one starts (https://docs.python.org/3/library/audit_events.html:
    `subprocess.Popen`), and nothing that those start.
    """

    def __init__(self, *, while_collecting: bool) -> None:
        """`while_collecting`: whether the import of a test module may not start anything either."""
        self._item: pytest.Item | None = None
        self._while_collecting = while_collecting

    def watch(self, item: pytest.Item | None) -> None:
        """This test runs now; None: none does."""
        self._item = item
        self._while_collecting = False

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """What `sys.addaudithook` calls."""
        if event != "subprocess.Popen" or (self._item is None and not self._while_collecting):
            return
        words = [os.fsdecode(word) for word in cast("Sequence[str | bytes | os.PathLike[str]]", arguments[1])]
        marks = {mark.name for mark in self._item.iter_markers()} if self._item else set()
        for name in started(words):
            if name not in marks:
                what = self._item.nodeid if self._item else "the import of a test module"
                pytest.fail(f"{what} starts what the mark `{name}` stands for: say so in tests/needs.py", pytrace=False)


def started(words: Sequence[str]) -> Iterator[str]:
    """The marks that a command needs."""
    names = {Path(word).name for word in words[:2]}
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    runs_app = ROOT / "app.py" in {ROOT / word for word in words[:2]}
    if names & {"node", "npm", "npx", "cdk"} or runs_app or module == "local.demo":
        yield "node"
    if module in ("ministack", "local", "local.demo"):
        yield "emulator"
    if names & {"driver.mjs", "hands.mjs"}:
        yield "browser"
