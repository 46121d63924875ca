"""The firewall's lists against the table and the template."""

from __future__ import annotations

import pytest

from cognito_proxy.list_edits.entries import Entry, State
from cognito_proxy.smoke.lists import HeldList, Lists
from cognito_proxy.smoke.removers import DENY_LIST_ENTRY, removers
from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from cognito_proxy.smoke.world import Options
from tests.list_edits.memory_stores import MemoryList
from tests.smoke.fakes import check, error, stack, target, world

NOW = 1_800_000_000
ADDRESS = "192.0.2.44"
BY_HAND = "Always blocked. Edit by hand: deployments leave this set alone."


def template(*from_settings: str):
    def reference(name):
        return {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": [name, "Arn"]}}}

    statement = {"OrStatement": {"Statements": [reference("V4"), reference("Settings")]}}
    ip_sets = {
        "V4": {"Type": "AWS::WAFv2::IPSet", "Properties": {"Description": BY_HAND, "Addresses": []}},
        "Settings": {"Type": "AWS::WAFv2::IPSet", "Properties": {"Addresses": list(from_settings)}},
    }
    acl = {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{"Name": "DenyList", "Statement": statement}]}}
    return stack({"Resources": {"Acl": acl, **ip_sets}})


def lists(memory: MemoryList, *from_settings: str, allowed: tuple[str, ...] = ()) -> Lists:
    by_hand = {4: memory.hand_list, 6: MemoryList().hand_list}
    empty = {4: MemoryList().hand_list, 6: MemoryList().hand_list}
    return Lists(
        held=[
            HeldList(name="allow", rule="AllowList", by_hand=empty, from_settings=frozenset(allowed)),
            HeldList(name="deny", rule="DenyList", by_hand=by_hand, from_settings=frozenset(from_settings)),
        ]
    )


def entry(state=State.LISTED, **more):
    return Entry(address="192.0.2.0/24", state=state, changed_at=NOW - 3600, added_at=NOW - 3600, **more)


def held(entry_: Entry | None = None, *addresses: str) -> MemoryList:
    entries = {entry_.address: entry_} if entry_ else {}
    return MemoryList(addresses=frozenset(addresses), entries=entries)


def test_lists_as_table_and_settings_say_pass():
    told = lists(held(entry(), "192.0.2.0/24"), "198.51.100.0/24").compared(template("198.51.100.0/24"), now=NOW)
    assert told == "allow 0 by hand, 0 from the settings; deny 1 by hand, 1 from the settings"


def test_an_address_from_the_console_is_fine():
    assert "deny 1 by hand" in lists(held(None, "192.0.2.0/24")).compared(template(), now=NOW)


@pytest.mark.parametrize(
    ("memory", "told"),
    [
        (held(entry()), "1 of 1 recorded addresses are not on it"),
        (held(entry(State.ADDING)), "not carried out"),
        (held(entry(expires_at=NOW - 3000), "192.0.2.0/24"), "expired"),
    ],
    ids=["emptied", "an edit that nobody carries out", "an expiry that nobody carries out"],
)
def test_a_list_that_is_not_as_the_table_says_fails_without_naming_an_address(memory, told):
    with pytest.raises(Failed, match=told) as raised:
        lists(memory).compared(template(), now=NOW)
    assert "192.0.2" not in str(raised.value)


@pytest.mark.parametrize("found", [(), ("203.0.113.0/24",), ("198.51.100.0/24", "203.0.113.0/24")])
def test_addresses_of_the_settings_that_are_not_the_deployments_fail(found):
    with pytest.raises(Failed, match="from the settings"):
        lists(held(), *found).compared(template("198.51.100.0/24"), now=NOW)


class Recorded:
    """Leftovers that note what is written down when."""

    def __init__(self, memory):
        self.memory = memory
        self.facts = None
        self.gone = False
        self.before = None

    def will_make(self, kind, facts):
        self.before = (kind, self.memory.addresses)
        self.facts = facts
        return self

    def is_gone(self):
        self.gone = True


def denying(memory, *, allowed=(), blocks=True):
    def answer(*_):
        denied = blocks and f"{ADDRESS}/32" in memory.addresses
        return error(403, "ForbiddenException") if denied else error(400, "NotAuthorizedException")

    made = world(answer=answer, options=Options(deny_me=True, address=ADDRESS), now=NOW, allowed_origins=())
    made.target.stack.outputs["WebAclArn"] = "arn:aws:wafv2:eu-west-1:1:regional/webacl/acl/id"
    made.target.stack.template["Resources"]["Acl"] = {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": []}}
    made.target.stack.physical_ids["Acl"] = "acl|id|REGIONAL"
    made.lists = lambda: lists(memory, allowed=allowed)
    made.leftovers = Recorded(memory)
    return made


def test_ones_own_address_is_written_down_denied_seen_and_taken_off():
    memory = MemoryList()
    made = denying(memory)
    assert check("deny-me").run(made).startswith(f"{ADDRESS} was blocked, and let in again")
    assert made.leftovers.before == (DENY_LIST_ENTRY, frozenset())
    assert (memory.addresses, memory.entries, made.leftovers.gone) == (frozenset(), {}, True)


def test_a_deny_list_that_blocks_nobody_fails_and_is_left_as_it_was():
    memory = MemoryList()
    with pytest.raises(Failed, match="still got through"):
        check("deny-me").run(denying(memory, blocks=False))
    assert (memory.addresses, memory.entries) == (frozenset(), {})


def test_what_somebody_else_put_there_is_not_touched():
    memory = MemoryList(addresses=frozenset({f"{ADDRESS}/32"}))
    with pytest.raises(NotCheckable, match="already"):
        check("deny-me").run(denying(memory))
    assert memory.addresses == {f"{ADDRESS}/32"}


def test_an_allowed_address_is_not_denied_in_vain():
    with pytest.raises(NotCheckable, match=r"let in by 192\.0\.2\.0/24"):
        check("deny-me").run(denying(MemoryList(), allowed=("192.0.2.0/24",)))


@pytest.mark.parametrize("name", ["deny-me", "web-acl-lists"])
def test_lists_of_a_web_acl_that_is_made_elsewhere_are_left_alone(name):
    made = denying(MemoryList())
    made.target.stack.physical_ids["Acl"] = "other|id|REGIONAL"
    made.lists = lambda: pytest.fail("looked for")
    with pytest.raises(NotCheckable, match="made elsewhere"):
        check(name).run(made)


def test_a_leftover_is_taken_off_the_list():
    memory = MemoryList(addresses=frozenset({f"{ADDRESS}/32", "203.0.113.0/24"}))
    arn = "arn:aws:wafv2:eu-west-1:1:regional/webacl/acl/id"
    made = target()
    made.stack.outputs["WebAclArn"] = arn
    remove = removers(made, cognito=list, lists=lambda: lists(memory))[DENY_LIST_ENTRY]
    remove({"web_acl_arn": arn, "address": ADDRESS})
    assert memory.addresses == {"203.0.113.0/24"}
