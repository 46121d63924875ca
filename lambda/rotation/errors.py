"""Why a rotation cannot go on."""

from __future__ import annotations


class RotationError(Exception):
    """One line for whoever reads the log. It holds no secret and no hash."""
