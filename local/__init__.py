"""The whole thing on one machine: an AWS emulator, the synthesized stacks deployed into it, and AWS's edges before it.

`python -m local --variant regional` runs it until Ctrl-C; tests use `local_run`.
"""

from local.errors import LocalRunError
from local.journal import Call, Journal
from local.messages import Firewall, HttpRequest, HttpResponse
from local.outputs import Outputs
from local.run import LocalRun, local_run

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
