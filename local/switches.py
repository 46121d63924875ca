"""The app's flags that `make local` and `make demo` take as environment variables: `THREAT_PROTECTION=1`."""

from collections.abc import Mapping

from local.errors import LocalRunError

SWITCHES = ("threat_protection", "propagate_client_ip")
"""Context flags that are on or off; the variable has the same name in capitals."""

_VALUES = {"": False, "0": False, "1": True}


def context_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The context flags that the environment switches on. Raises LocalRunError for a value that is neither 0 nor 1."""
    return {flag: "true" for flag in SWITCHES if is_on(flag.upper(), environment)}


def is_on(variable: str, environment: Mapping[str, str]) -> bool:
    """Whether a variable is 1; 0, empty and missing are off. Raises LocalRunError for another value."""
    value = environment.get(variable, "")
    if value not in _VALUES:
        raise LocalRunError(f"{variable}: {value!r} is not allowed; allowed is 1 or 0")
    return _VALUES[value]
