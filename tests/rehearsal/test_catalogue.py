"""The tables are whole: nothing without a source, no name that leads nowhere, no action that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import botocore.session
import pytest

from local.rehearsal.catalogue import assumptions, kinds, notes, prices, quotas
from local.rehearsal.costs import AT_REST, IN_USE
from local.rehearsal.page import MEASURES

SERVICES = {"apigateway": "apigateway", "sns": "sns", "events": "events"}
PERMISSION_ONLY = {
    # API Gateway's permissions are HTTP methods on paths (API Gateway developer guide, Control access to an API).
    *(f"apigateway:{method}" for method in ("POST", "PUT", "PATCH", "DELETE")),
    # Permissions without an operation of that name (Service Authorization Reference).
    "apigateway:SetWebACL",
    "lambda:EnableReplication*",
    "lambda:InvokeFunction",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
}


def actions() -> Iterator[str]:
    yield from sorted({action for kind in kinds().values() for action in kind.actions} - PERMISSION_ONLY)


@pytest.mark.parametrize("name", prices())
def test_every_price_has_a_date_a_page_and_where_it_was_read(name: str) -> None:
    price = prices()[name]
    assert price.usd > 0
    assert price.times >= 1
    assert price.page.startswith("https://aws.amazon.com/")
    assert price.seen_in
    assert price.where
    assert date(2026, 1, 1) <= price.looked_up <= date.today()  # noqa: DTZ011 - a day is a day


@pytest.mark.parametrize("name", kinds())
def test_every_kind_is_charged_or_says_why_not(name: str) -> None:
    kind = kinds()[name]
    assert [bool(kind.charged), bool(kind.free), bool(kind.unpriced)].count(True) == 1
    assert set(kind.charged) <= prices().keys()
    assert kind.one
    assert kind.many
    assert kind.group
    assert kind.actions


def test_every_price_is_some_kinds() -> None:
    assert {price for kind in kinds().values() for price in kind.charged} | {"web-acl-request"} == set(prices())


def test_what_is_counted_has_a_price() -> None:
    assert AT_REST.keys() | IN_USE.keys() <= prices().keys()


def test_what_is_charged_is_counted_or_said_otherwise() -> None:
    # The table holds kilobytes; users are charged with and without the proxy, and the page says so.
    said_otherwise = {"table-gb", "user-lite", "user-essentials", "user-plus"}
    assert prices().keys() - AT_REST.keys() - IN_USE.keys() == said_otherwise


@pytest.mark.parametrize("action", list(actions()))
def test_every_action_is_an_operation_of_its_service(action: str) -> None:
    service, _, operation = action.partition(":")
    model = botocore.session.get_session().get_service_model(SERVICES.get(service, service))
    assert operation in model.operation_names


@pytest.mark.parametrize("quota", quotas(), ids=lambda quota: quota.name)
def test_every_quota_has_a_source_and_a_measure_that_exists(quota: object) -> None:
    assert quota.source  # type: ignore[attr-defined]
    assert quota.uses in {"", *MEASURES}  # type: ignore[attr-defined]
    assert quota.when in {"any", "edge", "regional"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["stays", "deployer"])
def test_every_note_has_a_source(name: str) -> None:
    assert all(note.source and note.text.strip() for note in notes(name))


def test_the_words_of_the_assumptions_say_its_numbers() -> None:
    given = assumptions()
    said = " ".join(given.why)
    for number in (given.ms_waiting_for_cognito, given.ms_rewriting, given.mb_scheduled, given.seconds_between_fetches):
        assert f"{number} " in said
    for number in (given.bytes_out_per_call, given.bytes_logged_per_call):
        assert f"{number:,} bytes" in said
    assert f"{given.metrics_in_use} metrics" in said
