"""Which files of a guard's folder are bundled with the function, and where they go."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cognito_proxy.common.assets import PROXY
from cognito_proxy.common.property_error import PropertyError

GUARD_API = "cognito_proxy_guards"
"""The package that guards import; it goes along with them."""

MAX_BYTES = 50_000_000
"""Before compression. Lambda@Edge takes 50 MB after it, Lambda 250 MB before; more makes cold starts slow in both.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge"""

_API_FOLDER = Path(__file__).resolve().parents[2] / GUARD_API
"""The neighbour of this package, in a checkout and in a wheel."""

_STARTS_BY_ITSELF = frozenset({"sitecustomize", "usercustomize"})
"""Python imports these at its start: https://docs.python.org/3/library/site.html#module-sitecustomize"""

_TESTS = re.compile(r"tests?|conftest\.py|test_.*\.py|.*_test\.py")
_CACHES = re.compile(r"__pycache__|.*\.py[co]|\..*")


def api_files() -> dict[str, Path]:
    """The package that guards import."""
    return {f"{GUARD_API}/{path.name}": path for path in sorted(_API_FOLDER.glob("*.py"))}


def guard_files(folder: Path, module: str) -> dict[str, Path]:
    """Path within the asset to the file, of all that is bundled from the folder.

    Left out: caches and what is hidden; tests, beside the module and in its package; `bin` at the top, where pip puts
    programs that name this machine's Python.

    Raises:
        PropertyError: the folder is none, holds a symbolic link or something else that is no file, is too large, or
            has a name that would hide a module of the proxy's or of Python's own.
    """
    if not folder.is_dir():
        raise PropertyError(f"code must be a folder, not {str(folder)!r}")
    package = module.partition(".")[0]
    files = {path.relative_to(folder).as_posix(): path for path in _walk(folder, own=(folder, folder / package))}
    for name in sorted({path.partition("/")[0] for path in files}):
        _require_own_name(name)
    size = sum(path.stat().st_size for path in files.values())
    if size > MAX_BYTES:
        raise PropertyError(f"code must have at most {MAX_BYTES:,} bytes, not {size:,}")
    return files


def module_file(folder: Path, module: str) -> Path:
    """Where the code of the module is.

    Raises:
        PropertyError: it is not in the folder.
    """
    place = folder.joinpath(*module.split("."))
    for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if file.is_file():
            return file
    raise PropertyError(f"module: {module!r} is not in {str(folder)!r}")


def own_sources(files: dict[str, Path], module: str) -> dict[str, Path]:
    """The Python files whose syntax is the user's: at the top, and in the module's package. Others are vendored."""
    package = f"{module.partition('.')[0]}/"
    return {
        path: file
        for path, file in files.items()
        if path.endswith(".py") and ("/" not in path or path.startswith(package))
    }


def _walk(folder: Path, *, own: tuple[Path, ...]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = Path(entry.path)
        is_own = folder == own[0] or own[1] in (folder, *folder.parents)
        if _CACHES.fullmatch(entry.name) or (is_own and _TESTS.fullmatch(entry.name)):
            continue
        if entry.is_symlink():
            raise PropertyError(f"code must hold no symbolic link: {path.relative_to(own[0]).as_posix()}")
        if entry.is_dir():
            if folder != own[0] or entry.name != "bin":
                yield from _walk(path, own=own)
        elif entry.is_file():
            yield path
        else:
            raise PropertyError(f"code must hold files and folders only: {path.relative_to(own[0]).as_posix()}")


def _require_own_name(name: str) -> None:
    """The function's own folder comes first on Python's path: a module there hides any other of that name."""
    module = name.partition(".")[0]
    if module in (PROXY, GUARD_API):
        raise PropertyError(f"code must not hold {name!r}, the name of a package of the proxy's function")
    if module in sys.stdlib_module_names or module in _STARTS_BY_ITSELF:
        raise PropertyError(f"code must not hold {name!r}, the name of a module of Python's own")
