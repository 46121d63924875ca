"""Where the code that runs in AWS is found, in a checkout and in a wheel."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

_PACKAGE = Path(__file__).resolve().parents[1]


def _lambda_dir() -> Path:
    # A wheel carries the folder inside the package; in a checkout it is the package's neighbour.
    packaged = _PACKAGE / "_lambda"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "lambda"


# Absolute, because jsii changes the working directory when it is imported.
LAMBDA_DIR = _lambda_dir()
"""The asset root: the parent of the Python packages `proxy`, `rotation`, `seeding`, `prefix_list`, `replica`,
`aws_calls`, `sample_api`, `sealing`, `seal_rotation` and `token_authorizer`."""


_CALLS = (
    *(f"aws_calls/{name}.py" for name in ("__init__", "errors", "service", "time_left")),
    *(f"proxy/{name}.py" for name in ("__init__", "awsjson", "connection", "errors", "sigv4")),
)
"""What the functions off the request path call AWS with: modules of their own, and these of the proxy's."""

_SEALING_KEYS = ("sealing/__init__.py", "sealing/key_document.py")
"""What the rotation of the keys of sealed tokens knows of them."""

_CUSTOM_RESOURCE = ("aws_calls/__init__.py", "aws_calls/custom_resource.py")
"""How a function answers CloudFormation."""


PROXY = "proxy"
"""The package of the proxy function, which stands at its asset's root."""


def proxy_code(beside: Mapping[str, Path] | None = None) -> lambda_.Code:
    """The proxy function: `proxy/` alone, so that its asset changes only when it does; and what is bundled with it.

    `beside`: path within the asset to the file that goes there. Default: nothing.
    """
    return _staged(_files_of(PROXY) | dict(beside)) if beside else _packages(PROXY)


def seeding_code() -> lambda_.Code:
    """The function that puts an app client's secret into Secrets Manager: `seeding/`, and what it calls AWS with and
    answers CloudFormation with."""
    return _packages("seeding", *_CALLS, *_CUSTOM_RESOURCE)


def rotation_code() -> lambda_.Code:
    """The function that rotates an app client's secret: `rotation/`, and what it calls AWS with."""
    return _packages("rotation", *_CALLS)


def replica_code() -> lambda_.Code:
    """The function that makes a replica of a user pool active: `replica/`, and what it calls AWS with and answers
    CloudFormation with."""
    return _packages("replica", *_CALLS, *_CUSTOM_RESOURCE)


def seal_rotation_code() -> lambda_.Code:
    """The function that rotates the keys of sealed tokens: `seal_rotation/`, and what it shares with others."""
    shared = (*(f"rotation/{name}.py" for name in ("__init__", "errors", "stored_text")), *_SEALING_KEYS)
    return _packages("seal_rotation", *shared, *_CALLS)


def sealing_files() -> dict[str, Path]:
    """What seals and opens tokens: path within an asset to the file."""
    return _files_of("sealing")


def token_authorizer_code(beside: Mapping[str, Path]) -> lambda_.Code:
    """The authorizer of sealed tokens: `token_authorizer/`, what it reads its keys with, and `beside`."""
    reading = ("seal_keys", "secret_store", "secret_cache", "settings", "pseudonyms")
    names = [name for name in _CALLS if name.startswith("proxy/")] + [f"proxy/{name}.py" for name in reading]
    return _staged(_files_of("token_authorizer") | {name: LAMBDA_DIR / name for name in names} | dict(beside))


def sample_api_code() -> lambda_.Code:
    """The function behind the sample APIs: `sample_api/` alone; boto3 is the runtime's."""
    return _packages("sample_api")


def prefix_list_code() -> lambda_.Code:
    """The function that finds a prefix list of AWS's: `prefix_list/`, and how it answers CloudFormation."""
    return _packages("prefix_list", *_CUSTOM_RESOURCE)


def _files_of(package: str) -> dict[str, Path]:
    """A package of the asset root, without caches."""
    files = (path for path in (LAMBDA_DIR / package).rglob("*.py") if path.is_file())
    return {path.relative_to(LAMBDA_DIR).as_posix(): path for path in files}


def _staged(files: Mapping[str, Path]) -> lambda_.Code:
    """Files from several places as one asset, whose name follows from their paths and contents alone.

    CDK copies the folder when the function is made; it goes when the process ends.
    """
    folder = Path(tempfile.mkdtemp(prefix="cognito-proxy-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in sorted(files):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(files[path].read_bytes())
        place.chmod(0o644)  # whatever it is here: the function's user must be able to read it
    return lambda_.Code.from_asset(str(folder))


def _packages(*paths: str) -> lambda_.Code:
    """Packages, and single modules (`proxy/errors.py`) of others; nothing else of the asset root."""
    return lambda_.Code.from_asset(
        str(LAMBDA_DIR),
        exclude=["/*", *_except(paths), "__pycache__", "*.pyc"],
        ignore_mode=IgnoreMode.GIT,
    )


def _except(paths: Sequence[str]) -> Iterator[str]:
    """Patterns of a .gitignore that take these out of what `/*` ignores."""
    for package in dict.fromkeys(path.partition("/")[0] for path in paths):
        yield f"!/{package}"
        if package not in paths:
            yield f"/{package}/*"
    yield from (f"!/{path}" for path in paths if "/" in path)
