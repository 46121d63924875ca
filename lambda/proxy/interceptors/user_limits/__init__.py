"""Limits a user: so many attempts on a username in a window, whatever addresses they come from.

When they are used up, places from which the user has signed in before have as many of their own, each: the network of
an address, and a device that Cognito knows. So whoever knows a name can keep strangers from guessing, but not its owner
from signing in. docs/decisions/0014-limits-a-user.md says what an attacker can do, and what is promised.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from proxy.call import Call
from proxy.connection import Response
from proxy.counters import Counters, CountersUnavailable, Taken, note_failure
from proxy.errors import CountersDown, TooManyAttempts, TooManyFromNetwork
from proxy.interceptors import Tools
from proxy.interceptors.user_limits.groups import OF_A_NETWORK, Group, group_of
from proxy.interceptors.user_limits.names import normalized
from proxy.interceptors.user_limits.proof import Proof, proof_of
from proxy.pseudonyms import Network, Pseudonyms, network_of
from proxy.reading import Reading
from proxy.settings import SettingsError

MAX_MARK_SECONDS = 0.3
"""How long an answer of Cognito's waits until it is noted from where the user has signed in."""

_MAX_DEVICE_KEY = 128
"""The model's bound is 55 characters."""


class Limits(NamedTuple):
    """The interceptor's own part of the settings."""

    table: str
    """Name of the table of counters, in the pool's Region."""
    attempts: int
    """On a username, with each group of operations, in a window; and of each place from where he has signed in."""
    network_attempts: int
    """From a /64 of IPv6, on whatever usernames, with each group of operations, in a window."""
    window: float
    """Seconds. A username's window ends so long after the last attempt that passed, a network's after the first."""
    remembered: float
    """Seconds for which it is known from where a user has signed in."""
    groups: frozenset[Group] = frozenset(Group)
    """What is counted. Default: every group."""
    closed: bool = False
    """Nobody passes whose attempt cannot be counted. Default: everybody does."""


def limits_of(part: Mapping[str, Any]) -> Limits:
    """Read the part.

    Raises:
        SettingsError: a member is missing or of the wrong type or value.
    """
    table = part.get("table")
    if not isinstance(table, str) or not table:
        raise SettingsError("settings: 'user_limits.table' is not a string with content")
    groups, closed = part.get("groups", [group.value for group in Group]), part.get("closed", False)
    if not isinstance(groups, list) or not {*map(str, groups)} <= {group.value for group in Group}:
        raise SettingsError("settings: 'user_limits.groups' is not a list of groups of operations")
    if not isinstance(closed, bool):
        raise SettingsError("settings: 'user_limits.closed' is not a bool")
    return Limits(
        table=table,
        attempts=int(_number(part, "attempts")),
        network_attempts=int(_number(part, "network_attempts")),
        window=_number(part, "window"),
        remembered=_number(part, "remembered"),
        groups=frozenset(map(Group, groups)),
        closed=closed,
    )


def _number(part: Mapping[str, Any], key: str) -> float:
    value = part.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value < 1e9:
        raise SettingsError(f"settings: 'user_limits.{key}' is not a number from 1")
    return value


class UserLimits:
    """Counts attempts before they reach Cognito, and notes after a success from where it came."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:
        self._limits = limits_of(part)
        self._hashes = tools.pseudonyms
        self._counters = Counters(self._limits.table, tools.settings.region)

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """Count the attempt that a call is.

        Raises:
            TooManyAttempts: there have been too many on the username, with which it has not been counted, or from the
                network.
            CountersDown: it cannot be counted, and is not to pass then.
        """
        group = group_of(reading)
        if group is None or group not in self._limits.groups:
            return
        hashes = self._hashes(call, deadline)
        if hashes is None:
            self._cannot_count(call, "no key for the counters' names")
            return
        try:
            self._count(group, _Caller(reading, hashes), deadline)
        except CountersUnavailable as error:
            self._cannot_count(call, str(error))

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Note from where the owner of an account has proved to be it."""
        proof = proof_of(reading, response)
        if proof is None or not proof.names:
            return
        hashes = self._hashes(call, deadline)
        if hashes is not None:
            self._note(proof, _Caller(reading, hashes), call, min(deadline, time.monotonic() + MAX_MARK_SECONDS))

    def close(self) -> None:
        """Close the connections that idle."""
        self._counters.close()

    def _note(self, proof: Proof, caller: _Caller, call: Call, deadline: float) -> None:
        """The one call after an answer; whoever has a way to make it later may do so here."""
        places = [caller.place(name, place) for name in proof.names for place in caller.proved(proof.device_key)]
        try:
            if places:
                self._counters.mark(places, until=caller.now + self._limits.remembered, deadline=deadline)
        except CountersUnavailable as error:
            note_failure(call, str(error))

    def _count(self, group: Group, caller: _Caller, deadline: float) -> None:
        if caller.network is not None and caller.is_ipv6:
            taken = self._take(
                caller.counter("network", group.value, caller.network[1]),
                self._limits.network_attempts,
                caller,
                deadline,
                from_last=False,
            )
            if not taken.allowed:
                raise TooManyFromNetwork(taken.wait_seconds)
        shared = self._take(caller.of_username(group), self._limits.attempts, caller, deadline)
        waits = [shared.wait_seconds]
        for place in () if shared.allowed else caller.claimed():
            taken = self._take(place, self._limits.attempts, caller, deadline, marked=True)
            if taken.allowed:
                return
            waits += [taken.wait_seconds] if taken.wait_seconds else []
        if not shared.allowed:
            raise TooManyAttempts(min(waits))

    def _take(
        self, key: str, limit: int, caller: _Caller, deadline: float, *, from_last: bool = True, marked: bool = False
    ) -> Taken:
        return self._counters.take(
            key,
            limit=limit,
            window_seconds=self._limits.window,
            now=caller.now,
            deadline=deadline,
            from_last=from_last,
            marked=marked,
        )

    def _cannot_count(self, call: Call, why: str) -> None:
        note_failure(call, why)
        if self._limits.closed:
            raise CountersDown("Attempts cannot be counted at the moment.")


class _Caller:
    """Who makes a call, from where and when, in names of counters."""

    def __init__(self, reading: Reading, hashes: Pseudonyms) -> None:
        self.now = time.time()
        self.network: Network | None = network_of(reading.request.client_ip)
        self.counter = hashes.counter
        self._name = reading.username or ""
        slot = reading.slot
        device = None if slot is None else slot.place.get("DEVICE_KEY")
        self._device = device if isinstance(device, str) and 0 < len(device) <= _MAX_DEVICE_KEY else None

    @property
    def is_ipv6(self) -> bool:
        return self.network is not None and len(self.network[0]) == 16

    def of_username(self, group: Group) -> str:
        """What all attempts on the username count with, or, with some groups, all of this network's."""
        parts: list[str | bytes] = ["username", group.value, normalized(self._name)]
        if group in OF_A_NETWORK and self.network is not None:
            parts.append(self.network[1])
        return self.counter(*parts)

    def place(self, name: str, place: tuple[str | bytes, ...]) -> str:
        """One place of one user: by the name to the letter, since what are two names to the pool must never share a
        proof. To count, spellings are one; here that would let the owner of `Jane` in as `jane`."""
        return self.counter("place", name, *place)

    def claimed(self) -> list[str]:
        """The places that the caller may be at, if they turn out to be marked."""
        return [self.place(self._name, place) for place in self.proved(self._device)]

    def proved(self, device_key: str | None) -> list[tuple[str | bytes, ...]]:
        """Where somebody is: on a device, and in a network."""
        places: list[tuple[str | bytes, ...]] = []
        if device_key is not None:
            places.append(("device", device_key[:_MAX_DEVICE_KEY]))
        if self.network is not None:
            places.append(("network", self.network[1]))
        return places
