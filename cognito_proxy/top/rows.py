"""Who a question named, ranked; and whom of them one can block."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from types import MappingProxyType
from typing import Any

from cognito_proxy.top.questions import Kind, Question
from cognito_proxy.top.running import printable

LONGEST_NAME = 128
"""Usernames are what a client sent: longer ones are cut."""

MOST_COUNTED = 10**15
"""What is above it is no count of calls, and would not fit into a note."""

_IPV4_BEGINNING = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}")
_PREFIX_LENGTHS = MappingProxyType({4: 24, 6: 64})
_IPV6_BEGINNING = re.compile(r"(?:[0-9a-fA-F]{1,4}:){4}")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one query counted of somebody."""

    count: int
    measure: str
    query: str
    """`waf/sign-up-bursts`."""

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.count} {self.measure} ({self.query})"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Somebody whom at least one query named."""

    who: str
    kind: Kind
    findings: tuple[Finding, ...]
    """The largest count first."""

    @property
    def block(self) -> str | None:
        """What the deny list takes, as a CIDR; None: a hash or a name, which nobody can block."""
        return network_of(self.who, self.kind)

    @property
    def fields(self) -> dict[str, Any]:
        """For programs, and for the file of the last run."""
        return {
            "who": self.who,
            "kind": self.kind.value,
            "can_be_blocked": self.block is not None,
            "findings": [{"count": each.count, "measure": each.measure, "query": each.query} for each in self.findings],
        }


def network_of(who: str, kind: Kind) -> str | None:
    """An address or a network as a CIDR; None for what is neither.

    Logs Insights' queries show a network by its beginning: `203.0.113`, `2001:db8:bad:1:`. One that was cut at `::` may
    be any of several, so none is taken for it.
    """
    try:
        if kind is Kind.ADDRESS:
            return _of_address(who)
        if kind is Kind.PREFIX:
            if _IPV4_BEGINNING.fullmatch(who):
                return str(ip_network(f"{who}.0/24"))
            if _IPV6_BEGINNING.fullmatch(who):
                return str(ip_network(f"{who}:/64"))
            network = ip_network(who)
            # The queries count by these two. Nobody is to block half of a continent for a row that says otherwise.
            return str(network) if network.prefixlen == _PREFIX_LENGTHS[network.version] else None
    except ValueError:
        return None
    return None


def _of_address(who: str) -> str | None:
    address = ip_address(who)
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            # `fe80::1%` and whatever comes after it: of one machine's own network, and free text.
            return None
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
    return str(ip_network(address))


def ranked(answers: Iterable[tuple[Question, Sequence[Mapping[str, str]]]], *, most: int) -> list[Row]:
    """Everybody who was named: first whom one can block, then by the largest count.

    Args:
        answers: questions and the rows that their queries gave, by column. Several rows of one question about the same
            name (by rule, by minute, by Region) are added up.
        most: how many to give.
    """
    counts: dict[tuple[str, Kind], dict[Question, int]] = defaultdict(lambda: defaultdict(int))
    for question, rows in answers:
        for row in rows:
            if row.get(question.who):
                counts[_shown(row[question.who], question.kind), question.kind][question] += _number(
                    row.get(question.count, "0")
                )
    found = [
        Row(
            who=who,
            kind=kind,
            findings=tuple(
                sorted(
                    (
                        Finding(count=count, measure=question.measure, query=question.full_name)
                        for question, count in by_question.items()
                    ),
                    key=lambda finding: (-finding.count, finding.query),
                )
            ),
        )
        for (who, kind), by_question in counts.items()
    ]
    found.sort(key=lambda row: (row.block is None, -row.findings[0].count, row.who))
    return found[:most]


def _shown(who: str, kind: Kind) -> str:
    """One spelling of a network, and nothing that a terminal would obey."""
    network = network_of(who, kind)
    if network is not None:
        return network.removesuffix("/32").removesuffix("/128") if kind is Kind.ADDRESS else network
    return printable(who[:LONGEST_NAME])


def _number(text: str) -> int:
    try:
        return min(max(int(float(text)), 0), MOST_COUNTED)
    except (ValueError, OverflowError):
        return 0
