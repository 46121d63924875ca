"""A function's whole code as one `index.py`, which is what CloudFormation takes inline.

"For Node.js and Python functions, you can specify the function code inline in the template"; CloudFormation puts it
into a file named `index`, so the handler is `index.handler`:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html
The bound of 4,096 characters went in 2022 (aws/aws-cdk#20624); what is left is the template's own, 1 MB.
"""

import base64
import json
import textwrap
import zlib
from collections.abc import Mapping

HANDLER = "index.handler"
"""The handler of every function with inline code."""

_LINE = 120

# `sys.meta_path` and not a folder in /tmp: nothing to write, nothing that another could have written. Tracebacks name
# the modules' own paths and lines, since `linecache` asks the loader for the source.
_INDEX = '''\
"""{what}: {count} files, compressed, imported from memory. `inspect.getsource(module)` shows each."""

import base64
import importlib.util
import json
import sys
import zlib
from importlib.abc import InspectLoader, MetaPathFinder

_PACKED = """
{packed}
"""


class _Files(MetaPathFinder, InspectLoader):
    """Finds and loads modules out of a mapping of paths to sources."""

    def __init__(self, sources):
        self._sources = sources

    def find_spec(self, fullname, path=None, target=None):
        place = self._path(fullname)
        if place is None:
            return None
        spec = importlib.util.spec_from_loader(fullname, self, origin=place, is_package=self.is_package(fullname))
        spec.has_location = True  # so `inspect` takes no module for a built-in one
        return spec

    def is_package(self, fullname):
        return (self._path(fullname) or "").endswith("/__init__.py")

    def get_source(self, fullname):
        place = self._path(fullname)
        if place is None:
            raise ImportError(fullname, name=fullname)
        return self._sources[place]

    def get_code(self, fullname):
        return self.source_to_code(self.get_source(fullname), self._path(fullname))

    def _path(self, fullname):
        stem = fullname.replace(".", "/")
        return next((path for path in (stem + "/__init__.py", stem + ".py") if path in self._sources), None)


sys.meta_path.insert(0, _Files(json.loads(zlib.decompress(base64.b64decode(_PACKED)))))

from {module} import {name} as handler  # noqa: E402, F401
'''


def index_py(files: Mapping[str, bytes], handler: str) -> str:
    """The text of `index.py` for these files (path within the package to content) and the handler that they have.

    The same files give the same text. It holds nothing but ASCII.

    Raises:
        ValueError: a file is no Python source, or none has the handler.
    """
    strange = [path for path in files if not path.endswith(".py")]
    if strange:
        raise ValueError(f"inline code is Python sources only, not {', '.join(sorted(strange))}")
    module, _, name = handler.rpartition(".")
    stem = module.replace(".", "/")
    if not {f"{stem}.py", f"{stem}/__init__.py"} & files.keys():
        raise ValueError(f"no file has the handler {handler}")
    sources = json.dumps({path: files[path].decode() for path in sorted(files)}, separators=(",", ":"))
    packed = base64.b64encode(zlib.compress(sources.encode(), 9)).decode()
    return _INDEX.format(
        what=module.partition(".")[0],
        count=len(files),
        packed="\n".join(textwrap.wrap(packed, _LINE)),
        module=module,
        name=name,
    )
