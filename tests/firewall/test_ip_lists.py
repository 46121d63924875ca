"""Addresses as users write them become what AWS WAF takes, or one line that says why not."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_proxy.ip_lists import IpList, check_disjoint, parse_addresses

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
    with pytest.raises(ValueError, match="deny_ips") as refusal:
        parse_addresses(["192.0.2.200", entry], name="deny_ips")
    text = str(refusal.value)
    assert repr(entry) in text
    assert said in text
    assert "\n" not in text


def test_takes_ten_thousand_addresses_of_each_kind_and_not_one_more() -> None:
    v4 = [str(ipaddress.ip_address(2**31 + n)) for n in range(10_001)]
    v6 = [str(ipaddress.ip_address(2**127 + n)) for n in range(10_000)]
    assert len(parse_addresses(v4[:10_000] + v6, name="allow_ips").v4) == 10_000
    with pytest.raises(ValueError, match=r"allow_ips: 10001 IPv4 entries; AWS WAF takes at most 10000"):
        parse_addresses(v4, name="allow_ips")


@given(st.lists(V4_NETWORKS | V6_NETWORKS, max_size=20))
def test_reads_what_it_wrote(networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
    parsed = parse_addresses([str(network) for network in networks], name="allow_ips")
    assert parse_addresses(",".join((*parsed.v4, *parsed.v6)), name="allow_ips") == parsed
    assert set(parsed.networks) == set(networks)


@given(st.lists(V4_NETWORKS | V6_NETWORKS, max_size=6), st.lists(V4_NETWORKS | V6_NETWORKS, max_size=6))
def test_lists_are_refused_exactly_when_they_share_an_address(
    allow: list[ipaddress.IPv4Network | ipaddress.IPv6Network],
    deny: list[ipaddress.IPv4Network | ipaddress.IPv6Network],
) -> None:
    share = any(a.version == d.version and a.overlaps(d) for a in allow for d in deny)  # type: ignore[arg-type]
    lists = [parse_addresses(map(str, networks), name="x") for networks in (allow, deny)]
    if share:
        with pytest.raises(ValueError, match="overlaps"):
            check_disjoint(allow=lists[0], deny=lists[1])
    else:
        check_disjoint(allow=lists[0], deny=lists[1])


def test_names_both_entries_that_overlap() -> None:
    allow = parse_addresses("192.0.2.0/24", name="allow_ips")
    deny = parse_addresses("198.51.100.1,192.0.2.77", name="deny_ips")
    with pytest.raises(ValueError, match=r"deny_ips: 192\.0\.2\.77/32 overlaps 192\.0\.2\.0/24 in allow_ips"):
        check_disjoint(allow=allow, deny=deny)
