"""The flags against message fraud: what they take, and what the construct is given."""

import pytest

from cognito_proxy import MessageChannel
from stacks.flags import AppFlags
from stacks.flags.errors import FlagError
from stacks.phone_rules import phone_rules

POOL = {"user_pool_id": "eu-west-1_AbCdEf123"}


def test_a_plus_accepts_and_a_minus_excludes() -> None:
    rules = phone_rules(AppFlags.from_mapping(POOL | {"phone_countries": "+1, +44,-1876"}))
    assert rules is not None
    assert (list(rules.countries), list(rules.except_prefixes)) == (["+1", "+44"], ["+1876"])
    assert not rules.has_ceilings


@pytest.mark.parametrize(("limit", "of_a_range"), [("500", 50), ("3", 1), ("11", 2)])
def test_a_range_of_numbers_gets_a_tenth_of_all_messages(limit: str, of_a_range: int) -> None:
    rules = phone_rules(AppFlags.from_mapping(POOL | {"message_limit": limit}))
    assert rules is not None
    assert rules.all_messages is not None
    assert rules.per_prefix is not None
    assert (rules.all_messages.messages, rules.per_prefix.messages) == (int(limit), of_a_range)
    assert list(rules.channels) == [MessageChannel.SMS]


def test_in_a_demonstration_whose_pool_sends_no_text_messages_e_mails_count_too() -> None:
    rules = phone_rules(AppFlags.from_mapping({"message_limit": "3"}))
    assert rules is not None
    assert set(rules.channels) == set(MessageChannel)


def test_without_the_flags_there_are_no_rules() -> None:
    assert phone_rules(AppFlags.from_mapping(POOL)) is None


@pytest.mark.parametrize("value", ["1", "+", "+01", "+1;+44", "+1,+1", "+1,-1", "*", "+1234567890123456", "all"])
def test_a_wrong_prefix_is_named(value: str) -> None:
    with pytest.raises(FlagError, match=r"^phone_countries: .*allowed is calling codes"):
        AppFlags.from_mapping({"phone_countries": value})


@pytest.mark.parametrize("value", ["0", "100001", "many", "1.5"])
def test_a_wrong_limit_is_named(value: str) -> None:
    with pytest.raises(FlagError, match=r"^message_limit: .*allowed is a whole number"):
        AppFlags.from_mapping({"message_limit": value})


def test_ceilings_are_not_for_the_edge() -> None:
    with pytest.raises(FlagError, match="message_limit: 500 needs variant=regional; the edge does not see"):
        AppFlags.from_mapping({"variant": "edge", "message_limit": "500"})
