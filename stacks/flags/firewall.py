"""The flags that set the firewall up, in words of `ProxyWebAcl`; new rules, rates and groups of it get theirs here."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cognito_proxy import (
    AccountCreationFraudPrevention,
    AccountTakeoverPrevention,
    FirewallRule,
    ManagedGroups,
    OperationRates,
    RateLimit,
)
from stacks.flags.values import NONE, boolean, listed, names_of

_ANY_PATH = "/"
_WITH_SETTINGS = {
    "account_takeover": AccountTakeoverPrevention(login_path=_ANY_PATH),
    "account_creation": AccountCreationFraudPrevention(creation_path=_ANY_PATH),
}
MANAGED_GROUPS: tuple[str, ...] = tuple(field.name for field in fields(ManagedGroups))
"""Names of AWS's managed rule groups."""

RATES: Mapping[str, str] = {f"{field.name}_rate_limit": field.name for field in fields(OperationRates)}
"""The flags for rates of groups of operations, and each one's place in `OperationRates`."""


def managed_groups(name: str, value: Any) -> ManagedGroups:
    """Exactly the groups that are named; `none`: none of them."""
    wanted = () if value == NONE else names_of(MANAGED_GROUPS)(name, value)
    return ManagedGroups(**{group: _switched(group, on=group in wanted) for group in MANAGED_GROUPS})


def count_only(name: str, value: Any) -> tuple[FirewallRule, ...]:
    """`true`: every rule; `false`: none; else those that are named."""
    if value in ("true", "false") or isinstance(value, bool):
        return tuple(FirewallRule) if boolean(name, value) else ()
    return tuple(FirewallRule(rule) for rule in listed(value))


def operation_rates(limits: Mapping[str, int | None]) -> OperationRates:
    """The rates by the flags that were given; None: a group has none of its own."""
    return OperationRates(
        **{RATES[flag]: None if limit is None else RateLimit(limit=limit) for flag, limit in limits.items()}
    )


def _switched(group: str, *, on: bool) -> Any:
    if group in _WITH_SETTINGS:
        return _WITH_SETTINGS[group] if on else None
    return on
