"""One user's story: its steps in order, and what each client must report of each of them.

A client's own part is in `clients/*.mjs` (Node.js) and in `boto3_story.py`; both report one mapping for each step:
`{"step", "ok", …facts}`, or `{"step", "ok": False, "error_name", "error_message"}`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Report = Mapping[str, Any]


def _password() -> str:
    return f"Aa1!{secrets.token_urlsafe(12)}"


def _username() -> str:
    # Mixed case: the proxy must hash a name as it came.
    return f"Ada.{secrets.token_hex(6)}@Example.com"


@dataclass(frozen=True, kw_only=True)
class Passwords:
    """The passwords of a story, in the order in which they come to be."""

    initial: str = field(default_factory=_password)
    wrong: str = field(default_factory=_password)
    changed: str = field(default_factory=_password)
    reset: str = field(default_factory=_password)


@dataclass(frozen=True, kw_only=True)
class Codes:
    """The codes that the emulator would have sent by mail (it always sends these), and a wrong one."""

    confirmation: str = "123456"
    reset: str = "654321"
    wrong: str = "000000"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who signs up. Default: - a new name and new passwords each time."""

    username: str = field(default_factory=_username)
    passwords: Passwords = field(default_factory=Passwords)
    codes: Codes = field(default_factory=Codes)

    def as_config(self) -> dict[str, Any]:
        """What a client's script is told about this person."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a client does, and what it must report."""

    name: str
    error: str | None = None
    """Name of the error that Cognito must answer with. Default: none, the step succeeds."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What a step that succeeds must report; further facts do not matter."""


_SIGNED_IN = {"access_token_use": "access", "id_token_use": "id", "has_refresh_token": True}
_REFRESHED = _SIGNED_IN | {"new_access_token": True}
_TOKENS_ARE_DEAD = {"refresh_refused_afterwards": True}

STEPS = (
    Step(name="sign_up", facts={"confirmed": False}),
    Step(name="confirm_with_wrong_code", error="CodeMismatchException"),
    Step(name="resend_code"),
    Step(name="confirm"),
    Step(name="sign_in_with_srp", facts=_SIGNED_IN),
    Step(name="sign_in_with_password", facts=_SIGNED_IN),
    Step(name="sign_in_with_wrong_password", error="NotAuthorizedException"),
    Step(name="refresh", facts=_REFRESHED),
    Step(name="refresh_with_initiate_auth", facts=_REFRESHED),
    Step(name="get_user", facts={"email_is_username": True}),
    Step(name="change_password"),
    Step(name="sign_in_with_changed_password", facts=_SIGNED_IN),
    Step(name="forgot_password"),
    Step(name="reset_with_wrong_code", error="CodeMismatchException"),
    Step(name="reset_password"),
    Step(name="sign_in_with_reset_password", facts=_SIGNED_IN),
    Step(name="revoke_token", facts=_TOKENS_ARE_DEAD),
    Step(name="global_sign_out", facts=_TOKENS_ARE_DEAD),
)

_ONE_REFRESH_OF_THEIR_OWN = {"identity_js", "amplify"}


def steps_of(client: str) -> tuple[Step, ...]:
    """The steps that a client can take: all, but that some know only one way to refresh."""
    left_out = {"refresh_with_initiate_auth"} if client in _ONE_REFRESH_OF_THEIR_OWN else set()
    return tuple(step for step in STEPS if step.name not in left_out)


CLIENTS = ("boto3", "identity_js", "amplify", "sdk_v3")
