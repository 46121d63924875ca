"""The tests of the functions and of the library on every Python that the machine has: `make matrix`.

`MATRIX_PYTHONS` names interpreters, or folders that hold some, with `:` between them; they come before what is found by
itself (`python3.N` on the PATH, and pyenv's versions). `MATRIX_SKIP` names versions to leave out, `3.11 3.12`.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".matrix"
"""A virtual environment for each version."""

OLDEST = (3, 11)
"""As in pyproject.toml."""
NEWEST = (3, 14)
"""The newest whose absence is told; newer ones are used where they are."""

TESTS = (
    *("tests/proxy", "tests/rotation", "tests/list_edits", "tests/sample_api"),
    *("tests/sealing", "tests/token_authorizer"),
    *("tests/constructs", "tests/firewall", "tests/app", "tests/cli", "tests/audit", "tests/smoke"),
    *("tests/queries", "tests/monitoring", "tests/top", "tests/client_config", "tests/examples"),
    *("tests/docs", "tests/simulators/waf"),
)
"""The functions', seeding's among the constructs', and the library's, with the app that is made of it, what the README
shows of it, and the evaluator that its rules are tried with."""

LEFT_OUT = ("tests/e2e", "tests/local", "tests/plain", "tests/rehearsal", "tests/simulators", "tests/web")
"""Of these a developer's own Python is enough: they run nowhere else."""

PYTHONS, SKIP = "MATRIX_PYTHONS", "MATRIX_SKIP"

_ASK = "import sys; print(*sys.version_info[:2], sys.version_info.releaselevel)"
_ASK_SECONDS = 20
_INSTALL = ("-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "--requirement")

Version = tuple[int, int]


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Run them all. Gives the exit code: not 0 when a version fails, or when there is none at all."""
    found = interpreters(candidates(environment))
    skipped = {name(version) for version in found} & set(environment.get(SKIP, "").split())
    for version in sorted({*found, *_expected()}):
        if version not in found:
            print(f"Python {name(version)}: not found, skipped ({PYTHONS} says where it is)", flush=True)
        elif name(version) in skipped:
            print(f"Python {name(version)}: left out, as {SKIP} says", flush=True)
    if not found:
        print(f"no Python from {name(OLDEST)} on was found: {PYTHONS} says where one is", file=sys.stderr)
        return 1
    wanted = {version: python for version, python in found.items() if name(version) not in skipped}
    failed = [version for version, python in sorted(wanted.items()) if not _passes(version, python)]
    if failed:
        print(f"failed on Python {', '.join(map(name, failed))}", file=sys.stderr)
    return 1 if failed else 0


def name(version: Version) -> str:
    """3.12, say."""
    return ".".join(map(str, version))


def candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    """Programs that may be a Python, the preferred ones first."""
    for place in filter(None, environment.get(PYTHONS, "").split(os.pathsep)):
        path = Path(place).expanduser()
        yield from [path] if path.is_file() else _pythons_in(path)
        yield from _pythons_in(path / "bin")
    yield Path(sys.executable)
    for folder in environment.get("PATH", "").split(os.pathsep):
        yield from _pythons_in(Path(folder))
    pyenv = Path(environment.get("PYENV_ROOT") or Path(environment.get("HOME", "/")) / ".pyenv")
    for installed in sorted(pyenv.glob("versions/*/bin")):
        yield from _pythons_in(installed)


def interpreters(programs: Iterable[Path]) -> dict[Version, Path]:
    """The first program of each released version from the oldest on. One that does not run is none.

    A pyenv shim of a version that is not selected does not run.
    """
    found: dict[Version, Path] = {}
    asked = set()
    for program in programs:
        if program not in asked and (version := _version(program)) is not None and version >= OLDEST:
            found.setdefault(version, program)
        asked.add(program)
    return found


def _expected() -> list[Version]:
    return [(3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)]


def _pythons_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("python3.*")) if re.fullmatch(r"python3\.\d+", path.name)]


def _version(program: Path) -> Version | None:
    """None for what is no released Python."""
    try:
        asked = subprocess.run(
            [str(program), "-c", _ASK], capture_output=True, text=True, timeout=_ASK_SECONDS, check=True
        )
        major, minor, level = asked.stdout.split()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return (int(major), int(minor)) if level == "final" else None


def _passes(version: Version, python: Path) -> bool:
    started = time.monotonic()
    print(f"Python {name(version)} ({python})", flush=True)
    try:
        inside = _environment(version, python)
    except subprocess.CalledProcessError as error:
        print(f"Python {name(version)}: FAILED to set up: {' '.join(error.cmd)}", flush=True)
        return False
    command = [str(inside), "-m", "pytest", "--quiet", "--numprocesses", "2", "--dist", "loadfile", *TESTS]
    passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    print(f"Python {name(version)}: {'passed' if passed else 'FAILED'}, {time.monotonic() - started:.0f} s", flush=True)
    return passed


def _environment(version: Version, python: Path) -> Path:
    """The interpreter of a virtual environment with what requirements.txt pins. Made anew where that changed."""
    folder, requirements = FOLDER / name(version), ROOT / "requirements.txt"
    inside, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists() or ready.read_bytes() != requirements.read_bytes():
        print(f"Setting up {folder.relative_to(ROOT)} (once, a minute or two)", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([str(python), "-m", "venv", str(folder)], check=True)
        subprocess.run([str(inside), *_INSTALL, str(requirements)], check=True)
        ready.write_bytes(requirements.read_bytes())
    return inside


if __name__ == "__main__":
    sys.exit(main())
