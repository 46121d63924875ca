"""The rules: under which condition an app client is a door past the proxy, what comes through it, and what to do.

A door is what whoever knows the app client's id can do without the proxy: its id stands in every copy of an app. A note
is worth knowing, and opens nothing by itself. Sources: [API] API_UserPoolClientType and API_UpdateUserPoolClient of the
Cognito user pools API reference, as botocore's model has it, [DG] the Amazon Cognito developer guide, page named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cognito_proxy.audit.facts import Client, Flow, Pool

_PASSWORD_FLOWS = frozenset({Flow.SRP, Flow.PASSWORD, Flow.CHOICE})
_PAGES = frozenset({"code", "implicit"})
_LOCAL_USERS = "COGNITO"

_REPLACE = "move its users to the proxy's app client, then delete it (docs/migration.md)"
_NARROW = (
    "once no release needs it, leave only ALLOW_REFRESH_TOKEN_AUTH (UpdateUserPoolClient resets what is not named: "
    "docs/migration.md); when nobody refreshes any more, delete it"
)


class Kind(StrEnum):
    """What a finding counts for."""

    DOOR = "door"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One way past the proxy, or one thing to know."""

    name: str
    """For programs; it stays."""
    kind: Kind
    applies: Callable[[Pool, Client], bool]
    what: str
    """What somebody who knows the app client's id can do, in one sentence or two."""
    to_do: str
    source: str


def has_pages(pool: Pool, client: Client) -> bool:
    """Whether Cognito's own pages open for this app client.

    The page takes the id and a redirect URI and no secret; only the exchange of the code needs it. [DG] "The managed
    login sign-in endpoint: /login" and "The redirect and authorization endpoint".
    """
    return bool(pool.domains) and bool(client.oauth_grants & _PAGES)


def _public_with(*flows: Flow) -> Callable[[Pool, Client], bool]:
    return lambda _, client: not client.has_secret and not client.flows.isdisjoint(flows)


def _hosted_passwords(pool: Pool, client: Client) -> bool:
    # [API] SupportedIdentityProviders: "sets the IdPs that managed login will display on the login page".
    return has_pages(pool, client) and _LOCAL_USERS in client.identity_providers


# A table: a rule is a row, and rows are alike on purpose.
RULES: tuple[Rule, ...] = (
    Rule(
        name="sign-up",
        kind=Kind.DOOR,
        applies=lambda pool, client: not client.has_secret and pool.self_sign_up,
        what="Anybody can sign up any number of users, have codes sent to any address, and learn from the answer who "
        "has an account. No setting of the app client ends this while it exists.",
        to_do=_REPLACE,
        source="[DG] Understanding API, OIDC, and managed login pages authentication; [API] SignUp",
    ),
    Rule(
        name="recovery",
        kind=Kind.DOOR,
        applies=lambda pool, client: not client.has_secret and pool.self_recovery,
        what="Anybody can have recovery codes sent to users, and guess at them. No setting of the app client ends "
        "this while it exists.",
        to_do=_REPLACE,
        source="[API] ForgotPassword, ConfirmForgotPassword",
    ),
    Rule(
        name="password-guessing",
        kind=Kind.DOOR,
        applies=_public_with(*_PASSWORD_FLOWS),
        what="Anybody can try passwords of any user, from any number of addresses.",
        to_do=_NARROW,
        source="[API] UserPoolClientType, ExplicitAuthFlows; USER_AUTH takes passwords whatever the other flows are",
    ),
    Rule(
        name="one-time-codes",
        kind=Kind.DOOR,
        applies=_public_with(Flow.CHOICE),
        what="Anybody can have sign-in codes sent by e-mail or SMS to users, where the pool allows those, at your "
        "cost.",
        to_do=_NARROW,
        source="[DG] Authentication with Amazon Cognito user pools, choice-based sign-in",
    ),
    Rule(
        name="custom-challenges",
        kind=Kind.DOOR,
        applies=_public_with(Flow.CUSTOM),
        what="Anybody can start the challenges of your Lambda triggers for any user, and what those send or cost; "
        "without such triggers this does nothing.",
        to_do=_NARROW,
        source="[API] UserPoolClientType, ExplicitAuthFlows; [DG] Custom authentication challenge Lambda triggers",
    ),
    Rule(
        name="user-names",
        kind=Kind.DOOR,
        applies=lambda _, client: not client.has_secret and not client.hides_users,
        what="Anybody can find out which user names exist: sign-in and recovery answer a wrong name differently.",
        to_do="set PreventUserExistenceErrors to ENABLED, naming all other settings as they are; apps that show "
        "'no such user' change what they show",
        source="[API] UserPoolClientType, PreventUserExistenceErrors",
    ),
    Rule(
        name="hosted-sign-in",
        kind=Kind.DOOR,
        applies=_hosted_passwords,
        what="Cognito's own pages take passwords and sign-ups for this app client, and ask for its id only, secret or "
        "not: passwords can be tried there, past the proxy.",
        to_do="without need of the pages: AllowedOAuthFlowsUserPoolClient=false, naming all other settings as they "
        "are. With it: a web ACL on the pool, which is asked for the pages, too",
        source="[DG] The managed login sign-in endpoint: /login; Associate an AWS WAF web ACL with a user pool",
    ),
    Rule(
        name="federated-pages",
        kind=Kind.NOTE,
        applies=lambda pool, client: has_pages(pool, client) and not _hosted_passwords(pool, client),
        what="Cognito's own pages open for this app client, and lead to other identity providers only: they, not the "
        "proxy, hold back who tries passwords.",
        to_do="nothing, if that is what you want",
        source="[API] UserPoolClientType, SupportedIdentityProviders",
    ),
    Rule(
        name="implicit-grant",
        kind=Kind.NOTE,
        applies=lambda pool, client: has_pages(pool, client) and "implicit" in client.oauth_grants,
        what="Cognito's own pages put tokens into the address of the page that they lead back to (implicit grant), "
        "where histories and logs keep them.",
        to_do="allow the grant `code` alone; OAuth 2.0 Security Best Current Practice (RFC 9700, 2.1.2) says so, too",
        source="[API] UserPoolClientType, AllowedOAuthFlows",
    ),
    Rule(
        name="refresh",
        kind=Kind.NOTE,
        applies=lambda _, client: not client.has_secret and client.refreshes,
        what="Whoever steals a refresh token of this app client uses it past the proxy until it ends.",
        to_do="when the last release that uses it is gone, delete the app client: its refresh tokens end with it",
        source="[API] GetTokensFromRefreshToken, ClientId",
    ),
    Rule(
        name="irrevocable",
        kind=Kind.NOTE,
        applies=lambda _, client: client.refreshes and not client.revocable,
        what="Its refresh tokens cannot be revoked one by one.",
        to_do="set EnableTokenRevocation, naming all other settings as they are",
        source="[API] UserPoolClientType, EnableTokenRevocation",
    ),
    Rule(
        name="user-names-through-the-proxy",
        kind=Kind.NOTE,
        applies=lambda _, client: client.has_secret and not client.hides_users,
        what="Whoever may call it, the proxy's callers too, finds out which user names exist.",
        to_do="set PreventUserExistenceErrors to ENABLED, naming all other settings as they are",
        source="[API] UserPoolClientType, PreventUserExistenceErrors",
    ),
    Rule(
        name="secret-elsewhere",
        kind=Kind.NOTE,
        applies=lambda _, client: client.has_secret and not client.of_the_proxy,
        what="Closed to all who do not have its secret. That is not known to be the proxy's: if it is inside an app, "
        "everybody has it.",
        to_do="name the proxy with --stack; if it is a server's, keep it there; if an app holds it, treat it as public",
        source="[DG] Application-specific settings with app clients, App client types",
    ),
    Rule(
        name="machine",
        kind=Kind.NOTE,
        applies=lambda _, client: "client_credentials" in client.oauth_grants,
        what="Whoever has its secret gets tokens as a machine, without a user.",
        to_do="never serve it through a proxy, and keep its secret on servers",
        source="[API] UserPoolClientType, AllowedOAuthFlows",
    ),
    Rule(
        name="administrator-flow",
        kind=Kind.NOTE,
        applies=lambda _, client: Flow.ADMINISTRATOR in client.flows and not client.of_the_proxy,
        what="It allows password sign-in by an administrator. That needs AWS credentials, so it is no door.",
        to_do="nothing, if a server of yours uses it",
        source="[API] AdminInitiateAuth",
    ),
)
"""In the order in which they are shown. Each holds by itself; several may hold for one app client."""


@dataclass(frozen=True, kw_only=True)
class PoolRule:
    """One thing to know of the pool as a whole; none of these is a door."""

    name: str
    applies: Callable[[Pool], bool]
    what: str
    to_do: str
    source: str


POOL_RULES: tuple[PoolRule, ...] = (
    PoolRule(
        name="no-web-acl",
        applies=lambda pool: pool.web_acl.known and pool.web_acl.arn is None,
        what="No web ACL is on the pool itself. Calls past the proxy that Cognito refuses still count against the "
        "account's quotas, which all your users share.",
        to_do="consider PoolShield (docs/firewall.md)",
        source="[DG] Associate an AWS WAF web ACL with a user pool; Quotas in Amazon Cognito",
    ),
    PoolRule(
        name="web-acl",
        applies=lambda pool: pool.web_acl.arn is not None,
        what="A web ACL is on the pool itself. What it lets through, its rules say: they are not judged here, and "
        "doors are listed as if it were not there.",
        to_do="look at its rules; a door that they close, accept with --accept",
        source="[DG] Associate an AWS WAF web ACL with a user pool",
    ),
    PoolRule(
        name="web-acl-unknown",
        applies=lambda pool: not pool.web_acl.known,
        what="Whether a web ACL is on the pool itself could not be asked.",
        to_do="see the warning; docs/audit.md lists the permissions",
        source="AWS WAF developer guide, Permissions for GetWebACLForResource",
    ),
)


def findings(pool: Pool, client: Client) -> tuple[Rule, ...]:
    """The rules that hold for an app client, doors first."""
    held = [rule for rule in RULES if rule.applies(pool, client)]
    return tuple(sorted(held, key=lambda rule: rule.kind is Kind.NOTE))


def pool_findings(pool: Pool) -> tuple[PoolRule, ...]:
    """The rules that hold for the pool as a whole."""
    return tuple(rule for rule in POOL_RULES if rule.applies(pool))
