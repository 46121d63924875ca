"""Edits that break off: what is said is true of both stores. Nothing here needs a server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cognito_proxy.cli import ip_edits
from cognito_proxy.cli.errors import CommandError, NotAllReached
from cognito_proxy.cli.ip_results import Edited
from cognito_proxy.cli.proxy_lists import ListName, ProxyList, ProxyLists
from cognito_proxy.firewall.ip_lists import IpList, parse_addresses
from cognito_proxy.list_edits.edits import EntryDetails
from cognito_proxy.list_edits.entries import Entry, State
from cognito_proxy.list_edits.stores import MAX_ADDRESSES, Busy
from tests.list_edits.memory_stores import MemoryList, quick_backoff

NOW = 100
BOTH = parse_addresses("203.0.113.9,2001:db8::1", name="address")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateIPSet")
NOT_REACHED = EndpointConnectionError(endpoint_url="https://wafv2")


class Lists:
    """A proxy's lists in memory."""

    def __init__(self) -> None:
        self.memory = {name: {4: MemoryList(), 6: MemoryList()} for name in ListName}
        self.proxy = ProxyLists(
            web_acl_name="acl",
            region="eu-west-1",
            lists={
                name: ProxyList(
                    name=name,
                    by_hand={version: memory.hand_list for version, memory in both.items()},
                    from_settings=IpList(),
                )
                for name, both in self.memory.items()
            },
        )

    def fail(self, version: int, access: str, error: Exception, *, after: int = 0) -> None:
        """Let an access to the deny list fail, again and again, after so many that do not."""
        left = [after]

        def before(name: str) -> None:
            if name == access:
                if not left[0]:
                    raise error
                left[0] -= 1

        self.memory[ListName.DENY][version].before = before


@pytest.fixture
def lists() -> Lists:
    return Lists()


def block(lists: Lists, addresses: IpList = BOTH) -> tuple[list[Edited], Exception | None]:
    """What was done before it broke off, and why it did."""
    edits = ip_edits.add_to(
        lists.proxy, ListName.DENY, addresses, EntryDetails(), overridden=(), now=NOW, backoff=quick_backoff()
    )
    return collected(edits.__next__)


def unblock(lists: Lists) -> tuple[list[Edited], Exception | None]:
    """The same for taking off."""
    return collected(ip_edits.take_off(lists.proxy, ListName.DENY, BOTH, now=NOW, backoff=quick_backoff()).__next__)


def collected(following: Callable[[], Edited]) -> tuple[list[Edited], Exception | None]:
    done: list[Edited] = []
    while True:
        try:
            done.append(following())
        except StopIteration:
            return done, None
        except Exception as error:
            return done, error


@pytest.mark.parametrize("edit", [block, unblock])
def test_what_was_done_before_a_failure_is_told(lists: Lists, edit: Callable[..., object]) -> None:
    lists.fail(6, "read", DENIED)
    done, error = edit(lists)  # type: ignore[misc]
    assert [each.address for each in done] == ["203.0.113.9/32"]
    assert error is DENIED


@pytest.mark.parametrize("error", [DENIED, NOT_REACHED])
def test_what_fails_after_it_was_recorded_is_told_to_be_carried_out_later(lists: Lists, error: Exception) -> None:
    lists.fail(4, "write", error)
    done, told = block(lists)
    assert (done, type(told)) == ([], NotAllReached)
    assert str(told).endswith("; it is recorded, and the scheduled function carries it out")
    assert set(lists.memory[ListName.DENY][4].entries) == {"203.0.113.9/32"}


@pytest.mark.proves("exit-code-1")
@pytest.mark.parametrize(("access", "after"), [("get", 0), ("read", 1)])
def test_what_fails_before_it_was_recorded_changed_nothing(lists: Lists, access: str, after: int) -> None:
    lists.fail(4, access, DENIED, after=after)
    assert block(lists) == ([], DENIED)
    assert lists.memory[ListName.DENY][4].entries == {}


def test_a_record_that_was_refused_is_none(lists: Lists) -> None:
    lists.fail(4, "put", DENIED)
    assert block(lists) == ([], DENIED)


def test_a_record_without_an_answer_may_be_one(lists: Lists) -> None:
    lists.fail(4, "put", NOT_REACHED)
    assert isinstance(block(lists)[1], NotAllReached)


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("edit", [block, unblock])
def test_a_list_that_is_too_busy_to_be_read_was_not_changed(
    lists: Lists, edit: Callable[..., object], after: int
) -> None:
    lists.fail(4, "read", Busy(), after=after)
    done, error = edit(lists)  # type: ignore[misc]
    assert (done, type(error)) == ([], CommandError)
    assert "again" in str(error)
    assert lists.memory[ListName.DENY][4].entries == {}


def test_an_edit_that_others_never_let_through_was_not_recorded(lists: Lists) -> None:
    """Somebody else writes the entry again and again, just before it would be."""
    memory = lists.memory[ListName.DENY][4]

    def overtake(name: str) -> None:
        if name == "put":
            entry = Entry(address="203.0.113.9/32", state=State.LISTED, changed_at=NOW, added_at=NOW)
            memory.entries[entry.address] = entry

    memory.before = overtake
    done, error = block(lists)
    assert (done, type(error)) == ([], CommandError)
    assert str(error) == "deny list: too many edits at once; nothing was changed, try again"


def test_a_list_that_stays_busy_carries_the_edit_out_later(lists: Lists) -> None:
    lists.fail(4, "write", Busy())
    assert str(block(lists)[1]) == (
        "deny list: too many edits at once; it is recorded, and the scheduled function carries it out"
    )


def test_a_list_that_fills_up_meanwhile_takes_what_it_can(lists: Lists) -> None:
    memory = lists.memory[ListName.DENY][4]
    full = [f"10.{n // 250}.{n % 250}.1/32" for n in range(MAX_ADDRESSES - 1)]

    def fill(name: str) -> None:
        if name == "put" and not memory.addresses:
            memory.by_console(full)

    memory.before = fill
    done, error = block(lists, parse_addresses("203.0.113.8,203.0.113.9", name="address"))
    assert (done, type(error)) == ([], NotAllReached)
    assert str(error) == "deny list: full, no room for 203.0.113.9; the others are on it"
    assert "203.0.113.8/32" in memory.addresses
