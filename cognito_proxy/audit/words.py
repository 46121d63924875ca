"""An audit for people (lines of text) and for programs (one document)."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from cognito_proxy.audit.doors import Kind, PoolRule, Rule
from cognito_proxy.audit.facts import Client, LastUse, Pool
from cognito_proxy.audit.verdict import Audit, Judged, State

_WIDTH = 100
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_MARKS = {Kind.DOOR: "!", Kind.NOTE: "·"}


def as_lines(audit: Audit) -> Iterator[str]:
    """For people, 100 columns wide."""
    yield from _pool_lines(audit)
    for judged in audit.clients:
        yield ""
        yield from _client_lines(judged)
    yield ""
    yield _sum(audit)


def as_document(audit: Audit) -> dict[str, Any]:
    """For programs; docs/audit.md says what each key means."""
    pool = audit.pool
    return {
        "user_pool_id": pool.pool_id,
        "name": pool.name,
        "self_sign_up": pool.self_sign_up,
        "self_recovery": pool.self_recovery,
        "domains": list(pool.domains),
        "web_acl_arn": pool.web_acl.arn,
        "web_acl_known": pool.web_acl.known,
        "findings": [_finding(rule) for rule in audit.findings],
        "open": len(audit.open),
        "app_clients": [_client(judged) for judged in audit.clients],
    }


def duration(seconds: int) -> str:
    """Such as `30 days` or `90 minutes`: in the largest unit that divides it."""
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def use(last: LastUse) -> str:
    """When an app client was last used."""
    if not last.known:
        return "last use not known"
    counted = ", ".join(f"{count:,} {kind}" for kind, count in last.successes.items())
    refused = f"{last.refused:,} refused" if last.refused else ""
    listed = "; ".join(part for part in (counted, refused) if part)
    said = f"last used on {last.day}" if last.day else f"no success in {last.days} days"
    within = f" in {last.days} days" if last.day else ""
    return f"{said} ({listed}{within})" if listed else said


def _pool_lines(audit: Audit) -> Iterator[str]:
    pool = audit.pool
    name = f" ({pool.name})" if pool.name else ""
    clients = len(audit.clients)
    yield f"User pool {pool.pool_id}{name}: {clients} app client{'' if clients == 1 else 's'}"
    yield f"  sign-up by {'users themselves' if pool.self_sign_up else 'administrators only'}; {_pages(pool)}"
    for rule in audit.findings:
        yield from _told("·", rule)


def _pages(pool: Pool) -> str:
    return f"hosted pages at {', '.join(pool.domains)}" if pool.domains else "no hosted pages"


def _client_lines(judged: Judged) -> Iterator[str]:
    client = judged.client
    state = "OPEN" if judged.state is State.OPEN else judged.state.value
    whose = ", the proxy's" if client.of_the_proxy else ""
    yield f"{state}: app client {client.client_id}{f' ({client.name})' if client.name else ''}{whose}"
    flows = ", ".join(sorted(flow.value for flow in client.flows)) or "no flow"
    yield from _wrapped("  ", f"{'a secret' if client.has_secret else 'no secret'}; {flows}{_grants(client)}")
    lives = client.lifetimes
    tokens = f"access token {duration(lives.access)}, refresh token {duration(lives.refresh)}"
    yield from _wrapped("  ", f"{tokens}; {use(client.last_use)}")
    for rule in judged.findings:
        yield from _told(_MARKS[rule.kind], rule)


def _grants(client: Client) -> str:
    return f"; OAuth {', '.join(sorted(client.oauth_grants))}" if client.oauth_grants else ""


def _told(mark: str, rule: Rule | PoolRule) -> Iterator[str]:
    yield from _wrapped(f"  {mark} ", f"{rule.name}: {rule.what}")
    yield from _wrapped("      ", f"What to do: {rule.to_do}.")


def _wrapped(first: str, text: str) -> Sequence[str]:
    return wrap(text, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False)


def _sum(audit: Audit) -> str:
    of = f"of {len(audit.clients)} app client{'' if len(audit.clients) == 1 else 's'}"
    accepted = sum(judged.state is State.ACCEPTED for judged in audit.clients)
    known = f"; {accepted} more, which you accept" if accepted else ""
    if not audit.open:
        return f"No door past the proxy was found {of}{known}."
    doors = sum(len(judged.doors) for judged in audit.open)
    return f"{len(audit.open)} {of} open, with {doors} door{'' if doors == 1 else 's'}{known}."


def _client(judged: Judged) -> dict[str, Any]:
    client, last = judged.client, judged.client.last_use
    return {
        "client_id": client.client_id,
        "name": client.name,
        "state": judged.state.value,
        "has_secret": client.has_secret,
        "of_the_proxy": client.of_the_proxy,
        "flows": sorted(flow.value for flow in client.flows),
        "oauth_grants": sorted(client.oauth_grants),
        "identity_providers": sorted(client.identity_providers),
        "lifetimes_seconds": {
            "access": client.lifetimes.access,
            "id": client.lifetimes.id,
            "refresh": client.lifetimes.refresh,
        },
        "last_use": {"day": last.day, "days": last.days, "successes": last.successes, "refused": last.refused}
        if last.known
        else None,
        "findings": [{"kind": rule.kind.value, **_finding(rule)} for rule in judged.findings],
    }


def _finding(rule: Rule | PoolRule) -> dict[str, str]:
    return {"name": rule.name, "what": rule.what, "to_do": rule.to_do, "source": rule.source}
