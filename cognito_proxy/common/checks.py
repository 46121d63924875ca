"""Bounds of properties. Values that are known only at deploy time pass unchecked."""

from aws_cdk import Duration, Token

from cognito_proxy.common.property_error import PropertyError


def require_between(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    """Refuse a number outside of `low` to `high`, both included.

    Raises:
        PropertyError: it is outside.
    """
    if Token.is_unresolved(value) or low <= value <= high:
        return
    bounds = f"from {low:,g} to {high:,g} {unit}".rstrip()
    raise PropertyError(f"{name} must be {bounds}, not {value}")


def require_duration_between(name: str, value: Duration, low: Duration, high: Duration) -> None:
    """Refuse a duration outside of `low` to `high`, both included.

    Raises:
        PropertyError: it is outside.
    """
    if value.is_unresolved() or low.to_milliseconds() <= value.to_milliseconds() <= high.to_milliseconds():
        return
    raise PropertyError(f"{name} must be from {_human(low)} to {_human(high)}, not {_human(value)}")


def require_no_shorter(name: str, value: Duration, other_name: str, other: Duration) -> None:
    """Refuse a duration that is shorter than another property's.

    Raises:
        PropertyError: it is.
    """
    if value.is_unresolved() or other.is_unresolved() or value.to_milliseconds() >= other.to_milliseconds():
        return
    raise PropertyError(f"{name} must be no shorter than {other_name} ({_human(other)}), not {_human(value)}")


def _human(duration: Duration) -> str:
    return str(duration.to_human_string())
