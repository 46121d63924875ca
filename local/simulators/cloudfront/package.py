"""The function's package on disk, and the folder of what the Lambda runtime brings along."""

import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.names import MAX_FUNCTION_PACKAGE

_RUNTIME_MODULES = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
"""The runtime client and what it imports. The SDK that AWS's runtime has, too, is left out: the proxy does without."""


class FunctionPackage:
    """An asset, unpacked where a function can run from it. A folder is used in place, a zip file is unpacked.

    The runtime's modules are linked into a folder of their own, so that nothing else of this machine's packages can
    be imported by the function.
    """

    def __init__(self, asset: Path) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="edge-")
        try:
            self.task_root = self._unpacked(asset)
            self.runtime_dir = self._runtime()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Removes what was unpacked."""
        self._scratch.cleanup()

    def _unpacked(self, asset: Path) -> Path:
        if asset.is_dir():
            return asset.resolve()
        if not zipfile.is_zipfile(asset):
            raise EdgeSimulatorError(f"the function's asset {asset} is neither a folder nor a zip file")
        if (size := asset.stat().st_size) > MAX_FUNCTION_PACKAGE:
            raise EdgeSimulatorError(f"the function's package has {size} bytes, at most {MAX_FUNCTION_PACKAGE}")
        root = Path(self._scratch.name, "task")
        with zipfile.ZipFile(asset) as package:
            package.extractall(root)
        return root

    def _runtime(self) -> Path:
        folder = Path(self._scratch.name, "runtime")
        folder.mkdir()
        for name in _RUNTIME_MODULES:
            spec = find_spec(name)
            if spec is None or spec.origin is None:
                raise EdgeSimulatorError(f"the Lambda runtime client needs the Python package {name}: run `make setup`")
            origin = Path(spec.origin)
            target = origin.parent if origin.name == "__init__.py" else origin
            (folder / target.name).symlink_to(target)
        return folder
