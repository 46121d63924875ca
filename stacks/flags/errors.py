"""What a wrong flag gets."""


class FlagError(Exception):
    """One line for whoever gave the flag: its name, its value, and what is allowed."""


def shown(value: object) -> str:
    """A value as it stands in such a line; an endless one is cut."""
    return repr(value if len(str(value)) <= 200 else f"{str(value)[:200]}…")
