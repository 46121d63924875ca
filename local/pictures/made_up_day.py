"""Twelve hours of made-up values for every line of a dashboard: a morning, and an attack at the end of it."""

import math
import random
import re
from collections.abc import Iterator
from typing import Any

POINTS = 144
"""Five minutes each."""

_ATTACK = range(96, 108)
_SEEN: dict[str, dict[str, float]] = {
    "outcome": {"answered": 900, "denied": 90, "refused": 6, "preflight": 120, "throttled": 0.2, "failed": 0.3},
    "operation": {"InitiateAuth": 420, "RespondToAuthChallenge": 360, "GetTokensFromRefreshToken": 200, "SignUp": 15},
    "reason": {"body": 3, "auth_flow": 2, "operation": 1},
    "UserPoolClient": {"web": 300, "ios": 110},
}
_RATES = {
    "CallCount": 6_000,
    "Count": 1_100,
    "4XXError": 90,
    "5XXError": 0.3,
    "Invocations": 0.1,
    "AllowedRequests": 1_100,
}
_RISES = {"denied": 900, "throttled": 60, "InitiateAuth": 1_000, "4XX": 960, "blocked": 2_400}
"""What the attack adds, by the line's label."""
_STOPPING = {"RateLimit": 300, "SignInAttemptRateLimit": 1_900, "DenyList": 200}

Line = tuple[str, list[float]]


def lines(metrics: list[list[Any]]) -> Iterator[Line]:
    """Label and values of each line of a widget."""
    hidden: dict[str, list[float]] = {}
    for *path, last in metrics:
        options = last if isinstance(last, dict) else {}
        label = str(options.get("label", path[1] if path else ""))
        expression = options.get("expression", "")
        if path:
            values = _values(path, options.get("stat", "Sum"), label)
            if "id" in options:
                hidden[options["id"]] = values
            if options.get("visible", True):
                yield label, values
        elif expression.startswith("SEARCH"):
            yield from _found(label, throttled="Throttles" in expression)
        else:
            limit = int(re.findall(r"\d+", expression)[-1])
            share = {"UserAuthentication": 0.21, "UserCreation": 0.05, "UserToken": 0.12}.get(label, 0.02)
            rise = 4 if label == "UserAuthentication" else 0
            yield label, [100 * min(1.1, share * value * (120 / limit) ** 0.1) for value in _wave(label, 1, rise=rise)]


def _found(label: str, *, throttled: bool) -> Iterator[Line]:
    dimension = re.search(r"\$\{PROP\('Dim\.(\w+)'\)\}", label)
    for value, height in _SEEN[dimension[1]].items() if dimension else ():
        named = label.replace(dimension[0], value) if dimension else label
        if throttled:
            yield named, _wave(named, 0, rise=30 if "SignIn" in label else 0)
        else:
            # Few sign up; many come back.
            share = 0.05 if "SignUp " in named else 1
            yield named, _wave(named, height * share, rise=_RISES.get(value, 0))


def _values(path: list[Any], statistic: str, label: str) -> list[float]:
    name = path[1]
    if "Latency" in name or name == "Duration":
        scale = {"p50": 90, "p90": 180, "p99": 420}.get(statistic, 120)
        return [scale + value for value in _noise(f"{name} {label}", scale / 25)]
    if name == "ConcurrentExecutions":
        return [1 + value * 4 for value in _wave(label, 1)]
    if path[0] == "AWS/WAFV2":
        height = (
            1_100 if label == "let in by none" else 4 if label in (*_STOPPING, "blocked", "let in by a rule") else 0
        )
        return _wave(f"{name} {label}", height, rise=_STOPPING.get(label, _RISES.get(label, 0)))
    if name == "ThrottleCount":
        return _wave(label, 0, rise=60 if label == "UserAuthentication" else 0)
    return _wave(f"{name} {label}", _RATES.get(name, 0.0), rise=_RISES.get(label, 0))


def _wave(label: str, height: float, *, rise: float = 0) -> list[float]:
    """Busier by the hour; what an attack raises, rises."""
    noise = _noise(label, 0.08)
    return [
        max(0.0, height * (0.3 + 0.7 * math.sin(math.pi * at / 2 / POINTS)) * (1 + noise[at]))
        + (rise * (1 + noise[at]) if at in _ATTACK else 0)
        for at in range(POINTS)
    ]


def _noise(label: str, scale: float) -> list[float]:
    chance = random.Random(label)  # noqa: S311 - the same picture in every run
    return [chance.gauss(0, scale) for _ in range(POINTS)]
