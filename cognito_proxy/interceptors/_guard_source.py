"""What a guard's code says of itself, read without running any of it."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cognito_proxy.common.property_error import PropertyError

FUNCTIONS: Mapping[str, tuple[str, ...]] = {"check": ("call",), "seen": ("call", "outcome")}
"""What a guard may have, and the arguments by their position."""

FUNCTIONS_PYTHON = (3, 13)
"""Which Python runs the function; a test compares it with `common.python_function`, which needs CDK."""


class GuardSource(NamedTuple):
    """What was found."""

    functions: tuple[str, ...]
    """Those of `FUNCTIONS` that the module has, sorted."""
    unread: str | None
    """Why nothing could be found out: code that the Python here does not read, but the function's may. None where it
    was read."""


def read_source(module: str, home: Path, files: Mapping[str, Path]) -> GuardSource:
    """Check the syntax of `files` (path to show to file), and find the functions in `home`, one of them.

    Raises:
        PropertyError: a file cannot be read, or the module lacks functions that can be called as a guard's.
    """
    unread = None
    for shown in sorted(files):
        try:
            _parsed(files[shown])
        except (SyntaxError, ValueError) as error:
            message = f"module: {shown}: {_why(error)}"
            if sys.version_info[:2] >= FUNCTIONS_PYTHON:
                raise PropertyError(message) from None
            unread = unread or message
    if unread is not None:
        return GuardSource(tuple(sorted(_named_in_text(home))), unread)
    found = dict(_bindings(_parsed(home)))
    functions = tuple(sorted(found.keys() & FUNCTIONS.keys()))
    if not functions:
        raise PropertyError(f"module: {module!r} has neither check(call) nor seen(call, outcome)")
    for name in functions:
        _require_callable(module, name, found[name])
    return GuardSource(functions, None)


def _parsed(file: Path) -> ast.Module:
    # Newer syntax than the function's Python has is refused as far as the parser here knows what is newer.
    return ast.parse(file.read_bytes(), filename=file.name, feature_version=FUNCTIONS_PYTHON)


def _why(error: Exception) -> str:
    running = ".".join(map(str, sys.version_info[:2]))
    line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
    message = error.msg if isinstance(error, SyntaxError) else "not Python"
    return f"{message}{line} (read with Python {running}; the function's is {'.'.join(map(str, FUNCTIONS_PYTHON))})"


def _bindings(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Names at the top of a module, and the statement that binds each; the last one counts."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name, statement
            case ast.ImportFrom():
                yield from ((alias.asname or alias.name, statement) for alias in statement.names)
            case ast.Assign():
                yield from ((target.id, statement) for target in statement.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield name, statement


def _require_callable(module: str, name: str, statement: ast.stmt) -> None:
    shown = f"{name}({', '.join(FUNCTIONS[name])})"
    if isinstance(statement, ast.AsyncFunctionDef):
        raise PropertyError(f"module: {name} of {module!r} must be an ordinary function, not async")
    if not isinstance(statement, ast.FunctionDef) or statement.decorator_list:
        return  # what an import or a decorator gives is known at run time only
    arguments, count = statement.args, len(FUNCTIONS[name])
    positional = len(arguments.posonlyargs) + len(arguments.args)
    least = positional - len(arguments.defaults)
    keywords = [value for value in arguments.kw_defaults if value is None]
    if keywords or least > count or (positional < count and arguments.vararg is None):
        raise PropertyError(f"module: {name} of {module!r} must take what {shown} takes")


def _named_in_text(home: Path) -> Iterator[str]:
    """Without a parser: lines that begin a function of that name."""
    lines = home.read_text(encoding="utf-8", errors="replace").splitlines()
    return (name for name in FUNCTIONS if any(line.startswith(f"def {name}(") for line in lines))
