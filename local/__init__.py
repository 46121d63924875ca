"""The whole thing on one machine: an AWS emulator, the synthesized stacks deployed into it, and AWS's edges before it.

`python -m local --variant regional` runs it until Ctrl-C; tests use `local_run`. The names are imported when they are
first used: `python -m local` has to heed Ctrl-C before it spends most of a second on imports.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.errors import LocalRunError
    from local.outputs import Outputs
    from local.run import LocalRun, local_run
    from local.simulators.common.http import Firewall, HttpRequest, HttpResponse
    from local.simulators.common.journal import Call, Journal

_HOMES = {
    "Call": "local.simulators.common.journal",
    "Firewall": "local.simulators.common.http",
    "HttpRequest": "local.simulators.common.http",
    "HttpResponse": "local.simulators.common.http",
    "Journal": "local.simulators.common.journal",
    "LocalRun": "local.run",
    "LocalRunError": "local.errors",
    "Outputs": "local.outputs",
    "local_run": "local.run",
}

__all__ = [
    "Call",
    "Firewall",
    "HttpRequest",
    "HttpResponse",
    "Journal",
    "LocalRun",
    "LocalRunError",
    "Outputs",
    "local_run",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
