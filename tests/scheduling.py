"""Which tests go to one worker of pytest-xdist."""

from pathlib import PurePosixPath

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.setups import setup_in
from tests.needs import OF_PATHS

OF_FOLDERS = {
    "tests/cli": "lists",
    "tests/list_edits": "lists",
    "tests/local": "local",
    "tests/simulators/api_gateway": "simulators",
    "tests/simulators/cognito": "simulators",
}
"""Folders whose tests share an emulator, but for the files that start one of their own; their subfolders, too."""


class ByDeployment(LoadFileScheduling):  # type: ignore[misc]  # likewise
    """As `--dist loadfile`, but that all tests of one deployment go to one worker, whichever file they stand in.

    A deployment takes seconds to come up: so it does once. The same for tests that share an emulator.
    """

    def _split_scope(self, nodeid: str) -> str:
        return setup_in(nodeid) or emulator_of(nodeid) or str(super()._split_scope(nodeid))


def emulator_of(test_id: str) -> str | None:
    """A name for the emulator that a test shares with others; None where it shares none."""
    file = PurePosixPath(test_id.partition("::")[0])
    if file.as_posix() in OF_PATHS:
        return None
    return next((OF_FOLDERS[folder] for folder in map(str, file.parents) if folder in OF_FOLDERS), None)
