"""What becomes of checkov's findings. `make checkov` runs it."""

import tomllib

import pytest

from tests.app.flag_sets import FLAG_SETS
from tests.checkov import LEFT, ROOT, SETS, Finding, Left, complaints, findings_in, left

OPEN = Finding(check="CKV_AWS_59", resource="ProxyApiPOST28A6806D", template="reviewed-Stack.template.json")
ROW = Left(check="CKV_AWS_59", resources="ProxyApiPOST.*", reason="People who sign in are not authenticated yet.")


def test_a_finding_with_a_reason_is_no_complaint() -> None:
    assert complaints([OPEN], [ROW]) == []


@pytest.mark.parametrize(
    "other",
    [
        Left(check="CKV_AWS_18", resources=ROW.resources, reason=ROW.reason),
        Left(check=ROW.check, resources="ProxyApi", reason=ROW.reason),
        Left(check=ROW.check, resources=ROW.resources, variant="edge", reason=ROW.reason),
    ],
)
@pytest.mark.proves("checkov-clean")
def test_a_row_about_something_else_covers_nothing(other: Left) -> None:
    (uncovered, idle) = complaints([OPEN], [other])
    assert uncovered.startswith("no reason is given: CKV_AWS_59 ProxyApiPOST28A6806D")
    assert idle.startswith(f"no longer needed: {other.check}")


def test_every_row_is_still_needed_and_has_a_reason() -> None:
    assert complaints([], left()) == [f"no longer needed: {row.check} {row.variant} {row.resources}" for row in left()]
    assert all(len(row.reason.split()) >= 5 for row in left())
    assert len(tomllib.loads(LEFT.read_text(encoding="utf-8"))["left"]) == len(set(left()))


def test_a_report_that_looked_at_nothing_is_no_success() -> None:
    for summary in ({"resource_count": 0, "parsing_errors": 0}, {"resource_count": 5, "parsing_errors": 1}):
        with pytest.raises(ValueError, match="checkov read"):
            findings_in({"summary": summary, "results": {"failed_checks": []}})
    with pytest.raises(ValueError, match="checkov read 0"):
        # What it prints when there is nothing to look at.
        findings_in({"passed": 0, "failed": 0, "parsing_errors": 0, "resource_count": 0})


def test_a_report_is_read() -> None:
    failed = {
        "check_id": "CKV_AWS_59",
        "check_name": "No open access",
        "resource": "AWS::ApiGateway::Method.ProxyApiPOST28A6806D",
        "file_path": "/reviewed-Stack.template.json",
    }
    report = {"summary": {"resource_count": 5, "parsing_errors": 0}, "results": {"failed_checks": [failed]}}
    (found,) = findings_in(report)
    assert (found.check, found.resource, found.template) == (OPEN.check, OPEN.resource, OPEN.template)


@pytest.mark.proves("checkov-clean")
def test_checkov_looks_at_both_variants_with_every_switch_on() -> None:
    on = {flag for name in SETS for flag in FLAG_SETS[name]}
    assert {"private_network", "customer_key", "tracing", "reserved_concurrency", "bucket_access_log"} <= on
    assert {FLAG_SETS[name].get("variant", "regional") for name in SETS} == {"regional", "edge"}


def test_checkov_is_pinned_with_all_that_it_brings() -> None:
    lines = (ROOT / "requirements-checkov.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in line for line in pinned)
    assert any(line.startswith("checkov==") for line in pinned)
