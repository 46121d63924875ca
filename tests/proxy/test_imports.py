"""What is imported on the request path: the standard library and nothing else; the core not even what does I/O."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import proxy

ASSET_ROOT = Path(proxy.__file__).parents[1]

LOADED = """
import json, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    __import__(name)
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""

NOT_FOR_THE_CORE = {
    "_socket", "asyncio", "http", "logging", "os", "pathlib", "random", "select", "socket", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib",
}  # fmt: skip


def loaded(*modules: str) -> dict[str, str | None]:
    """Every module that an interpreter without third-party packages has after importing these."""
    command = [sys.executable, "-I", "-S", "-c", LOADED, str(ASSET_ROOT), *modules]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    result: dict[str, str | None] = json.loads(done.stdout)
    return result


@pytest.mark.proves("standard-library-only")
@pytest.mark.parametrize("module", ["proxy.decide", "proxy.regional", "proxy.edge"])
def test_nothing_outside_the_standard_library_is_imported(module):
    modules = loaded(module)
    assert module in modules
    foreign = {
        name
        for name, path in modules.items()
        if name.partition(".")[0] not in {"proxy", "__main__"} | set(sys.stdlib_module_names)
        or (path and "site-packages" in path)
    }
    assert not foreign


def test_the_isolation_of_this_test_keeps_third_party_packages_out():
    with pytest.raises(subprocess.CalledProcessError):
        loaded("botocore")


def imports_of(module: str) -> set[str]:
    """What a module's own text imports, wherever it does so."""
    path = ASSET_ROOT / (module.replace(".", "/") + ".py")
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module))
    return found


def closure(module: str) -> dict[str, set[str]]:
    """The modules of the proxy that a module needs, itself included, and what each imports."""
    found: dict[str, set[str]] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = imports_of(name)
            waiting += [imported for imported in found[name] if imported.startswith("proxy.")]
    return found


@pytest.mark.proves("core-without-io")
def test_the_core_has_no_means_of_doing_io():
    modules = closure("proxy.decide") | closure("proxy.user_events")
    assert {"proxy.decide", "proxy.body", "proxy.operations", "proxy.cors", "proxy.settings"} <= set(modules)
    for name, imported in modules.items():
        assert not {top.partition(".")[0] for top in imported} & NOT_FOR_THE_CORE, name


@pytest.mark.parametrize(
    "module", [path.stem for path in sorted(ASSET_ROOT.glob("proxy/*.py")) if path.stem != "__init__"]
)
def test_only_what_is_meant_to_write_does(module):
    """`print`, logging and the like stay out of the function; one module writes."""
    tree = ast.parse((ASSET_ROOT / "proxy" / f"{module}.py").read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"print", "open", "input", "eval", "exec", "breakpoint"}
    if module != "output":
        assert not imports_of(f"proxy.{module}") & {"logging", "sys", "traceback", "warnings"}
