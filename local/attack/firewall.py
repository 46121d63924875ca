"""The firewall in front of the attacked proxy: off, or the synthesized web ACL with simulated time."""

from collections.abc import Iterable, Mapping
from typing import Any

from local.attack.clock import SimulatedClock
from local.errors import LocalRunError
from local.fronts.enforcement import EnforcedWebAcl
from local.simulators.common.http import Firewall, HttpRequest, HttpResponse
from local.simulators.waf import attached_web_acl, load_web_acl
from local.simulators.waf.web_acl import WebAcl

Template = Mapping[str, Any]


class SwitchedFirewall:
    """What `local_run` takes as its guard. Begins switched off: everything gets through."""

    def __init__(self) -> None:
        self._enforced: EnforcedWebAcl | None = None
        self._hook: Firewall | None = None

    def guard(self, enforced: EnforcedWebAcl) -> Firewall:
        """Stand in front of a run. AWS WAF's API edits the lists of the web ACL in use, and that one writes the log."""
        self._enforced = enforced
        return self

    async def __call__(self, request: HttpRequest) -> HttpResponse | None:
        return await self._hook(request) if self._hook else None

    def use(self, web_acl: WebAcl | None) -> None:
        """Put another in its place, with rates of its own; None switches it off."""
        if web_acl is None:
            self._hook = None
        elif self._enforced is None:
            raise LocalRunError("no stack puts a web ACL in front of the proxy")
        else:
            self._enforced.web_acl = web_acl
            self._hook = self._enforced.firewall


def default_web_acl(template: Template, clock: SimulatedClock) -> WebAcl:
    """The web ACL that a template puts in front of the proxy: nobody was counted yet, and time is the scenario's.

    Raises LocalRunError when there is none, and FirewallError when it holds what is not modelled.
    """
    attached = attached_web_acl(template)
    if attached is None or attached.logical_id is None:
        raise LocalRunError("the template puts no web ACL of its own in front of the proxy")
    return load_web_acl(template, logical_id=attached.logical_id, clock=clock)


def guarded(templates: Iterable[Template]) -> Template:
    """The template that puts a web ACL in front of the proxy. Raises LocalRunError when none does."""
    for template in templates:
        if attached_web_acl(template) is not None:
            return template
    raise LocalRunError("no stack puts a web ACL in front of the proxy")
