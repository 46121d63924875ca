"""Addresses as users write them become what AWS WAF takes, or one line that says why not."""

from __future__ import annotations

import ipaddress
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.firewall.ip_lists import IpList, Network, check_deny_list, never_denied, parse_addresses

V4_NETWORKS = st.builds(
    lambda address, prefix: ipaddress.ip_network((address, prefix), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(1, 32),
)
V6_NETWORKS = st.builds(
    lambda address, prefix: ipaddress.ip_network((address, prefix), strict=False),
    # Outside ::/96 and the IPv4-mapped range, which have rules of their own.
    st.integers(2**125, 2**128 - 1),
    st.integers(1, 128),
)


@pytest.mark.parametrize(
    ("written", "v4", "v6"),
    [
        ("", (), ()),
        (" , ,", (), ()),
        ("192.0.2.1", ("192.0.2.1/32",), ()),
        ("2001:DB8:0::1", (), ("2001:db8::1/128",)),
        ("2001:db8::/32, 192.0.2.0/24 ,192.0.2.7", ("192.0.2.0/24", "192.0.2.7/32"), ("2001:db8::/32",)),
        ("192.0.2.1,192.0.2.1/32", ("192.0.2.1/32",), ()),
        (["192.0.2.1", "2001:db8::1"], ("192.0.2.1/32",), ("2001:db8::1/128",)),
    ],
)
def test_sorts_and_normalizes_what_is_written(written: str, v4: tuple[str, ...], v6: tuple[str, ...]) -> None:
    assert parse_addresses(written, name="allow_ips") == IpList(v4=v4, v6=v6)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("example.com", "neither an IPv4 nor an IPv6"),
        ("192.0.2", "neither an IPv4 nor an IPv6"),
        ("192.0.2.256", "neither an IPv4 nor an IPv6"),
        ("192.0.2.0/33", "neither an IPv4 nor an IPv6"),
        ("2001:db8::/129", "neither an IPv4 nor an IPv6"),
        ("192.0.2.1-192.0.2.9", "neither an IPv4 nor an IPv6"),
        ("0.0.0.0/0", "prefixes of 1 or longer"),
        ("::/0", "prefixes of 1 or longer"),
        ("192.0.2.7/24", "write 192.0.2.0/24 or 192.0.2.7"),
        ("2001:db8::1/64", "write 2001:db8::/64 or 2001:db8::1"),
        ("fe80::1%eth0", "zone"),
        ("::ffff:192.0.2.1", "write 192.0.2.1"),
    ],
)
def test_refuses_what_aws_waf_would_refuse_or_never_match(entry: str, said: str) -> None:
    with pytest.raises(PropertyError, match="deny_ips") as refusal:
        parse_addresses(["192.0.2.200", entry], name="deny_ips")
    text = str(refusal.value)
    assert repr(entry) in text
    assert said in text
    assert "\n" not in text


def test_takes_ten_thousand_addresses_of_each_kind_and_not_one_more() -> None:
    v4 = [str(ipaddress.ip_address(2**31 + n)) for n in range(10_001)]
    v6 = [str(ipaddress.ip_address(2**127 + n)) for n in range(10_000)]
    assert len(parse_addresses(v4[:10_000] + v6, name="allow_ips").v4) == 10_000
    with pytest.raises(PropertyError, match=r"allow_ips: 10001 IPv4 entries; AWS WAF takes at most 10000"):
        parse_addresses(v4, name="allow_ips")


@given(st.lists(V4_NETWORKS | V6_NETWORKS, max_size=20))
def test_reads_what_it_wrote(networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
    parsed = parse_addresses([str(network) for network in networks], name="allow_ips")
    assert parse_addresses(",".join((*parsed.v4, *parsed.v6)), name="allow_ips") == parsed
    assert set(parsed.networks) == set(networks)


def small_networks(base: str, bits: int) -> st.SearchStrategy[Network]:
    """Networks among the 2 ** bits addresses from `base` on: few enough to look at every address."""
    first = ipaddress.ip_address(base)
    return st.builds(
        lambda offset, length: ipaddress.ip_network(f"{first + offset}/{first.max_prefixlen - length}", strict=False),
        st.integers(0, 2**bits - 1),
        st.integers(0, bits),
    )


TWO_LISTS = st.one_of(
    st.tuples(*[st.lists(small, min_size=1, max_size=8)] * 2)
    for small in (
        small_networks("192.0.2.0", 3),
        small_networks("2001:db8::", 3),
        small_networks("192.0.2.0", 2) | small_networks("2001:db8::", 2),
    )
)


@given(TWO_LISTS)
@settings(max_examples=400)
def test_never_denied_is_the_first_entry_all_of_whose_addresses_are_allowed(
    lists_of_networks: tuple[list[Network], list[Network]],
) -> None:
    allow, deny = lists_of_networks
    lists = [parse_addresses(map(str, networks), name="x") for networks in (allow, deny)]
    allowed = {address for network in allow for address in network}
    expected = next((network for network in lists[1].networks if all(address in allowed for address in network)), None)
    assert never_denied(allow=lists[0], deny=lists[1]) == expected


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ("", "192.0.2.0/24"),
        ("192.0.2.7", ""),
        # An office inside a blocked provider.
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1::/48", "2001:db8::/32"),
        ("192.0.2.0/25", "192.0.2.0/24"),
        ("192.0.2.0/25", "192.0.2.128/25"),
    ],
)
def test_takes_allowed_addresses_inside_denied_ranges(allow: str, deny: str) -> None:
    allowed, denied = parse_addresses(allow, name="allow_ips"), parse_addresses(deny, name="deny_ips")
    assert never_denied(allow=allowed, deny=denied) is None
    check_deny_list(allow=allowed, deny=denied)


@pytest.mark.proves("never-denied-refused")
@pytest.mark.parametrize(
    ("allow", "deny", "said"),
    [
        (
            "192.0.2.0/24",
            "198.51.100.1,192.0.2.77",
            "192.0.2.77/32 can never be denied, since allow_ips has 192.0.2.0/24",
        ),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7/32 can never be denied, since allow_ips has 192.0.2.7/32"),
        ("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::/48 can never be denied, since allow_ips has 2001:db8::/32"),
        (
            "198.51.100.9,192.0.2.0/25,192.0.2.128/25",
            "192.0.2.0/24",
            "192.0.2.0/24 can never be denied, since allow_ips has 192.0.2.0/25",
        ),
    ],
)
def test_refuses_what_can_never_be_denied(allow: str, deny: str, said: str) -> None:
    with pytest.raises(PropertyError, match=f"deny_ips: {re.escape(said)} and comes first; take one of them off"):
        check_deny_list(allow=parse_addresses(allow, name="allow_ips"), deny=parse_addresses(deny, name="deny_ips"))


def test_compares_full_lists_in_no_time() -> None:
    """Ten thousand entries on each list: a comparison of each with each would be a hundred million."""
    allow = parse_addresses([f"10.{n >> 8}.{n & 255}.0/25" for n in range(10_000)], name="allow_ips")
    deny = parse_addresses([f"10.{n >> 8}.{n & 255}.0/24" for n in range(10_000)], name="deny_ips")
    began = time.process_time()
    assert never_denied(allow=allow, deny=deny) is None
    assert time.process_time() - began < 5
