"""Which tests go to one worker of pytest-xdist, and which of them come first."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.setups import setup_in
from tests.needs import OF_PATHS, ROOT, needs

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

    A deployment takes seconds to come up: so it does once. The same for tests that share an emulator. What deploys
    comes first, so that no worker waits in the end while another begins the longest file.
    """

    _in_order = False

    def _split_scope(self, nodeid: str) -> str:
        return setup_in(nodeid) or emulator_of(nodeid) or str(super()._split_scope(nodeid))

    def _assign_work_unit(self, node: object) -> None:
        if not self._in_order:
            self._in_order = True
            for scope in sorted(self.workqueue, key=lambda scope: place_of(self.workqueue[scope])):
                self.workqueue.move_to_end(scope)
        super()._assign_work_unit(node)


def place_of(test_ids: Iterable[str]) -> int:
    """Where tests that go to one worker stand in the queue; of two at one place, that with more tests comes first."""
    marks = set[str]().union(*(needs(ROOT / file) for file in {test_id.partition("::")[0] for test_id in test_ids}))
    return 0 if "emulator" in marks else 1 if "node" in marks else 2


def emulator_of(test_id: str) -> str | None:
    """A name for the emulator that a test shares with others; None where it shares none."""
    file = PurePosixPath(test_id.partition("::")[0])
    if file.as_posix() in OF_PATHS:
        return None
    return next((OF_FOLDERS[folder] for folder in map(str, file.parents) if folder in OF_FOLDERS), None)
