"""AWS WAF on loopback as a local run has it, with faults on order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.ports import LOOPBACK, listen, port_of
from local.simulators.aws_apis.front import AwsFront
from local.simulators.common.aws_json import Refused
from local.simulators.common.serving import ServerThread
from local.simulators.waf.api import Waf
from local.simulators.waf.stand_in import WafStandIn


class WafStub(Waf):
    """The service. `faults` are errors for the next calls, by operation."""

    def __init__(self, region: str = "eu-west-1") -> None:
        super().__init__(region=region)
        self.endpoint = ""
        self.faults: dict[str, deque[Refused]] = {}
        self.updates = 0
        self.conflicts = 0

    def answer(self, operation: str, document: Any) -> dict[str, Any]:
        """Perform one operation, unless a fault was ordered for it."""
        if self.faults.get(operation):
            raise self.faults[operation].popleft()
        try:
            answered = super().answer(operation, document)
        except Refused as refused:
            self.conflicts += refused.code == "WAFOptimisticLockException"
            raise
        self.updates += operation == "UpdateIPSet"
        return answered


@contextmanager
def waf_stub(region: str = "eu-west-1") -> Iterator[WafStub]:
    """The service, listening on a free port of loopback."""
    stub, servers = WafStub(region), ServerThread()
    with listen() as listener:
        try:
            servers.serve(AwsFront(emulator_url="", stand_ins=[WafStandIn(stub)]).web_application(), listener)
            stub.endpoint = f"http://{LOOPBACK}:{port_of(listener)}"
            yield stub
        finally:
            servers.stop()
