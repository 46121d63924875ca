"""Medians with their spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """What a number of equal measurements amount to, in seconds."""

    median: float
    lower: float
    """First quartile."""
    upper: float
    """Third quartile."""
    count: int

    @classmethod
    def of(cls, samples: Sequence[float]) -> Timing:
        """At least two samples."""
        lower, median, upper = statistics.quantiles(samples, n=4)
        return cls(median, lower, upper, len(samples))

    def text(self, unit: str) -> str:
        """For example `63.4 µs (60.2-70.1, n=3000)`."""
        scale = {"µs": 1e6, "ms": 1e3}[unit]
        return f"{self.median * scale:.1f} {unit} ({self.lower * scale:.1f}-{self.upper * scale:.1f}, n={self.count})"
