"""What can be asked, and which saved query of which log answers it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cognito_proxy.queries import function_lines


class Subject(StrEnum):
    """Who is looked for."""

    ADDRESSES = "addresses"
    PREFIXES = "prefixes"
    USERNAMES = "usernames"
    CLIENTS = "clients"


class Kind(StrEnum):
    """What a row's name is."""

    ADDRESS = "address"
    PREFIX = "network"
    ADDRESS_HASH = "hash of an address"
    PREFIX_HASH = "hash of a network"
    USERNAME = "username"
    USERNAME_HASH = "hash of a username"
    CLIENT = "app client"


INSIGHTS = "insights"
ATHENA = "athena"
FUNCTION = "function"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A saved query, and how its columns are read."""

    language: str
    """`insights` or `athena`."""
    source: str
    """Which log: `function`, `waf` or `cloudfront`."""
    name: str
    """The query's, such as `sign-up-bursts`."""
    who: str
    """The column that names somebody."""
    count: str
    """The column with how often."""
    measure: str
    """What was counted, after a number: `42 blocked`."""
    kind: Kind

    @property
    def full_name(self) -> str:
        """As in docs/queries.md: `waf/sign-up-bursts`."""
        return f"{self.source}/{self.name}"


# source, query, column with the count, what it is. CloudTrail is left out: behind the proxy it has the proxy's own
# address (docs/queries.md), and blocking that would help nobody.
_FUNCTION: Mapping[Subject, Sequence[tuple[str, str, str]]] = MappingProxyType(
    {
        Subject.ADDRESSES: (
            ("addresses-with-most-errors", "errors", "errors"),
            ("callers-of-initiate-auth", "calls", "InitiateAuth calls"),
            ("one-address-many-usernames", "usernames", "usernames tried"),
        ),
        Subject.PREFIXES: (
            ("prefixes-with-most-errors", "errors", "errors"),
            ("sign-up-bursts", "signUps", "sign-ups in bursts"),
        ),
        Subject.USERNAMES: (("one-username-many-addresses", "addresses", "addresses"),),
        Subject.CLIENTS: (("clients-with-most-errors", "errors", "errors"),),
    }
)
_FIELDS = MappingProxyType(
    {
        Subject.ADDRESSES: ("address", Kind.ADDRESS, Kind.ADDRESS_HASH),
        Subject.PREFIXES: ("prefix", Kind.PREFIX, Kind.PREFIX_HASH),
        Subject.USERNAMES: ("username", Kind.USERNAME, Kind.USERNAME_HASH),
        Subject.CLIENTS: ("client_id", Kind.CLIENT, Kind.CLIENT),
    }
)
_OTHERS: Mapping[Subject, Sequence[tuple[str, str, str, str, str, str]]] = MappingProxyType(
    {
        Subject.ADDRESSES: (
            (INSIGHTS, "waf", "addresses-with-most-blocks", "httpRequest.clientIp", "blocked", "blocked"),
            (INSIGHTS, "waf", "callers-of-initiate-auth", "httpRequest.clientIp", "calls", "InitiateAuth calls"),
            (ATHENA, "waf", "callers-of-initiate-auth", "address", "calls", "InitiateAuth calls"),
            (ATHENA, "cloudfront", "addresses-with-most-errors", "address", "errors", "errors"),
        ),
        Subject.PREFIXES: (
            (INSIGHTS, "waf", "prefixes-with-most-blocks", "prefix", "blocked", "blocked"),
            (INSIGHTS, "waf", "sign-up-bursts", "prefix", "signUps", "sign-ups in bursts"),
            (ATHENA, "waf", "prefixes-with-most-blocks", "prefix", "blocked", "blocked"),
            (ATHENA, "waf", "sign-up-bursts", "prefix", "sign_ups", "sign-ups in bursts"),
            (ATHENA, "cloudfront", "prefixes-with-most-errors", "prefix", "errors", "errors"),
        ),
    }
)


def questions(subject: Subject, *, plain: bool) -> Iterator[Question]:
    """All that can be asked about a subject, wherever its log is.

    Args:
        subject: who is looked for.
        plain: whether the functions log usernames and addresses as they are; by default they log keyed hashes.
    """
    field, as_is, hashed = _FIELDS[subject]
    names = function_lines.PLAIN if plain else function_lines.HASHED
    for name, count, measure in _FUNCTION[subject]:
        yield Question(
            language=INSIGHTS,
            source=FUNCTION,
            name=name,
            who=names[field],
            count=count,
            measure=measure,
            kind=as_is if plain else hashed,
        )
    for language, source, name, who, count, measure in _OTHERS.get(subject, ()):
        yield Question(language=language, source=source, name=name, who=who, count=count, measure=measure, kind=as_is)
