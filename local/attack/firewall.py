"""The firewall in front of the attacked proxy: off, or the synthesized web ACL with simulated time."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from local.attack.clock import SimulatedClock
from local.errors import LocalRunError
from local.fronts.enforcement import Tell
from local.simulators.common.cloudformation import references
from local.simulators.common.http import Firewall, HttpRequest, HttpResponse
from local.simulators.waf import attached_web_acl, firewall_hook, load_web_acl

Template = Mapping[str, Any]

_DENY_LIST = "DenyList"
_IP_SET = "AWS::WAFv2::IPSet"


class SwitchedFirewall:
    """What `local_run` takes as its firewall. Begins switched off: everything gets through."""

    def __init__(self) -> None:
        self._hook: Firewall | None = None

    async def __call__(self, request: HttpRequest) -> HttpResponse | None:
        return await self._hook(request) if self._hook else None

    def use(self, hook: Firewall | None) -> None:
        """Put another in its place, with rates of its own; None switches it off."""
        self._hook = hook


class DefaultFirewall:
    """The web ACL that a template puts in front of the proxy: nobody was counted yet, and time is the scenario's."""

    def __init__(self, template: Template, clock: SimulatedClock, *, tell: Tell = lambda *_: None) -> None:
        """Read it; `tell` is told of every verdict. Default: nobody is.

        Raises LocalRunError when there is none, and FirewallError when it holds what is not modelled.
        """
        attached = attached_web_acl(template)
        if attached is None or attached.logical_id is None:
            raise LocalRunError("the template puts no web ACL of its own in front of the proxy")
        self._web_acl = load_web_acl(template, logical_id=attached.logical_id, clock=clock)
        self._deny_lists = _deny_lists(template, attached.logical_id)
        self.logical_id = attached.logical_id
        self.hook = firewall_hook(self._web_acl, tell=tell)
        self.not_evaluated = self._web_acl.not_evaluated
        """Its managed groups, which only AWS knows."""

    def block(self, networks: Iterable[str]) -> None:
        """Put addresses and ranges on the deny list, in the place of what was on it; from the next request on."""
        wanted = [ip_network(network) for network in networks]
        for logical_id, version in self._deny_lists.items():
            listed = [str(network) for network in wanted if f"IPV{network.version}" == version]
            self._web_acl.ip_sets[logical_id].replace(listed)


def guarded(templates: Iterable[Template]) -> Template:
    """The template that puts a web ACL in front of the proxy. Raises LocalRunError when none does."""
    for template in templates:
        if attached_web_acl(template) is not None:
            return template
    raise LocalRunError("no stack puts a web ACL in front of the proxy")


def _deny_lists(template: Template, web_acl: str) -> dict[str, str]:
    """The IP sets that the rule DenyList blocks, and their versions of IP."""
    resources = template["Resources"]
    (rule,) = (rule for rule in resources[web_acl]["Properties"]["Rules"] if rule["Name"] == _DENY_LIST)
    named = [name for name in references(rule["Statement"]) if resources[name]["Type"] == _IP_SET]
    return {name: resources[name]["Properties"]["IPAddressVersion"] for name in named}
