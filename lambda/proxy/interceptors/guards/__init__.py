"""A user's own code around the calls: it may refuse one and tell the pool's triggers something, and nothing else.

Its package is bundled beside this one; `cognito_proxy_guards` is what both sides know. What the code is shown is made
anew (`shown`), it runs for a bounded time (`workers`), and whatever it does instead of coming to a verdict follows the
declared policy: open, the call goes on; closed, its client is told to try later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from cognito_proxy_guards import Call as ShownCall
from cognito_proxy_guards import Reject, Sensitive
from cognito_proxy_guards.call import require_tellable
from cognito_proxy_guards.reject import require_valid
from proxy.call import Call
from proxy.connection import Response
from proxy.errors import GuardRefusal, GuardUnavailable
from proxy.interceptors import Tools
from proxy.interceptors.guards.shown import View, call_of, outcome_of
from proxy.interceptors.guards.workers import NoResult, Workers
from proxy.reading import Reading
from proxy.settings import SettingsError

CHECK, SEEN = "check", "seen"

IMPORT_SECONDS = 5.0
"""How long the code may take to be imported, once in the life of an execution environment."""


class Guards:
    """The code of one package. Nothing that it does, or fails to do, ends the function."""

    def __init__(self, part: Mapping[str, Any], _: Tools) -> None:
        """Import the code.

        Raises:
            SettingsError: the part of the settings is broken. Code that cannot be imported is not: it is a failure of
                the guard's on every call, and follows the policy.
        """
        module, functions = _text(part, "module"), _names(part, "functions")
        if not functions or not functions <= {CHECK, SEEN}:
            raise SettingsError("settings: 'functions' of 'guards' are not some of check, seen")
        if not _names(part, "sees") <= set(Sensitive):
            raise SettingsError("settings: 'sees' of 'guards' names what no guard sees")
        self._seconds = _seconds(part)
        self._closed = part.get("closed") is True
        self._operations = _names(part, "operations")
        self._view = View(*(_names(part, name) for name in ("attributes", "metadata", "sees", "tells")))
        self._workers = Workers()
        self._wanted = functions
        self._functions: Mapping[str, Callable[..., Any]] = {}
        self._problem: str | None = None
        try:
            self._functions = self._workers.run(_imported, module, functions, seconds=IMPORT_SECONDS)
        except NoResult as failure:
            self._problem = f"import {failure}"

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """Ask `check`.

        Raises:
            GuardRefusal: it says no.
            GuardUnavailable: it did not come to a verdict, and is declared closed.
            InvalidParameter: the call could be read in two ways.
        """
        for name in self._view.tells:  # what a trigger finds under these names is the guard's word, not the client's
            reading.take_client_metadata(name)
        if not self._is_for(reading.operation):
            return
        shown = call_of(reading, call.flow, self._view)
        if CHECK not in self._wanted:
            return
        try:
            verdict = self._run(CHECK, shown, deadline=deadline)
        except NoResult as failure:
            self._count(call, CHECK, failure)
            if self._closed:
                raise GuardUnavailable("The call could not be checked. Try again later.") from None
            return
        if verdict.refusal is not None:
            raise GuardRefusal(*verdict.refusal)
        for name, value in verdict.told:
            reading.set_client_metadata(name, value)

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Show `seen` what came of it; the answer waits for that, but never changes."""
        if SEEN not in self._wanted or not self._is_for(reading.operation):
            return
        shown = call_of(reading, call.flow, self._view._replace(tells=frozenset()))
        try:
            self._run(SEEN, shown, outcome_of(reading.operation, response), deadline=deadline)
        except NoResult as failure:
            self._count(call, SEEN, failure)

    def close(self) -> None:
        """Let the worker end."""
        self._workers.close()

    def _is_for(self, operation: str) -> bool:
        return not self._operations or operation in self._operations

    def _run(self, name: str, *arguments: object, deadline: float) -> Any:
        if self._problem is not None:
            raise NoResult(self._problem)
        seconds = min(self._seconds, deadline - time.monotonic())
        return self._workers.run(self._functions[name], *arguments, seconds=seconds)

    def _count(self, call: Call, function: str, failure: NoResult) -> None:
        call.count("GuardFailures")
        call.problems.append(f"guards: {function}: {failure}")


def _imported(module: str, functions: Iterable[str]) -> dict[str, Callable[..., Any]]:
    found = import_module(module)
    made: dict[str, Callable[..., Any]] = {}
    for name in functions:
        function = getattr(found, name)
        made[name] = partial(_judged, function) if name == CHECK else function
    return made


class _Verdict(NamedTuple):
    """What a guard decided, in plain texts."""

    refusal: tuple[str, str] | None
    """Message and type."""
    told: tuple[tuple[str, str], ...]


class NotAVerdict(TypeError):
    """A guard gave neither None nor a Reject."""


def _judged(check: Callable[[ShownCall], Any], shown: ShownCall) -> _Verdict:
    """Ask a guard, and take from what it gives only what it may give; in the worker, since that is foreign code, too.

    Raises:
        NotAVerdict: it gives something else.
        ValueError: a Reject or something told is not as it was when it was made.
    """
    tells, operation = shown.tells, shown.operation
    given = check(shown)
    if given is None:
        told = tuple(shown.told.items())
        for name, value in told:
            require_tellable(operation, name, value, tells=tells)
        return _Verdict(None, told)
    if not isinstance(given, Reject):
        raise NotAVerdict
    message, error_type = given.message, given.type
    require_valid(message, error_type)
    return _Verdict((message, error_type), ())


def _text(part: Mapping[str, Any], key: str) -> str:
    value = part.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"settings: '{key}' of 'guards' is not a string with content")
    return value


def _names(part: Mapping[str, Any], key: str) -> frozenset[str]:
    values = part.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise SettingsError(f"settings: '{key}' of 'guards' is not a list of strings")
    return frozenset(values)


def _seconds(part: Mapping[str, Any]) -> float:
    value = part.get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 30:
        raise SettingsError("settings: 'seconds' of 'guards' is not a number between 0 and 30")
    return float(value)
