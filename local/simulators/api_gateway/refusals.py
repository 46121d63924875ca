"""How an authorizer turns a request away."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer in place of the integration's."""

    status: int
    message: str
    """What the body says."""
    why: str
    """For the journal: a sentence with nothing in it that a client sent."""
    response_type: str = "UNAUTHORIZED"
    """Which gateway response of a REST API shapes it."""
    challenge: str = ""
    """The `www-authenticate` header of an HTTP API. Default: - none."""
