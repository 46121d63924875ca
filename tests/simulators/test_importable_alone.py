"""Each simulator is importable alone: of this project it brings itself and what all of them share, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIMULATORS = ROOT / "local" / "simulators"
ROOMS = sorted(folder.name for folder in SIMULATORS.iterdir() if (folder / "__init__.py").is_file())
SHARED = "common"

# Every module of a room, and then what of the project is there. `lambda` is in the path, as for the tests.
LOADED = """
import importlib, json, pathlib, sys
root, modules = pathlib.Path(sys.argv[1]), sys.argv[2:]
sys.path[:0] = [str(root), str(root / "lambda")]
for module in modules:
    importlib.import_module(module)
files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name != "__main__"}
environment = pathlib.Path(sys.prefix)
ours = [name for name, file in files.items()
        if file and root in pathlib.Path(file).parents and environment not in pathlib.Path(file).parents]
print(json.dumps(ours))
"""


def modules_of(room: str) -> list[str]:
    """Dotted names of all modules of a room."""
    files = (SIMULATORS / room).rglob("*.py")
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return sorted(name.removesuffix(".__init__") for name in names)


def loaded_with(modules: list[str]) -> set[str]:
    """The project's modules that are there in a fresh process once it has imported these."""
    command = [sys.executable, "-P", "-B", "-c", LOADED, str(ROOT), *modules]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd="/")
    return set(json.loads(done.stdout))


def rooms_of(modules: set[str]) -> set[str]:
    """Names of top-level packages; of `local`, the room that a module is in."""
    found = {name if not name.startswith("local.") else ".".join(name.split(".")[:3]) for name in modules}
    return {name if name.startswith("local") else name.partition(".")[0] for name in found}


@pytest.mark.parametrize("room", ROOMS)
def test_a_simulator_brings_itself_and_what_all_share(room: str) -> None:
    modules = modules_of(room)
    loaded = loaded_with(modules)
    assert loaded >= set(modules)
    allowed = {"local", "local.simulators", f"local.simulators.{room}", f"local.simulators.{SHARED}"}
    assert rooms_of(loaded) <= allowed


def test_this_test_sees_other_rooms() -> None:
    loaded = loaded_with(["local.fronts.enforcement", "proxy.decide"])
    assert rooms_of(loaded) >= {"local.deployment.deploy", "local.errors", "local.simulators.waf", "proxy"}
