"""The firewall's lists, read and edited by what `cognito-proxy ip` uses. Only this module knows of that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cognito_proxy.list_edits.backoff import Backoff, OutOfTime
from cognito_proxy.list_edits.by_hand import BY_HAND
from cognito_proxy.list_edits.edits import EntryDetails, add, remove
from cognito_proxy.list_edits.ip_set import shortest
from cognito_proxy.list_edits.stores import Busy, HandList
from cognito_proxy.smoke.stack import DeployedStack
from cognito_proxy.smoke.template_values import references
from cognito_proxy.smoke.verdicts import Failed, NotCheckable

_IP_SET = "AWS::WAFv2::IPSet"
_LATE_SECONDS = 15 * 60
"""The scheduled function carries out within five minutes what is recorded."""

_EDIT_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class HeldList:
    """One list, `allow` or `deny`."""

    name: str
    rule: str
    """The rule of the web ACL that stands for it."""
    by_hand: Mapping[int, HandList]
    """By IP version, 4 and 6."""
    from_settings: frozenset[str]
    """Addresses in IP sets that deployments put back."""


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Both lists of a web ACL."""

    held: Sequence[HeldList]

    def compared(self, stack: DeployedStack, *, now: float) -> str:
        """That they hold what table and template say, as evidence.

        Raises:
            Failed: they do not; nobody's address is quoted.
            NotCheckable: AWS WAF is too busy.
        """
        return "; ".join(f"{held.name} {_compared(held, stack, now)}" for held in self.held)

    def deny(self, address: str, *, expires_at: int, now: int, note: str) -> None:
        """Put one address onto the deny list, until then at the latest."""
        details = EntryDetails(note=note, expires_at=expires_at, added_by="cognito-proxy smoke")
        add(self._deny_list(address), [shortest(address)], details, now=now, backoff=Backoff(_EDIT_SECONDS))

    def take_off(self, address: str, *, now: int) -> None:
        """Take it off again; one that is not on it is fine."""
        remove(self._deny_list(address), [shortest(address)], now=now, backoff=Backoff(_EDIT_SECONDS))

    def is_denied(self, address: str) -> bool:
        """Whether the deny list, or the table, has an entry of just this address."""
        found = self._deny_list(address)
        return found.entries.get(shortest(address)) is not None or shortest(address) in found.addresses.read().addresses

    def _deny_list(self, address: str) -> HandList:
        deny = next(held for held in self.held if held.name == "deny")
        return deny.by_hand[6 if ":" in address else 4]


def _compared(held: HeldList, stack: DeployedStack, now: float) -> str:
    count = 0
    for hand_list in held.by_hand.values():
        try:
            there = hand_list.addresses.read().addresses
        except (Busy, OutOfTime):
            raise NotCheckable("AWS WAF is too busy to tell its lists") from None
        entries = hand_list.entries.all()
        gone = [entry for entry in entries if not entry.is_open and entry.address not in there]
        if gone:
            raise Failed(f"{held.name} list: {len(gone)} of {len(entries)} recorded addresses are not on it")
        late = [entry for entry in entries if entry.is_open and now - entry.changed_at > _LATE_SECONDS]
        if late:
            raise Failed(f"{held.name} list: {len(late)} edit(s) recorded a quarter of an hour ago are not carried out")
        expired = [entry for entry in entries if entry.is_expired(int(now) - _LATE_SECONDS)]
        if expired:
            raise Failed(
                f"{held.name} list: {len(expired)} address(es) expired a quarter of an hour ago are still on it"
            )
        count += len(there)
    promised = frozenset(_promised(held, stack))
    if held.from_settings != promised:
        raise Failed(
            f"{held.name} list: {len(held.from_settings)} address(es) from the settings, where the deployment has "
            f"{len(promised)}, or they differ"
        )
    return f"{count} by hand, {len(promised)} from the settings"


def _promised(held: HeldList, stack: DeployedStack) -> Iterator[str]:
    """The addresses in the template's IP sets that the list's rule refers to and that nobody edits by hand."""
    ip_sets = dict(stack.resources(_IP_SET))
    for _, properties in stack.resources("AWS::WAFv2::WebACL"):
        for rule in properties["Rules"]:
            if rule["Name"] == held.rule:
                yield from _addresses(rule["Statement"], ip_sets)


def _addresses(statement: Mapping[str, Any], ip_sets: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for target in references(statement, "Fn::GetAtt"):
        properties = ip_sets.get(target[0], {})
        if not str(properties.get("Description", "")).endswith(BY_HAND):
            yield from map(shortest, properties.get("Addresses", ()))
