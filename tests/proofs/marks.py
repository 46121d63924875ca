"""What proves a promise, as the tests and the checks say themselves."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["oracle", "simulator", "test", "smoke check", "probe"]
KINDS: tuple[Kind, ...] = ("oracle", "simulator", "test", "smoke check", "probe")

SMOKE = Path("cognito_proxy/smoke")
"""Where the checks of `cognito-proxy smoke` are."""

_MAKE_CHECKS = {"Check", "_probe"}
"""What makes a check there; `_probe` takes number and name by position."""


class MarkError(ValueError):
    """A mark that cannot be read; names the file and the line."""


@dataclass(frozen=True, kw_only=True, order=True)
class Proof:
    """What shows that a promise is kept."""

    promise: str
    """Its name."""
    kind: Kind
    what: str
    """A test's id, or a check's or a probe's name."""
    against: str = ""
    """The oracle's or the simulator's name; empty for others."""


def proofs(root: Path) -> list[Proof]:
    """Those that the project's tests and checks name, in a fixed order.

    Raises:
        MarkError: a mark says something that is not a plain text.
    """
    tests = (file for file in (root / "tests").rglob("*.py") if "node_modules" not in file.parts)
    found = [proof for file in tests for proof in _of_tests(file.relative_to(root).as_posix(), _read(file))]
    checks = (root / SMOKE).rglob("*.py") if (root / SMOKE).is_dir() else ()
    found += [proof for file in checks for proof in _of_checks(file.relative_to(root).as_posix(), _read(file))]
    return sorted(found)


def _read(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes(), filename=str(file))


def _of_tests(file: str, module: ast.Module) -> Iterator[Proof]:
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                marks, test = value.elts if isinstance(value, ast.List | ast.Tuple) else [value], file
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                marks, test = node.decorator_list, f"{file}::{node.name}"
            case _:
                continue
        for mark in marks:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.proves":
                yield from _of_mark(file, mark, test)


def _of_mark(file: str, mark: ast.Call, test: str) -> Iterator[Proof]:
    names = [_text(file, argument) for argument in mark.args]
    against = {str(keyword.arg): _text(file, keyword.value) for keyword in mark.keywords}
    if not names or len(against) > 1 or not against.keys() <= {"oracle", "simulator"}:
        raise MarkError(f"{file}:{mark.lineno}: proves(…) takes names of promises, and an oracle or a simulator")
    for name in names:
        if "oracle" in against:
            yield Proof(promise=name, kind="oracle", what=test, against=against["oracle"])
        elif "simulator" in against:
            yield Proof(promise=name, kind="simulator", what=test, against=against["simulator"])
        else:
            yield Proof(promise=name, kind="test", what=test)


def _of_checks(file: str, module: ast.Module) -> Iterator[Proof]:
    """`Check(name="…", proves=("…",))` and `_probe(1, "name", …, proves=("…",))`, wherever one is made."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or (made := ast.unparse(node.func).rpartition(".")[2]) not in _MAKE_CHECKS:
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        promised = given.get("proves")
        if promised is None or (isinstance(promised, ast.Name) and promised.id == "proves"):
            continue  # the second is within _probe, which hands on what it is given
        if made == "_probe":
            number, name = node.args[:2]
            given |= {"probe": ast.Constant(f"C{ast.unparse(number)}"), "name": name}
        if not isinstance(promised, ast.Tuple) or "name" not in given:
            raise MarkError(f"{file}:{node.lineno}: proves must be a tuple of texts, beside a name")
        name = _text(file, given["name"])
        for promise in promised.elts:
            if "probe" in given:
                what = f"{_text(file, given['probe'])}, {name}"
                yield Proof(promise=_text(file, promise), kind="probe", what=what)
            else:
                yield Proof(promise=_text(file, promise), kind="smoke check", what=name)


def _text(file: str, node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise MarkError(f"{file}:{node.lineno}: not a plain text: {ast.unparse(node)}")
