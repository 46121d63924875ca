"""What forty app clients cost a warm request, against one: the edge handler, whose settings come with every event."""

import json
from base64 import b64encode
from typing import Any

from benchmarks.edge_turns import take_turns, timings
from benchmarks.events import SECRET_ARN, SETTINGS, edge_event
from benchmarks.timing import Timing
from benchmarks.upstream import CLIENT_ID

CLIENTS = 40
_PER_DOCUMENT = 4
"""As many as fit into a header of CloudFront's, with the ids of a real deployment."""


def measure(*, rounds: int = 5000) -> dict[str, Timing]:
    """One app client and forty, taking turns; the same one is called."""
    events = {f"{count} app clients": _event(count) for count in (1, CLIENTS)}
    return timings(take_turns(events, rounds=rounds))


def _event(count: int) -> dict[str, Any]:
    """The event, with settings for so many clients in as many documents as they need."""
    names = [CLIENT_ID, *(f"{CLIENT_ID[:-2]}{number:02}" for number in range(1, count))]
    event = edge_event()
    custom: dict[str, Any] = event["Records"][0]["cf"]["request"]["origin"]["custom"]["customHeaders"]
    for number, start in enumerate(range(0, count, _PER_DOCUMENT), start=1):
        clients = {name: {"secret_arn": SECRET_ARN} for name in names[start : start + _PER_DOCUMENT]}
        header = "x-proxy-settings" if number == 1 else f"x-proxy-settings-{number}"
        text = json.dumps(json.loads(SETTINGS) | {"clients": clients})
        custom[header] = [{"key": header, "value": b64encode(text.encode()).decode()}]
    return event
