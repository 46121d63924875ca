"""How checks are planned and run, and what becomes of what goes wrong in them."""

from __future__ import annotations

import dataclasses

import pytest
from botocore.exceptions import EndpointConnectionError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.http import NoAnswer
from cognito_proxy.smoke.run import perform, plan
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable, Verdict
from cognito_proxy.smoke.world import Options
from tests.smoke.fakes import refusal, world

SENTINEL = "sentinel-of-a-token"


def raising(error):
    def run(_):
        raise error

    return run


def made(name, run, *, after=(), needs=()):
    return Check(name=name, promise="It holds.", run=run, after=after, needs=frozenset(needs), advice="Mend it.")


def results(checks, a_world=None, **chosen):
    a_world = a_world or world()
    return {each.check.name: each for each in perform(a_world, plan(a_world, checks, **chosen))}


def test_a_check_that_gives_evidence_passed():
    (result,) = results([made("a", lambda _: "seen")]).values()
    assert (result.verdict, result.evidence, result.advice) == (Verdict.PASSED, "seen", "")


@pytest.mark.parametrize(
    ("error", "verdict", "evidence"),
    [
        (Failed("not there"), Verdict.FAILED, "not there"),
        (NotCheckable("too far"), Verdict.NOT_CHECKABLE, "too far"),
        (refusal("GetStage", "AccessDeniedException"), Verdict.NOT_CHECKABLE, "may not call GetStage"),
        (refusal("GetStage", "ExpiredTokenException"), Verdict.NOT_CHECKABLE, "GetStage: ExpiredTokenException"),
        (refusal("GetStage", "ThrottlingException"), Verdict.NOT_CHECKABLE, "GetStage: ThrottlingException"),
        (refusal("GetStage", "NotFoundException"), Verdict.FAILED, "GetStage: NotFoundException"),
        (EndpointConnectionError(endpoint_url="x"), Verdict.NOT_CHECKABLE, "AWS was not reached"),
        (KeyError("sentinel"), Verdict.FAILED, "the check itself broke: KeyError"),
        (NoAnswer("ConnectTimeout"), Verdict.FAILED, "no answer: ConnectTimeout"),
    ],
)
def test_what_goes_wrong_becomes_a_verdict_without_the_message_of_aws(error, verdict, evidence):
    (result,) = results([made("a", raising(error))]).values()
    assert result.verdict is verdict
    assert evidence in result.evidence
    assert "sentinel" not in result.evidence
    assert bool(result.advice) is (verdict is Verdict.FAILED)


def test_what_a_failure_explains_is_skipped_be_it_at_second_hand():
    found = results(
        [
            made("a", raising(Failed("no"))),
            made("b", lambda _: "seen", after=("a",)),
            made("c", lambda _: "seen", after=("b",)),
            made("d", lambda _: "seen"),
        ]
    )
    assert {name: (each.verdict, each.evidence) for name, each in found.items()} == {
        "a": (Verdict.FAILED, "no"),
        "b": (Verdict.SKIPPED, "a failed"),
        "c": (Verdict.SKIPPED, "a failed"),
        "d": (Verdict.PASSED, "seen"),
    }


def test_what_was_not_checkable_explains_nothing():
    found = results([made("a", raising(NotCheckable("no"))), made("b", raising(Failed("no")), after=("a",))])
    assert found["b"].verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("need", "changed", "verdict", "reason"),
    [
        (Need.USER, {}, Verdict.SKIPPED, "needs --user"),
        (Need.FLOOD, {}, Verdict.SKIPPED, "needs --flood"),
        (Need.DENY_ME, {}, Verdict.SKIPPED, "needs --deny-me"),
        (Need.EDGE, {}, Verdict.SKIPPED, "for the edge variant"),
        (Need.THREAT_PROTECTION, {}, Verdict.SKIPPED, "this deployment tells Cognito no addresses"),
        (Need.AWS, {"stack": None}, Verdict.NOT_CHECKABLE, "needs --stack"),
        (Need.ORIGIN, {"stack": None, "allowed_origins": ()}, Verdict.NOT_CHECKABLE, "needs --origin"),
        (Need.ORIGIN, {"allowed_origins": ()}, Verdict.SKIPPED, "no page may call"),
        (Need.OWN_DOMAIN, {"endpoint": "https://d1.cloudfront.net/"}, Verdict.SKIPPED, "AWS's own"),
    ],
)
def test_a_check_whose_need_is_not_met_is_not_run_and_says_why(need, changed, verdict, reason):
    found = results([made("a", raising(AssertionError), needs=[need])], world(**changed))
    assert found["a"].verdict is verdict
    assert found["a"].evidence.startswith(reason) or reason in found["a"].evidence


def test_needs_that_are_met_let_a_check_run():
    options = Options(user=True, flood=100, deny_me=True)
    needs = [Need.AWS, Need.ORIGIN, Need.USER, Need.FLOOD, Need.DENY_ME, Need.REGIONAL, Need.OWN_DOMAIN]
    assert results([made("a", lambda _: "seen", needs=needs)], world(options=options))["a"].evidence == "seen"


@pytest.mark.parametrize("is_local", [True, False])
def test_what_is_aws_s_own_behaviour_no_emulator_proves(is_local):
    check = dataclasses.replace(made("a", lambda _: "seen"), is_of_aws=True)
    result = results([check], world(is_local=is_local))["a"]
    assert result.verdict is (Verdict.NOT_CHECKABLE if is_local else Verdict.PASSED)
    assert result.evidence.endswith("seen")


def test_only_and_skip_choose():
    checks = [made(name, lambda _: "seen") for name in "abc"]
    assert list(results(checks, only=["c", "a"])) == ["a", "c"]
    assert list(results(checks, skip=["a"])) == ["b", "c"]


def test_no_password_or_token_of_the_run_is_told():
    a_world = world()
    a_world.hidden.add(SENTINEL)
    checks = [made("a", lambda _: f"got {SENTINEL}\nand more"), made("b", raising(Failed(f"got {SENTINEL}")))]
    assert [each.evidence for each in results(checks, a_world).values()] == ["got (hidden) and more", "got (hidden)"]
