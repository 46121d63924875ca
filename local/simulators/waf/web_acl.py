"""A web ACL that decides: rules in the order of their priorities, the first that allows or blocks wins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from local.simulators.common.http import Firewall, HttpRequest, HttpResponse, TurnedAway
from local.simulators.waf.actions import Action
from local.simulators.waf.ip_set import IpSet
from local.simulators.waf.statements import Matcher


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule that is evaluated here."""

    name: str
    matches: Matcher
    action: Action
    response: HttpResponse | None
    """The answer to a request that it blocks."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a request gets, and why."""

    action: Action
    """ALLOW or BLOCK."""
    rule: str | None
    """The rule that decided; None for the default action."""
    response: HttpResponse | None
    """The answer, when blocked."""
    counted: tuple[str, ...]
    """The rules before it that matched and only counted."""


@dataclass(frozen=True, kw_only=True)
class WebAcl:
    """A web ACL as AWS WAF would hold it, rates included. For one thread."""

    logical_id: str
    rules: tuple[Rule, ...]
    """In the order in which they are asked."""
    default_action: Action
    default_response: HttpResponse | None
    ip_sets: Mapping[str, IpSet]
    """By logical id, for changing lists by hand."""
    not_evaluated: tuple[str, ...]
    """Names of the rules whose managed groups only AWS knows."""

    def decide(self, request: HttpRequest) -> Verdict:
        """Ask the rules about a request; rates count it."""
        counted: list[str] = []
        for rule in self.rules:
            if not rule.matches(request):
                continue
            if rule.action is Action.COUNT:
                counted.append(rule.name)
                continue
            return Verdict(action=rule.action, rule=rule.name, response=rule.response, counted=tuple(counted))
        return Verdict(action=self.default_action, rule=None, response=self.default_response, counted=tuple(counted))


def firewall_hook(web_acl: WebAcl, *, tell: Callable[[HttpRequest, Verdict], None] = lambda *_: None) -> Firewall:
    """The web ACL as the servers of the local run take it: a response blocks, None lets through.

    `tell` is told of every verdict: the log. Default: nobody is.
    """

    async def firewall(request: HttpRequest) -> HttpResponse | None:
        verdict = web_acl.decide(request)
        tell(request, verdict)
        if verdict.response is None:
            return None
        why = verdict.rule or "default action"
        return replace(verdict.response, turned_away=TurnedAway(by="the firewall", why=why))

    return firewall
