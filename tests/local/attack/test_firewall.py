"""The default web ACL of the synthesized app in a scenario's time: its rates, IPv6 off and on, and blocks by hand."""

import asyncio
import functools
from pathlib import Path

import pytest

from local.attack.clock import SimulatedClock
from local.attack.firewall import DefaultFirewall, SwitchedFirewall, Template, guarded
from local.deployment.assembly import Assembly
from local.deployment.synth import synthesize
from local.errors import LocalRunError
from local.simulators.common.http import Firewall, HttpRequest
from local.simulators.common.journal import TARGET_PREFIX
from local.simulators.common.root_client import ACCOUNT_ID

SIGN_UPS = 50
V4, V6 = "203.0.113.9", "2001:db8:bad:1::77"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cdk")


@functools.cache
def template(folder: Path, *, ipv6: bool) -> Template:
    context = {"variant": "edge", "ipv6": str(ipv6).lower()}
    out_dir = synthesize(context=context, out_dir=folder / str(ipv6), account=ACCOUNT_ID, region="eu-west-1")
    return guarded(stack.template() for stack in Assembly(out_dir).stacks)


def is_blocked(firewall: SwitchedFirewall | DefaultFirewall, address: str) -> bool:
    request = HttpRequest(
        method="POST",
        path="/",
        headers=(("X-Amz-Target", f"{TARGET_PREFIX}SignUp"),),
        body=b"{}",
        client_ip=address,
    )
    hook = firewall.hook if isinstance(firewall, DefaultFirewall) else firewall
    return asyncio.run(_asked(hook, request))


async def _asked(hook: Firewall, request: HttpRequest) -> bool:
    return await hook(request) is not None


def test_rates_count_by_the_scenarios_time(folder: Path) -> None:
    clock = SimulatedClock()
    firewall = DefaultFirewall(template(folder, ipv6=False), clock)
    assert [is_blocked(firewall, V4) for _ in range(SIGN_UPS + 1)] == [False] * SIGN_UPS + [True]
    clock.now = 299
    assert is_blocked(firewall, V4)
    clock.now = 601
    assert not is_blocked(firewall, V4)


def test_each_begins_with_nobody_counted(folder: Path) -> None:
    for _ in range(2):
        firewall = DefaultFirewall(template(folder, ipv6=False), SimulatedClock())
        assert not any(is_blocked(firewall, V4) for _ in range(SIGN_UPS))


@pytest.mark.parametrize("ipv6", [False, True])
def test_ipv6_gets_in_where_it_is_on(folder: Path, ipv6: bool) -> None:
    firewall = DefaultFirewall(template(folder, ipv6=ipv6), SimulatedClock())
    assert is_blocked(firewall, V6) is not ipv6


def test_a_network_over_ipv6_is_stopped_at_its_ceiling(folder: Path) -> None:
    firewall = DefaultFirewall(template(folder, ipv6=True), SimulatedClock())
    blocked = [is_blocked(firewall, f"2001:db8:bad:1::{number:x}") for number in range(1, 1_002)]
    assert blocked == [False] * 1_000 + [True]


def test_blocks_addresses_and_networks_of_both_versions(folder: Path) -> None:
    firewall = DefaultFirewall(template(folder, ipv6=True), SimulatedClock())
    firewall.block([f"{V4}/32", "2001:db8:bad:1::/64"])
    assert is_blocked(firewall, V4)
    assert is_blocked(firewall, V6)
    assert not is_blocked(firewall, "203.0.113.10")
    assert not is_blocked(firewall, "2001:db8:bad:2::77")


def test_switched_off_it_lets_everything_through(folder: Path) -> None:
    firewall, denying = SwitchedFirewall(), DefaultFirewall(template(folder, ipv6=False), SimulatedClock())
    denying.block([f"{V4}/32"])
    assert not is_blocked(firewall, V4)
    firewall.use(denying.hook)
    assert is_blocked(firewall, V4)
    firewall.use(None)
    assert not is_blocked(firewall, V4)


def test_a_template_without_a_web_acl_is_an_error() -> None:
    with pytest.raises(LocalRunError, match="no stack puts a web ACL"):
        guarded([{"Resources": {}}])
    with pytest.raises(LocalRunError, match="no web ACL of its own"):
        DefaultFirewall({"Resources": {}}, SimulatedClock())
