"""A guard that lets everything through."""

from cognito_proxy_guards import Call, Outcome, Reject


def check(_call: Call) -> Reject | None:
    """Nothing is refused."""
    return None


def seen(_call: Call, _outcome: Outcome) -> None:
    """Nothing is done."""
