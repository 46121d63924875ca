"""What the rules know of a user pool and its app clients. No secret is among it: only whether there is one."""

from dataclasses import dataclass, field
from enum import StrEnum


class Flow(StrEnum):
    """A way of signing in that an app client allows."""

    SRP = "USER_SRP_AUTH"
    PASSWORD = "USER_PASSWORD_AUTH"  # noqa: S105 - the flow's name
    CHOICE = "USER_AUTH"
    CUSTOM = "CUSTOM_AUTH"
    REFRESH = "REFRESH_TOKEN_AUTH"
    ADMINISTRATOR = "ADMIN_USER_PASSWORD_AUTH"
    """Needs AWS credentials: no door."""


@dataclass(frozen=True, kw_only=True)
class WebAcl:
    """The web ACL on the pool itself."""

    known: bool = True
    """Whether it could be asked; otherwise `arn` says nothing."""
    arn: str | None = None
    """None: there is none."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A user pool."""

    pool_id: str
    name: str = ""
    arn: str = ""
    self_sign_up: bool = True
    """Whether users sign themselves up (`AllowAdminCreateUserOnly` is false)."""
    self_recovery: bool = True
    """Whether users recover their passwords themselves (`AccountRecoverySetting` is not `admin_only`)."""
    domains: tuple[str, ...] = ()
    """Domains of the hosted pages, Cognito's prefix or one's own; none: there are no pages."""
    web_acl: WebAcl = field(default_factory=WebAcl)


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long an app client's tokens hold, in seconds."""

    access: int = 3_600
    id: int = 3_600
    refresh: int = 30 * 86_400


@dataclass(frozen=True, kw_only=True)
class LastUse:
    """What CloudWatch counted for an app client."""

    known: bool = True
    """Whether the metrics could be read; otherwise the rest says nothing."""
    days: int = 0
    """How far back was looked."""
    day: str | None = None
    """The last day (UTC, `2030-01-31`) with a success. None: none in these days."""
    successes: dict[str, int] = field(default_factory=dict)
    """Sign-ins, refreshes, sign-ups and federated sign-ins that succeeded, by those names."""
    refused: int = 0
    """Of the same kinds, how many did not."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """An app client."""

    client_id: str
    name: str = ""
    has_secret: bool = False
    of_the_proxy: bool = False
    """Whether the stack that was named serves it."""
    flows: frozenset[Flow] = frozenset()
    rotates_refresh_tokens: bool = False
    """Refreshes go by GetTokensFromRefreshToken then, whatever the flows are."""
    oauth_grants: frozenset[str] = frozenset()
    """`code`, `implicit`, `client_credentials`, as far as OAuth is switched on for this app client."""
    identity_providers: frozenset[str] = frozenset()
    """What the hosted pages offer; `COGNITO` is the pool's own users."""
    hides_users: bool = True
    """Whether a wrong user name is answered like a wrong password (`PreventUserExistenceErrors`)."""
    revocable: bool = True
    """Whether its refresh tokens can be revoked."""
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    last_use: LastUse = field(default_factory=lambda: LastUse(known=False))

    @property
    def refreshes(self) -> bool:
        """Whether it takes refresh tokens."""
        return Flow.REFRESH in self.flows or self.rotates_refresh_tokens
