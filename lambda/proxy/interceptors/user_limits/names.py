"""When two usernames are one."""

from __future__ import annotations

from unicodedata import normalize

_MAX_LENGTH = 256
"""Cognito's own bound is 128 characters."""


def normalized(name: str) -> str:
    """The name whose attempts a spelling counts with: without case, in Unicode's form NFKC, without space around it.

    A pool that tells `Jane` from `jane` has both count as one. That is the safe side: what the pool takes for one name
    must never be two here, or each spelling would have attempts of its own. Only attempts are counted by it: what a
    success proves holds for the name as Cognito has it.
    """
    return normalize("NFKC", normalize("NFKC", name[:_MAX_LENGTH]).casefold()).strip()
