"""Which tests go to one worker of pytest-xdist."""

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.setups import setup_in


class ByDeployment(LoadFileScheduling):  # type: ignore[misc]  # likewise
    """As `--dist loadfile`, but that all tests of one deployment go to one worker, whichever file they stand in.

    A deployment takes seconds to come up: so it does once.
    """

    def _split_scope(self, nodeid: str) -> str:
        return setup_in(nodeid) or str(super()._split_scope(nodeid))
