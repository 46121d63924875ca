"""The line of a call: one JSON object with its metrics, as docs/logs.md and docs/schemas/request-line.json describe it.

It is put together from texts that are ready, because it is written on every call: `json.dumps` of the whole would cost
more than all its values. So each value has to be safe as it stands: a name from a closed set, a number, hexadecimal
digits, or a text that went through `_safe` or `json.dumps`. Nothing that a caller chose is written as it came, but in
the plain mode, and there escaped and cut off.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence

from proxy.call import Call
from proxy.messages import Respond
from proxy.metrics import COUNTED, counted_metrics, metrics
from proxy.operations import KNOWN_FLOWS
from proxy.outcomes import FAILED, REFUSED, THROTTLED, outcome_of
from proxy.pseudonyms import Pseudonyms, network_of, texts_of

MAX_LINE_BYTES = 4096
"""No line is longer; usual ones have 1.1 KB. CloudWatch takes 1 MB."""

_MAX_ID = 128
_MAX_PLAIN_USERNAME = 128
_MAX_PROBLEMS = 200
_PLAIN_ID = re.compile(r"[\w+/=.:-]{0,128}", re.ASCII)
_NOT_PLAIN = re.compile(r"[^\w+/=.:-]", re.ASCII)


_Case = tuple[str, str, str, bool, tuple[str, ...]]
"""Operation, outcome, reason, whether Cognito was called, and what was counted besides."""


def _safe(text: str) -> str:
    """An id as it came, if it is made of an id's signs, else without the others."""
    return text if _PLAIN_ID.fullmatch(text) else _NOT_PLAIN.sub("", text[:_MAX_ID])


class RequestLines:
    """Writes the lines of one function; keeps what every line with the same outcome has in common."""

    def __init__(self, *, variant: str, function: str) -> None:
        self._proxy = f'"variant":"{variant}","function":"{_safe(function) or "unknown"}"'
        self._fixed: dict[_Case, tuple[str, str]] = {}
        self._clients: dict[str, str] = {}
        self._second = (-1, "")

    def line(self, call: Call, *, now: float, cold: bool, pseudonyms: Pseudonyms | None, plain: bool = False) -> str:
        """The line, with its line break.

        Args:
            call: what is known of the call.
            now: in seconds of the clock of `call.started`.
            cold: whether it is the first of its execution environment.
            pseudonyms: the hashes to use; None leaves them out.
            plain: write username and address as they are, too.
        """
        upstream = call.upstream_seconds
        operation = call.operation or "unknown"
        outcome, reason = outcome_of(call.answer, relayed=upstream is not None)
        counted = _counted(call) if call.counts else ()
        case = (operation, outcome, reason, upstream is not None, counted)
        fixed, ending = self._fixed.get(case) or self._fix(case)
        milliseconds = int(call.time * 1000)
        optional = ""
        if call.flow is not None:
            optional = f',"flow":"{call.flow if call.flow in KNOWN_FLOWS else "unknown"}"'
        if call.client_id is not None:
            optional += self._clients.get(call.client_id) or self._name_client(call.client_id)
        if call.answer is not None:
            optional += _answered(call.answer)
        if call.problems:
            optional += f',"problem":{_problem(call.problems)}'
        if upstream is not None:
            optional += f',"UpstreamLatency":{upstream * 1000:.3f}'
        if call.cognito_region is not None:
            optional += f',"cognito_region":"{call.cognito_region}"'
        for name in counted:
            optional += f',"{name}":{call.counts[name]}'
        if call.secret_seconds is not None:
            optional += f',"secret_ms":{call.secret_seconds * 1000:.3f}'
        return (
            f'{{"time":"{self._time(milliseconds)}","request_id":"{_safe(call.request_id)}",{fixed}{optional}'
            f',"cold_start":{"true" if cold else "false"},"retries":{call.retries}'
            f',"SecretRefetches":{call.secret_refetches},"Latency":{(now - call.started) * 1000:.3f}'
            f'{_who(call, pseudonyms, plain=plain)},"_aws":{{"Timestamp":{milliseconds},{ending}'
        )

    def _fix(self, case: _Case) -> tuple[str, str]:
        """What such a call's line says before and after all that differs. All parts come from closed sets."""
        operation, outcome, reason, upstream, counted = case
        text = f'{self._proxy},"operation":"{operation}","outcome":"{outcome}"'
        if reason:
            text += f',"reason":"{reason}"'
        text += f',"Requests":1,"Errors":{int(outcome == FAILED)},"Throttles":{int(outcome == THROTTLED)}'
        if outcome == REFUSED:
            text += ',"Refusals":1'
        ending = f'"CloudWatchMetrics":{metrics(outcome, upstream=upstream, counted=counted)}}}}}\n'
        self._fixed[case] = text, ending
        return text, ending

    def _name_client(self, client_id: str) -> str:
        self._clients[client_id] = text = f',"client_id":"{_safe(client_id)}"'
        return text

    def _time(self, milliseconds: int) -> str:
        """ISO 8601 in UTC, to the millisecond."""
        second, rest = divmod(milliseconds, 1000)
        known, text = self._second
        if second != known:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = second, text
        return f"{text}.{rest:03}Z"


def counts_line(variant: str, function: str, counts: Mapping[str, int], problems: Sequence[str], now: float) -> str:
    """A line that is no call's, with its line break: what went wrong after the answer, as docs/logs.md says.

    Args:
        variant: `regional` or `edge`.
        function: its name.
        counts: by the names in `proxy.metrics.COUNTED`.
        problems: in words; empty: none.
        now: in seconds since 1970.
    """
    milliseconds = int(now * 1000)
    counted = sorted(COUNTED & counts.keys())
    text = f'{{"time":"{_iso(milliseconds)}","variant":"{variant}","function":"{_safe(function) or "unknown"}"'
    if problems:
        text += f',"problem":{_problem(problems)}'
    for name in counted:
        text += f',"{name}":{counts[name]}'
    if not counted:
        return text + "}\n"
    return f'{text},"_aws":{{"Timestamp":{milliseconds},"CloudWatchMetrics":{counted_metrics(counted)}}}}}\n'


def _iso(milliseconds: int) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    second, rest = divmod(milliseconds, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{rest:03}Z"


def _problem(problems: Sequence[str]) -> str:
    return json.dumps("; ".join(problems)[:_MAX_PROBLEMS])


def _counted(call: Call) -> tuple[str, ...]:
    return tuple(sorted(COUNTED & call.counts.keys()))


def _answered(answer: Respond) -> str:
    """Status and error of a call that the function answers itself."""
    text = f',"status":{answer.status}'
    return text if answer.status < 400 else f'{text},"error":"{_safe(answer.outcome)}"'


def _who(call: Call, pseudonyms: Pseudonyms | None, *, plain: bool) -> str:
    """Who called, for correlation: hashes, and in the plain mode the values themselves."""
    network = network_of(call.address)
    text = ""
    if pseudonyms is not None:
        text = f',"hash_key":"{pseudonyms.key_id}"'
        if call.username is not None:
            text += f',"username_hash":"{pseudonyms.username(call.username)}"'
        if network is not None:
            text += f',"address_hash":"{pseudonyms.address(network)}","prefix_hash":"{pseudonyms.prefix(network)}"'
    if not plain:
        return text
    if call.username is not None:
        text += f',"username":{json.dumps(call.username[:_MAX_PLAIN_USERNAME])}'
    if network is not None:
        address, prefix = texts_of(network)
        text += f',"address":"{address}","prefix":"{prefix}"'
    return text
