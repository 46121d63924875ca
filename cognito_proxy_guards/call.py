"""What a guard sees of a call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from cognito_proxy_guards.names import TELLING_OPERATIONS

MAX_TOLD_CHARACTERS = 131_072
"""Of one value: botocore's model of Cognito, `StringType`."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


# No dataclass here and beside: importing that module would cost a cold start several milliseconds.
class Call:
    """A call as a guard sees it: a copy. Whatever is done to it changes nothing of what goes on to Cognito.

    In tests of your own make one with what your guard looks at: `Call(operation="SignUp", attributes={"email": …})`.
    """

    operation: str
    """What the client asks for: one of `OPERATIONS`."""

    client_id: str | None
    """The app client, one of the proxy's own; None where an access token or a session alone authorizes the call."""

    username: str | None
    """As the client sent it; None where the operation names no user, as with an access token."""

    flow: str | None
    """Of a sign-in: `AuthFlow` or `ChallengeName` as the client named it, any text. None for all other operations."""

    address: str
    """The client's, IPv4 or IPv6: the peer of its connection, never what a header claims."""

    user_agent: str
    """As the client sent it, any text; empty where it sent none."""

    attribute_names: Collection[str]
    """User attributes that the call sets, deletes or has verified."""

    attributes: Mapping[str, str]
    """Values of those that `Guards(attributes=…)` names, as far as the call sets them."""

    metadata_names: Collection[str]
    """Entries of the `ClientMetadata` that the app sent."""

    metadata: Mapping[str, str]
    """Values of those that `Guards(metadata=…)` names, as far as they are there."""

    sensitive: Mapping[str, str]
    """What `Guards(sees=…)` names, by the names in `Sensitive`, as far as the call holds it. Never log it."""

    tells: Collection[str]
    """Names that `tell_triggers` takes: those in `Guards(tells=…)`."""

    _told: dict[str, str]

    __slots__ = (
        *("_told", "address", "attribute_names", "attributes", "client_id", "flow", "metadata", "metadata_names"),
        *("operation", "sensitive", "tells", "user_agent", "username"),
    )

    def __init__(
        self,
        *,
        operation: str,
        client_id: str | None = None,
        username: str | None = None,
        flow: str | None = None,
        address: str = "",
        user_agent: str = "",
        attribute_names: Iterable[str] = (),
        attributes: Mapping[str, str] = _NOTHING,
        metadata_names: Iterable[str] = (),
        metadata: Mapping[str, str] = _NOTHING,
        sensitive: Mapping[str, str] = _NOTHING,
        tells: Iterable[str] = (),
    ) -> None:
        """All but `operation` may be left out; names of values that are given are among the names by themselves."""
        values: dict[str, object] = {
            "operation": operation,
            "client_id": client_id,
            "username": username,
            "flow": flow,
            "address": address,
            "user_agent": user_agent,
            "attribute_names": frozenset(attribute_names).union(attributes),
            "attributes": MappingProxyType(dict(attributes)),
            "metadata_names": frozenset(metadata_names).union(metadata),
            "metadata": MappingProxyType(dict(metadata)),
            "sensitive": MappingProxyType(dict(sensitive)),
            "tells": frozenset(tells),
            "_told": {},
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a call is what it is: nothing of it can be changed")

    def __repr__(self) -> str:
        """Nothing that a client chose, so that a call in a log is no leak."""
        return f"Call(operation={self.operation!r}, client_id={self.client_id!r})"

    def tell_triggers(self, name: str, value: str) -> None:
        """Tell the pool's own triggers something: it becomes an entry of the call's `ClientMetadata`.

        It goes on only if the guard lets the call through. What a client sends under a name in `tells` never reaches
        a trigger, whether the guard tells something or not: what is there comes from the guard.

        Args:
            name: one of `tells`.
            value: at most 131,072 characters.

        Raises:
            ValueError: the name is not declared, the value is no such text, or the operation has no triggers
                (`TELLING_OPERATIONS`).
        """
        require_tellable(self.operation, name, value, tells=self.tells)
        self._told[name] = value

    @property
    def told(self) -> Mapping[str, str]:
        """What the triggers are told so far."""
        return MappingProxyType(self._told)


def require_tellable(operation: str, name: str, value: str, *, tells: Collection[str]) -> None:
    """See to it that a trigger may be told this.

    Raises:
        ValueError: it may not.
    """
    if type(name) is not str or name not in tells:
        raise ValueError("tell_triggers takes the names in Guards(tells=…) only")
    if operation not in TELLING_OPERATIONS:
        raise ValueError("this operation takes no ClientMetadata, so there is no trigger to tell")
    if type(value) is not str or len(value) > MAX_TOLD_CHARACTERS or not _is_unicode(value):
        raise ValueError(f"a trigger is told text of at most {MAX_TOLD_CHARACTERS} characters")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
