"""`index.py`: the same modules, found in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.plain.inline_code import HANDLER, index_py

FILES = {
    "rooms/__init__.py": b"",
    "rooms/handler.py": b"from .inner.deep import broken\n\n\ndef handler(event, context):\n    return broken(event)\n",
    "rooms/inner/__init__.py": b"",
    "rooms/inner/deep.py": b"# \xc3\xa4\ndef broken(event):\n    return 1 / event['by']\n",
}
ASKS = """
import inspect, json, sys, traceback
import index
import rooms.inner.deep as deep
try:
    index.handler({"by": 0}, None)
except ZeroDivisionError:
    told = traceback.format_exc()
result = index.handler({"by": 2}, None)
print(json.dumps([result, deep.__name__, deep.__spec__.origin, inspect.getsource(deep), told]))
try:
    import rooms.nothing
except ModuleNotFoundError as error:
    print(json.dumps(error.name))
"""


@pytest.fixture
def answers(tmp_path: Path) -> list[str]:
    (tmp_path / "index.py").write_text(index_py(FILES, "rooms.handler.handler"), encoding="ascii")
    command = [sys.executable, "-W", "error", "-c", ASKS]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    return ran.stdout.splitlines()


def test_the_handler_runs_and_modules_keep_their_names(answers: list[str]) -> None:
    result, name, origin, _, _ = json.loads(answers[0])
    assert (result, name, origin) == (0.5, "rooms.inner.deep", "rooms/inner/deep.py")


def test_a_module_can_be_read(answers: list[str]) -> None:
    assert json.loads(answers[0])[3] == FILES["rooms/inner/deep.py"].decode()


def test_a_traceback_shows_the_line(answers: list[str]) -> None:
    told = json.loads(answers[0])[-1]
    assert 'File "rooms/inner/deep.py", line 3, in broken' in told
    assert "return 1 / event['by']" in told


def test_what_is_not_there_is_not_found(answers: list[str]) -> None:
    assert json.loads(answers[1]) == "rooms.nothing"


def test_it_is_the_same_each_time_whatever_the_order() -> None:
    backwards = dict(reversed(FILES.items()))
    assert index_py(FILES, "rooms.handler.handler") == index_py(backwards, "rooms.handler.handler")


def test_other_files_give_another_text() -> None:
    other = {**FILES, "rooms/inner/__init__.py": b"# changed\n"}
    assert index_py(FILES, "rooms.handler.handler") != index_py(other, "rooms.handler.handler")


def test_its_lines_are_short_and_its_handler_is_named() -> None:
    text = index_py(FILES, "rooms.handler.handler")
    assert max(map(len, text.splitlines())) <= 120
    assert HANDLER == "index.handler"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({**FILES, "rooms/data.json": b"{}"}, "Python sources only, not rooms/data.json"),
        ({"rooms/__init__.py": b""}, r"no file has the handler rooms\.handler\.handler"),
    ],
)
def test_refuses_what_it_cannot_import(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        index_py(files, "rooms.handler.handler")
