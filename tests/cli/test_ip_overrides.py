"""Which denied entries do nothing, and what is said of them."""

from __future__ import annotations

import time

from cognito_proxy.cli.ip_overrides import MOST, overrides
from cognito_proxy.firewall.ip_lists import IpList, parse_addresses

NONE = IpList()


def listed(text: str) -> IpList:
    return parse_addresses(text, name="list")


def test_what_an_allowed_range_holds_is_found_and_what_holds_one_is_not() -> None:
    found = overrides(
        allow=listed("192.0.2.0/24,2001:db8::1"),
        deny=listed("192.0.2.7,192.0.2.8,192.0.0.0/16,2001:db8::/32,192.0.2.9"),
        from_settings=NONE,
    )
    assert [each.denied for each in found] == ["192.0.2.7/32", "192.0.2.8/32", "192.0.2.9/32"]


def test_several_allowed_ranges_may_let_a_denied_one_in_together() -> None:
    (found,) = overrides(
        allow=listed("192.0.2.0/25,192.0.2.128/25,198.51.100.0/25"),
        deny=listed("192.0.2.0/24,198.51.100.0/24"),
        from_settings=NONE,
    )
    assert (found.denied, [cover.address for cover in found.allowed]) == (
        "192.0.2.0/24",
        ["192.0.2.0/25", "192.0.2.128/25"],
    )


def test_everything_that_lets_it_in_is_named_with_what_to_do() -> None:
    (found,) = overrides(
        allow=listed("192.0.2.0/24,192.0.0.0/16,198.51.100.0/24"),
        deny=listed("192.0.2.7"),
        from_settings=listed("192.0.0.0/16"),
    )
    assert found.warning == (
        "192.0.2.7 is on the deny list and let in all the same, since 192.0.2.0/24, 192.0.0.0/16 are on the allow "
        "list, which comes first; to block it: cognito-proxy ip unallow 192.0.2.0/24 "
        "and take 192.0.0.0/16 out of the setting allow_ips and deploy"
    )


def test_a_line_names_a_few() -> None:
    allow = listed(",".join(f"10.0.0.0/{length}" for length in range(8, 30)))
    (found,) = overrides(allow=allow, deny=listed("10.0.0.1"), from_settings=NONE)
    assert len(found.allowed) == 22
    assert "10.0.0.0/12, … are on" in found.warning


def test_full_lists_take_seconds_and_not_minutes() -> None:
    allow = IpList(v4=("10.0.0.0/8", *(f"172.16.{n // 250}.{n % 250}/32" for n in range(9_999))))
    deny = IpList(v4=tuple(f"10.{n // 250}.{n % 250}.1/32" for n in range(10_000)))
    started = time.process_time()
    found = overrides(allow=allow, deny=deny, from_settings=NONE)
    assert len(found) == MOST
    assert time.process_time() - started < 20
