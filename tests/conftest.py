"""For all tests: which tests run, what they need, how many examples they try.

The project's own Node.js (from PyPI) comes before any other, as the Makefile has it.
"""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from unittest import mock

import pytest

from tests import hypothesis_profiles, needs
from tests.scheduling import ByDeployment
from tests.syntheses import VALIDATION, Syntheses

# Whoever looks at what the validation says turns it on for the app in question.
os.environ[VALIDATION] = "false"
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
hypothesis_profiles.register()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--unit", action="store_true", help="only the tests that need no emulator, no browser and no Node.js"
    )
    parser.addoption(
        "--pictures", metavar="FOLDER", help="where the browser tests put a picture of each view of the sign-in page"
    )


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in needs.MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.addinivalue_line("markers", "proves(promise, …, oracle=None, simulator=None): see tests/proofs")
    watch = needs.Watch(while_collecting=config.getoption("unit"))
    config.stash[_WATCH] = watch
    sys.addaudithook(watch)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return (config.getoption("unit") and needs.imports_cdk(collection_path)) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        needs.mark(item)
        if isinstance(item, pytest.Function) and all(item.get_closest_marker(name) for name in ("node", "emulator")):
            item.fixturenames.insert(0, "local_runs_share_syntheses")
    hypothesis_profiles.adapt(items, config.getoption("hypothesis_profile"))
    if config.getoption("unit"):
        kept = [item for item in items if not any(item.get_closest_marker(name) for name in needs.MARKS)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    watch = item.config.stash[_WATCH]
    watch.watch(item)
    try:
        return (yield)
    finally:
        watch.watch(None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByDeployment | None:
    """What `--dist loadfile` does here."""
    return ByDeployment(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def syntheses(tmp_path_factory: pytest.TempPathFactory) -> Syntheses:
    """This session's assemblies, shared by its workers."""
    folder = tmp_path_factory.getbasetemp()
    # A worker of pytest-xdist has a folder of its own within the session's.
    session = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return Syntheses(session / "syntheses")


@pytest.fixture(scope="session")
def local_runs_share_syntheses(syntheses: Syntheses) -> Iterator[None]:
    """Local runs take their assemblies from there. Tests that have the marks `node` and `emulator` get this fixture."""
    import local.attack.run
    import local.run

    with (
        mock.patch.object(local.run, "synthesize", syntheses.synthesize),
        mock.patch.object(local.attack.run, "synthesize", syntheses.synthesize),
    ):
        yield


_WATCH = pytest.StashKey[needs.Watch]()
