"""The place of AWS WAF in front of the deployments under test."""

from collections.abc import Iterator
from contextlib import contextmanager

from local import Firewall, HttpRequest, HttpResponse
from local.simulators.waf import WebAcl, firewall_hook


class Gate:
    """A firewall that lets everything through, but while a test puts a web ACL there."""

    def __init__(self) -> None:
        self._firewall: Firewall | None = None

    async def __call__(self, request: HttpRequest) -> HttpResponse | None:
        """What the web ACL of the moment says."""
        return None if self._firewall is None else await self._firewall(request)

    @contextmanager
    def guarded_by(self, web_acl: WebAcl) -> Iterator[None]:
        """Every request is the web ACL's to judge until the block ends."""
        self._firewall = firewall_hook(web_acl)
        try:
            yield
        finally:
            self._firewall = None
