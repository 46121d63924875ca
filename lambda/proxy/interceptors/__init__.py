"""What stands around a call by choice: limits, guards, checks, events. None is on by default, and what is off is never
imported.

An interceptor is a module here of its settings key's name, with one class. `before` may refuse a call that the rules
have let through; `after` sees what Cognito answered. They run once for each call, also where Cognito refuses the secret
and the call is sent a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from proxy.call import Call
from proxy.connection import Response
from proxy.pseudonyms import Pseudonyms
from proxy.reading import Reading
from proxy.settings import Settings

if TYPE_CHECKING:
    from proxy.after_answer import AfterAnswer


class Tools(NamedTuple):
    """What each interceptor is given besides its own part of the settings."""

    settings: Settings
    pseudonyms: Callable[[Call, float], Pseudonyms | None]
    """The proxy's keyed hashes, the same for all its app clients; fetches the first app client's secret if it is not at
    hand, until the deadline. None where the store does not give it."""
    after_answer: Callable[[], AfterAnswer]
    """Where work goes that the answer need not wait for; the same one for all that ask."""


class Interceptor(Protocol):
    """One of them. It lives as long as the execution environment and may be used by one call at a time.

    One with a connection of its own may also have `warm(deadline)`, which opens it: `proxy.warm` calls that before the
    first call, in a thread, beside what the proxy itself does then. Whatever it raises is dropped.

    Two more methods may be there, for what the client holds in another form than Cognito does. `open(request, call, *,
    deadline)` gives the request as it is to be read, before anything is. `rewrite(reading, call, response, *,
    deadline)` gives the answer as the client gets it, when every `after` has seen Cognito's own; it has no place where
    CloudFront carries the answer. Both may raise ProxyError: the client gets that, and nothing of the answer.
    """

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """Have a say before the proof is added and the call goes on.

        Args:
            reading: the call; its client metadata may be changed, nothing else.
            call: notes for the call's line in the log.
            deadline: when the answer must be there, in seconds of `time.monotonic()`.

        Raises:
            ProxyError: the call is refused; whoever stands further back does not see it.
        """

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """See what Cognito answered. Not called where Cognito was not reached, and where CloudFront carries the call on
        and nobody here sees the answer."""

    def close(self) -> None:
        """Close the connections that idle."""


_CLASSES: Mapping[str, str] = {
    "phone_rules": "PhoneRules",
    "human_check": "HumanCheck",
    "guards": "Guards",
    "sealed_tokens": "SealedTokens",
    "user_limits": "UserLimits",
    "message_ceilings": "MessageCeilings",
    "events": "Events",
}
"""Settings key, which is the module's name, to the class in it; in the order in which they run. What needs no network
comes first; what counts comes last, so that a call which is refused for what it is counts against nobody. A call that a
ceiling for messages refuses has been counted as its user's attempt."""


def interceptors_of(tools: Tools) -> tuple[Interceptor, ...]:
    """Those that the settings ask for, in their order.

    Raises:
        SettingsError: a part of the settings is broken.
    """
    parts = tools.settings.interceptors
    return tuple(_interceptor(key, parts[key], tools) for key in _CLASSES if key in parts)


def _interceptor(key: str, part: Mapping[str, Any], tools: Tools) -> Interceptor:
    made: Interceptor = getattr(import_module(f"proxy.interceptors.{key}"), _CLASSES[key])(part, tools)
    return made
