"""Who is ranked how, and whom of them one can block."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cognito_proxy.top.questions import Kind, Question, Subject, questions
from cognito_proxy.top.rows import MOST_COUNTED, network_of, ranked

BLOCKS = next(each for each in questions(Subject.ADDRESSES, plain=False) if each.name == "addresses-with-most-blocks")
MOST = MOST_COUNTED
HASHED = next(each for each in questions(Subject.ADDRESSES, plain=False) if each.kind is Kind.ADDRESS_HASH)


def blocked(address: str, count: str, **more: str) -> dict[str, str]:
    return {"httpRequest.clientIp": address, "blocked": count, **more}


@pytest.mark.proves("top-only-addresses-blocked")
@pytest.mark.parametrize(
    ("who", "kind", "network"),
    [
        ("192.0.2.1", Kind.ADDRESS, "192.0.2.1/32"),
        ("2001:0DB8::1", Kind.ADDRESS, "2001:db8::1/128"),
        ("203.0.113", Kind.PREFIX, "203.0.113.0/24"),
        ("203.0.113.0/24", Kind.PREFIX, "203.0.113.0/24"),
        ("2001:db8:bad:1:", Kind.PREFIX, "2001:db8:bad:1::/64"),
        ("2001:db8:bad:1::/64", Kind.PREFIX, "2001:db8:bad:1::/64"),
        # Cut at "::": it may be any of several networks.
        ("2001:db8::", Kind.PREFIX, None),
        ("::", Kind.PREFIX, None),
        ("999.0.113", Kind.PREFIX, None),
        ("192.0.2.1", Kind.PREFIX, None),
        ("0123456789abcdef", Kind.ADDRESS_HASH, None),
        # What a client sent as its name is no address, whatever it looks like.
        ("192.0.2.1", Kind.USERNAME, None),
        ("nonsense", Kind.ADDRESS, None),
        # After the sign of a zone comes free text.
        ("fe80::1%eth0", Kind.ADDRESS, None),
        ("fe80::1%\x1b[2J", Kind.ADDRESS, None),
        ("::ffff:192.0.2.1", Kind.ADDRESS, "192.0.2.1/32"),
        # No query counts by these, and they would lock half of the world out.
        ("0.0.0.0/0", Kind.PREFIX, None),
        ("::/0", Kind.PREFIX, None),
        ("10.0.0.0/8", Kind.PREFIX, None),
        ("2001:db8::/32", Kind.PREFIX, None),
    ],
)
def test_what_can_be_blocked(who: str, kind: Kind, network: str | None) -> None:
    assert network_of(who, kind) == network


def test_rows_of_one_name_are_added_up() -> None:
    rows = [blocked("192.0.2.1", "50", rule="A"), blocked("192.0.2.1", "70", rule="B"), blocked("192.0.2.2", "100")]
    first, second = ranked([(BLOCKS, rows)], most=10)
    assert (first.who, first.findings[0].count, second.who) == ("192.0.2.1", 120, "192.0.2.2")
    assert first.findings[0].told == "120 blocked (waf/addresses-with-most-blocks)"


@pytest.mark.proves("top-addresses-first")
def test_whom_one_can_block_comes_first_and_names_are_cut_off() -> None:
    hashed = [{HASHED.who: "0123456789abcdef", HASHED.count: "9000"}]
    rows = ranked([(HASHED, hashed), (BLOCKS, [blocked("192.0.2.1", "50")])], most=10)
    assert [(row.who, row.block) for row in rows] == [("192.0.2.1", "192.0.2.1/32"), ("0123456789abcdef", None)]
    assert len(ranked([(HASHED, hashed), (BLOCKS, [blocked("192.0.2.1", "50")])], most=1)) == 1


def test_two_queries_about_one_name_are_one_row() -> None:
    calls: Question = replace(BLOCKS, name="callers-of-initiate-auth", count="calls", measure="calls")
    rows = [{"httpRequest.clientIp": "2001:db8:0::1", "calls": "300"}]
    (row,) = ranked([(BLOCKS, [blocked("2001:db8::1", "50")]), (calls, rows)], most=10)
    assert row.who == "2001:db8::1"
    assert [each.count for each in row.findings] == [300, 50]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("77", 77),
        ("77.0", 77),
        ("", 0),
        ("nan", 0),
        ("inf", 0),
        ("1e999", 0),
        ("-5", 0),
        ("9" * 400, 0),
        ("1e200", MOST),
    ],
)
def test_a_count_is_a_number_of_calls_whatever_stands_there(text: str, count: int) -> None:
    (row,) = ranked([(BLOCKS, [blocked("192.0.2.1", text)])], most=10)
    assert row.findings[0].count == count


@pytest.mark.parametrize("who", ["fe80::1%\x1b[2J", "\x1b]0;title\x07", "a\nb", "\u202eevil", "\x9b2J"])
@pytest.mark.parametrize("kind", list(Kind))
def test_no_kind_of_name_moves_a_cursor(who: str, kind: Kind) -> None:
    named = replace(HASHED, kind=kind)
    (row,) = ranked([(named, [{named.who: who, named.count: "1"}])], most=10)
    assert row.who.isprintable()
    assert row.block is None


def test_a_name_moves_no_cursor_and_a_row_without_one_is_passed_over() -> None:
    named = replace(HASHED, kind=Kind.USERNAME)
    rows = ranked([(named, [{named.who: "a\x1b[2Jb" + "x" * 500, named.count: "1"}, {named.count: "3"}])], most=10)
    assert [row.who[:6] for row in rows] == ["a?[2Jb"]
    assert len(rows[0].who) == 128
