"""Why a rotation cannot go on."""


class RotationError(Exception):
    """One line for whoever reads the log. It holds no secret and no hash."""
