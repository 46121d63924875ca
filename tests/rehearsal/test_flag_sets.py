"""Whatever flags there are: every type of resource has words and a price, and the page is made."""

from __future__ import annotations

import pytest

from local.rehearsal.as_html import html_of
from local.rehearsal.as_text import text_of
from local.rehearsal.catalogue import assumptions, kinds, prices
from local.rehearsal.costs import AT_REST, IN_USE, bill, total
from local.rehearsal.page import page_of
from local.rehearsal.plan import Plan, read_plan
from tests.app.flag_sets import FLAG_SETS
from tests.syntheses import Syntheses


@pytest.fixture(scope="module", params=FLAG_SETS)
def flags(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def plan(flags: str, syntheses: Syntheses) -> Plan:
    return read_plan(syntheses.assembly(FLAG_SETS[flags]))


def test_every_type_has_words_and_a_price(plan: Plan) -> None:
    assert {resource.kind for resource in plan.resources} - kinds().keys() == set()


def test_it_is_known_for_what_it_is(plan: Plan, flags: str) -> None:
    assert plan.is_edge is flags.startswith("edge")
    assert plan.memory_mb == 512
    assert plan.calls_cognito_itself is (not plan.is_edge or flags in {"edge everything", "edge second region"})


def test_metrics_are_charged_where_each_call_has_a_line(plan: Plan, flags: str) -> None:
    used = {line.price.what for line in bill(IN_USE, plan, given=assumptions(), prices=prices())}
    assert (prices()["custom-metric"].what in used) is (flags not in {"logged", "edge logged"})


def test_it_costs_what_its_parts_cost(plan: Plan, flags: str) -> None:
    rest = bill(AT_REST, plan, given=assumptions(), prices=prices())
    of = {line.price.what: line.usd for line in rest}
    web_acls = sum(resource.kind == "AWS::WAFv2::WebACL" for resource in plan.resources)
    assert web_acls == (2 if "second_region" in FLAG_SETS[flags] and not plan.is_edge else 1)
    assert of["web ACL"] == 5 * web_acls
    assert of[prices()["web-acl-rule"].what] == len(plan.rules)
    assert total(rest) > 5 + len(plan.rules)
    assert total(bill(IN_USE, plan, given=assumptions(), prices=prices())) > 0


def test_the_page_names_every_stack_and_warning_and_no_account(plan: Plan) -> None:
    page = page_of(plan)
    text = text_of(page)
    for stack in plan.stacks:
        assert f"Stack {stack.name}, in " in text
    words = " ".join(text.split())
    for warning in plan.warnings:
        assert " ".join(warning.split()) in words
        assert "[ack:" not in warning
    assert "000000000000" not in text + html_of(page)


def test_warnings_are_read(syntheses: Syntheses) -> None:
    warnings = read_plan(syntheses.assembly({"allowed_origins": "*"})).warnings
    assert any(warning.startswith("allowed_origins is '*'") for warning in warnings)
