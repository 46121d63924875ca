"""One emulator for the tests of what stands before it, as for those of `local/`."""

from tests.local.conftest import assembly_dir, tiny

__all__ = ["assembly_dir", "tiny"]
