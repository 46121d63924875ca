"""Packages with native code for the functions: the wheels for AWS Lambda, fetched at synth and kept.

Only what is on is fetched, so this is imported where tokens are sealed and nowhere else. pip fetches the wheels once,
of the versions and with the hashes below, and nothing is built or run of them; then they come from the cache.
`PIP_NO_INDEX` and `PIP_FIND_LINKS` name a folder for a machine without a way to an index; pip reads these by itself:
https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cognito_proxy.common.property_error import PropertyError

PYTHON = "3.13"
"""The functions' Python, `python_function.RUNTIME`, for which the wheels are; a test compares them."""

_PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64")
"""AWS Lambda's arm64 on Amazon Linux 2023, which has glibc 2.34:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One pinned package."""

    name: str
    """As pip calls it."""
    version: str
    """The same as in requirements.txt, with which the tests run; a test compares them."""
    sha256: str
    """Of the file that fits the functions."""
    takes: str
    """Which of its files the functions need, as a regular expression."""

    @property
    def requirement(self) -> str:
        """A line for pip."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


SEALING = (
    Wheel(
        name="joserfc",
        version="1.8.0",
        sha256="176b836ac7ed9a46a88629e24076314b475f33a75d0bad7f26146e572eed7c79",
        takes=r"joserfc/.*\.py",
    ),
    Wheel(
        name="cryptography",
        version="50.0.2",
        sha256="79def8d059362e7831389ed3be0ecdf58a89386e1271e35dd9f5af84e81bffd0",
        takes=r"cryptography/.*\.(py|so)",
    ),
    # Of cffi cryptography imports the one native module; what else is in the wheel makes such modules.
    Wheel(
        name="cffi",
        version="2.1.1",
        sha256="f16c709686a78c727bbbf059f92b0bf41c6fc60deec706d2dc19f529175a6125",
        takes=r"_cffi_backend\..*\.so",
    ),
)
"""What sealed tokens need."""

_LICENCES = re.compile(r"[^/]+\.dist-info/licenses/.*|[^/]+\.dist-info/LICENSE.*")


def cache_folder() -> Path:
    """Where wheels are kept: `cognito-proxy` in `XDG_CACHE_HOME`. Default: in `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cognito-proxy"


def wheel_files(wheels: Sequence[Wheel] = SEALING) -> dict[str, Path]:
    """Path within a function's asset to the file, of all that is bundled of these wheels.

    Raises:
        PropertyError: they are not in the cache, and pip could not fetch them.
    """
    told = "\n".join([PYTHON, *_PLATFORMS, *(f"{wheel.requirement} {wheel.takes}" for wheel in wheels)])
    folder = cache_folder() / hashlib.sha256(told.encode()).hexdigest()[:32]
    if not folder.is_dir():
        _fill(folder, wheels)
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _fill(folder: Path, wheels: Sequence[Wheel]) -> None:
    """All or nothing: the folder has its name when it is complete, whoever else fills it at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        fetched, unpacked = Path(name, "wheels"), Path(name, "files")
        _fetch(fetched, wheels)
        for wheel in wheels:
            _unpack(wheel, fetched, unpacked)
        try:
            unpacked.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _fetch(folder: Path, wheels: Sequence[Wheel]) -> None:
    folder.mkdir()
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{wheel.requirement}\n" for wheel in wheels), encoding="utf-8")
    names = ", ".join(f"{wheel.name} {wheel.version}" for wheel in wheels)
    try:
        done = subprocess.run(
            _command(folder, listed), capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired:
        raise PropertyError(f"sealed_tokens: pip did not fetch {names} in {_SECONDS} seconds; {_HELP}") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = (errors or done.stderr.splitlines() or ["it gave no reason"])[-1].removeprefix("ERROR: ")
        raise PropertyError(f"sealed_tokens: pip could not fetch {names} ({reason}); {_HELP}")


_HELP = (
    "synthesize once where PyPI can be reached, or set PIP_NO_INDEX=1 and PIP_FIND_LINKS to a folder that has the "
    "wheels (docs/sealed-tokens.md)"
)


def _command(folder: Path, listed: Path) -> list[str]:
    """https://pip.pypa.io/en/stable/cli/pip_download/"""
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes"),
        *("--python-version", PYTHON, "--implementation", "cp"),
        *(part for platform in _PLATFORMS for part in ("--platform", platform)),
        *(part for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none") for part in ("--abi", abi)),
        *("--dest", str(folder), "--requirement", str(listed)),
    ]


def _unpack(wheel: Wheel, fetched: Path, into: Path) -> None:
    (file,) = fetched.glob(f"{wheel.name}-{wheel.version}-*.whl")
    wanted = re.compile(wheel.takes)
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if wanted.fullmatch(name) or _LICENCES.fullmatch(name):
                archive.extract(name, into)


def is_native_package(path: str) -> bool:
    """Whether a file of an asset, by its path in there, came out of these wheels."""
    return any(
        re.fullmatch(wheel.takes, path) or path.startswith(f"{wheel.name}-{wheel.version}.dist-info/")
        for wheel in SEALING
    )
