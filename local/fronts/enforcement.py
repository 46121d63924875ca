"""Enforces the synthesized web ACL in front of a local run, as far as its rules are known outside of AWS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from local.deployment.deploy import DeployedStack
from local.simulators.common.http import Firewall
from local.simulators.waf import attached_web_acl, firewall_hook, load_web_acl
from local.simulators.waf.web_acl import WebAcl


@dataclass(frozen=True, kw_only=True)
class EnforcedWebAcl:
    """The web ACL in front of the proxy, and the stack that it is of."""

    web_acl: WebAcl
    stack: DeployedStack

    @property
    def firewall(self) -> Firewall:
        """As the servers of the local run take it."""
        return firewall_hook(self.web_acl)


def enforced_firewall(stacks: Iterable[DeployedStack], say: Callable[[str], None]) -> EnforcedWebAcl | None:
    """What stands in front of the proxy, or None; either way `say` is told. Rates count for each TCP peer.

    Raises FirewallError when something in the web ACL is not modelled.
    """
    for stack in stacks:
        attached = attached_web_acl(stack.template)
        if attached is None:
            continue
        if attached.logical_id is None:
            say("firewall: none here, since the web ACL is made elsewhere and its rules are not known")
            return None
        web_acl = load_web_acl(stack.template, logical_id=attached.logical_id)
        rules = ", ".join(rule.name for rule in web_acl.rules)
        say(f"firewall: {attached.logical_id} decides by its rules {rules}")
        if web_acl.not_evaluated:
            say(f"firewall: not evaluated, since AWS alone knows what is in them: {', '.join(web_acl.not_evaluated)}")
        return EnforcedWebAcl(web_acl=web_acl, stack=stack)
    say("firewall: none, since the template puts no web ACL in front of the proxy")
    return None
