"""The default web ACL of the synthesized app in a scenario's time: its rates, IPv6 off and on, and blocks by hand."""

import asyncio
import functools

import pytest

from cognito_proxy.list_edits.by_hand import BY_HAND
from local.attack.clock import SimulatedClock
from local.attack.firewall import SwitchedFirewall, Template, default_web_acl, guarded
from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack
from local.errors import LocalRunError
from local.fronts.deployed_waf import deployed_waf
from local.fronts.enforcement import EnforcedWebAcl, enforced_firewall
from local.simulators.common.http import Firewall, HttpRequest
from local.simulators.common.journal import TARGET_PREFIX
from local.simulators.common.root_client import ACCOUNT_ID
from local.simulators.waf import attached_web_acl
from local.simulators.waf.api import Waf
from local.simulators.waf.web_acl import WebAcl
from tests.syntheses import Syntheses

SIGN_UPS = 50
V4, V6 = "203.0.113.9", "2001:db8:bad:1::77"


@functools.cache
def template(syntheses: Syntheses, *, ipv6: bool) -> Template:
    context = {"variant": "edge", "ipv6": str(ipv6).lower()}
    made = syntheses.assembly(context, account=ACCOUNT_ID, region="eu-west-1")
    return guarded(stack.template() for stack in Assembly(made).stacks)


def is_blocked(firewall: SwitchedFirewall | WebAcl, address: str) -> bool:
    request = HttpRequest(
        method="POST",
        path="/",
        headers=(("X-Amz-Target", f"{TARGET_PREFIX}SignUp"),),
        body=b"{}",
        client_ip=address,
    )
    if isinstance(firewall, WebAcl):
        return firewall.decide(request).response is not None
    return asyncio.run(_asked(firewall, request))


async def _asked(hook: Firewall, request: HttpRequest) -> bool:
    return await hook(request) is not None


def test_rates_count_by_the_scenarios_time(syntheses: Syntheses) -> None:
    clock = SimulatedClock()
    firewall = default_web_acl(template(syntheses, ipv6=False), clock)
    assert [is_blocked(firewall, V4) for _ in range(SIGN_UPS + 1)] == [False] * SIGN_UPS + [True]
    clock.now = 299
    assert is_blocked(firewall, V4)
    clock.now = 601
    assert not is_blocked(firewall, V4)


def test_each_begins_with_nobody_counted(syntheses: Syntheses) -> None:
    for _ in range(2):
        firewall = default_web_acl(template(syntheses, ipv6=False), SimulatedClock())
        assert not any(is_blocked(firewall, V4) for _ in range(SIGN_UPS))


@pytest.mark.parametrize("ipv6", [False, True])
def test_ipv6_gets_in_where_it_is_on(syntheses: Syntheses, ipv6: bool) -> None:
    firewall = default_web_acl(template(syntheses, ipv6=ipv6), SimulatedClock())
    assert is_blocked(firewall, V6) is not ipv6


def test_a_network_over_ipv6_is_stopped_at_its_ceiling(syntheses: Syntheses) -> None:
    firewall = default_web_acl(template(syntheses, ipv6=True), SimulatedClock())
    blocked = [is_blocked(firewall, f"2001:db8:bad:1::{number:x}") for number in range(1, 1_002)]
    assert blocked == [False] * 1_000 + [True]


def deployed(syntheses: Syntheses) -> EnforcedWebAcl:
    """As `local_run` hands it to a guard."""
    stack = DeployedStack(
        name="EdgeStack",
        region="us-east-1",
        outputs={},
        physical_ids={attached_id(syntheses): "Acl|1f2e|CLOUDFRONT"},
        template=dict(template(syntheses, ipv6=False)),
    )
    enforced = enforced_firewall([stack], lambda _: None)
    assert enforced is not None
    return enforced


def attached_id(syntheses: Syntheses) -> str:
    attached = attached_web_acl(template(syntheses, ipv6=False))
    assert attached is not None
    assert attached.logical_id is not None
    return attached.logical_id


def deny(waf: Waf, addresses: list[str]) -> None:
    """Edit the deny list as `cognito-proxy ip block` does."""
    for kept in waf.ip_sets.values():
        if "Deny" in kept.name and kept.description.endswith(BY_HAND):
            listed = [each for each in addresses if (":" in each) == (kept.version == "IPV6")]
            request = {
                "Name": kept.name,
                "Id": kept.id,
                "Scope": waf.scope,
                "Description": kept.description,
                "Addresses": listed,
                "LockToken": kept.token,
            }
            waf.answer("UpdateIPSet", request)


def test_edits_of_the_deployed_lists_reach_the_web_acl_in_use(syntheses: Syntheses) -> None:
    firewall, enforced = SwitchedFirewall(), deployed(syntheses)
    firewall.guard(enforced)
    waf = deployed_waf(enforced)
    firewall.use(default_web_acl(template(syntheses, ipv6=True), SimulatedClock()))
    deny(waf, [f"{V4}/32", "2001:db8:bad:1::/64"])
    assert is_blocked(firewall, V4)
    assert is_blocked(firewall, V6)
    assert not is_blocked(firewall, "203.0.113.10")
    assert not is_blocked(firewall, "2001:db8:bad:2::77")
    deny(waf, [])
    assert not is_blocked(firewall, V4)


def test_switched_off_it_lets_everything_through(syntheses: Syntheses) -> None:
    firewall, enforced = SwitchedFirewall(), deployed(syntheses)
    firewall.guard(enforced)
    waf, denying = deployed_waf(enforced), default_web_acl(template(syntheses, ipv6=False), SimulatedClock())
    assert not is_blocked(firewall, V4)
    firewall.use(denying)
    deny(waf, [f"{V4}/32"])
    assert is_blocked(firewall, V4)
    firewall.use(None)
    assert not is_blocked(firewall, V4)


def test_without_a_deployed_web_acl_none_can_be_used(syntheses: Syntheses) -> None:
    with pytest.raises(LocalRunError, match="no stack puts a web ACL"):
        SwitchedFirewall().use(default_web_acl(template(syntheses, ipv6=False), SimulatedClock()))


def test_a_template_without_a_web_acl_is_an_error() -> None:
    with pytest.raises(LocalRunError, match="no stack puts a web ACL"):
        guarded([{"Resources": {}}])
    with pytest.raises(LocalRunError, match="no web ACL of its own"):
        default_web_acl({"Resources": {}}, SimulatedClock())
