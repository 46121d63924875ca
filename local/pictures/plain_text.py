"""A text of a template, with names for what is known at deploy time only."""

from typing import Any


def plain_text(value: Any) -> str:
    """`<logical id>` for a reference."""
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(name), *_]}:
            return f"<{name}>"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(plain_text(part) for part in parts)
    raise ValueError(f"not expected in a dashboard: {value!r}")
