"""The sentences with which the proxy refuses, read from its source.

Of all messages in answers these alone may be shown: they are fixed texts, whereas Cognito's may quote a request.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

from local.paths import ROOT

_SOURCES = ROOT / "lambda" / "proxy"
_ERRORS = "errors.py"
# What stands for a blank in a sentence: the name of a member, such as AuthParameters.
_BLANK = r"[A-Za-z_]{1,40}"


def proxy_text(message: str) -> str:
    """The message when it is one of the proxy's own, else nothing."""
    return message if _texts().fullmatch(message) else ""


@cache
def _texts() -> re.Pattern[str]:
    errors = {node.name for node in ast.walk(_parsed(_ERRORS)) if isinstance(node, ast.ClassDef)}
    texts = {text for file in _SOURCES.glob("*.py") for text in _texts_of(_parsed(file.name), errors)}
    return re.compile("|".join(sorted(texts)))


def _parsed(name: str) -> ast.Module:
    return ast.parse((_SOURCES / name).read_text(encoding="utf-8"))


def _texts_of(module: ast.Module, errors: set[str]) -> Iterator[str]:
    """Patterns of the first argument wherever one of the proxy's errors is made."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]) if name in errors:
                yield re.escape(text)
            case ast.Call(func=ast.Name(id=name), args=[ast.JoinedStr(values=parts), *_]) if name in errors:
                yield "".join(_pattern(part) for part in parts)


def _pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else _BLANK
