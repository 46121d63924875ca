"""Events: what Cognito has accepted is told to EventBridge, after the answer."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from typing import Any

from proxy.after_answer import AfterAnswer, Report
from proxy.call import Call
from proxy.connection import Response
from proxy.event_bus import MAX_ENTRY_BYTES, Entry, EventBus
from proxy.interceptors import Tools
from proxy.reading import Reading
from proxy.settings import SettingsError
from proxy.user_events import UserEvent, events_of, may_tell, username_of

SOURCE = "cognito-proxy"
"""Of all events; only AWS's own services may begin with `aws.`."""

_HASH_SECONDS = 1.0
"""For the secret that the hash of a username is made with, where it is not in memory."""

_ID = re.compile(r"[^\w+/=.:-]", re.ASCII)


class Events:
    """Tells of each call that changed something of a user; of sign-ins, too, where the settings say so."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:
        """
        Args:
            part: `bus` (name or ARN), `queue` (URL) and, by choice, `sign_ins` (true or false; default: false).
            tools: what every interceptor gets.

        Raises:
            SettingsError: the part is broken.
        """
        self._bus_name = _text(part, "bus")
        self._sign_ins = part.get("sign_ins", False)
        if not isinstance(self._sign_ins, bool):
            raise SettingsError("settings: 'events.sign_ins' is neither true nor false")
        self._pool = tools.settings.user_pool_id
        self._pseudonyms = tools.pseudonyms
        self._bus = EventBus(tools.settings.region, _text(part, "queue"))
        self._after_answer: AfterAnswer = tools.after_answer()

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """Nothing: an event tells of what was."""

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Have what is to be told told after the answer."""
        if response.status != 200 or not may_tell(reading, call.flow, sign_ins=self._sign_ins):
            return

        def tell(report: Report, until: float) -> None:
            self._tell(reading, call, response.body, report, until)

        self._after_answer.do(tell, call, lost="EventsLost", deadline=deadline)

    def close(self) -> None:
        """Close the connections that idle."""
        self._bus.close()

    def _tell(self, reading: Reading, call: Call, answer: bytes, report: Report, deadline: float) -> None:
        events = list(events_of(reading, call.flow, answer, sign_ins=self._sign_ins))
        if not events:
            return
        who = self._who(reading, call, deadline)
        entries = [self._entry(event, call, who) for event in events]
        fit = [entry for entry in entries if len(json.dumps(entry)) <= MAX_ENTRY_BYTES]
        outcome = self._bus.deliver(fit, deadline=deadline)
        too_long = len(entries) - len(fit)
        for _ in range(outcome.failed + too_long):
            report.add("EventFailures")
        for _ in range(outcome.lost + too_long):
            report.add("EventsLost")
        if outcome.problem:
            report.problem(outcome.problem)

    def _who(self, reading: Reading, call: Call, deadline: float) -> dict[str, str]:
        """The keyed hash of the name in the request, as the log has it."""
        name = username_of(reading)
        if name is None:
            return {}
        hashes = self._pseudonyms(call, min(deadline, time.monotonic() + _HASH_SECONDS))
        return {} if hashes is None else {"username_hash": hashes.username(name), "hash_key": hashes.key_id}

    def _entry(self, event: UserEvent, call: Call, who: dict[str, str]) -> Entry:
        milliseconds = int(call.time * 1000)
        second, rest = divmod(milliseconds, 1000)
        detail = event.detail | {
            "event_id": os.urandom(16).hex(),
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{rest:03}Z",
            "request_id": _ID.sub("", call.request_id[:128]),
            "user_pool_id": self._pool,
            **who,
        }
        return {
            "Source": SOURCE,
            "DetailType": event.detail_type,
            "Detail": json.dumps(detail),
            "EventBusName": self._bus_name,
            "Time": second,
        }


def _text(part: Mapping[str, Any], key: str) -> str:
    value = part.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"settings: 'events.{key}' is not a text")
    return value
