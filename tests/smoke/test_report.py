"""What is told of a run."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from cognito_proxy.smoke.check import Result
from cognito_proxy.smoke.report import as_json, as_junit, plan_lines, result_lines, summary
from cognito_proxy.smoke.run import plan
from cognito_proxy.smoke.verdicts import Verdict
from cognito_proxy.smoke.world import Options
from tests.smoke.fakes import check, target, world

RESULTS = [
    Result(check=check("endpoint"), verdict=Verdict.PASSED, evidence="answers <&>\x00"),
    Result(check=check("settings"), verdict=Verdict.FAILED, evidence="not there", advice="Deploy again."),
    Result(check=check("dns"), verdict=Verdict.NOT_CHECKABLE, evidence="an address"),
    Result(check=check("deny-me"), verdict=Verdict.SKIPPED, evidence="needs --deny-me"),
]


def test_a_failure_says_what_was_promised_and_what_to_do():
    one, promised, advice = result_lines(RESULTS[1], width=8)
    assert one.split() == ["FAILED", "settings", "not", "there"]
    assert promised.strip() == f"promised: {check('settings').promise}"
    assert advice.strip() == "do: Deploy again."
    assert [len(list(result_lines(result, width=8))) for result in RESULTS] == [1, 3, 1, 1]


def test_the_plan_says_what_will_be_changed():
    a_world = world()
    planned = plan(a_world, [check("endpoint"), check("deny-me")])
    assert list(plan_lines(a_world.target, planned, Options()))[1] == (
        "Plan: 1 checks, 1 left out. It changes nothing."
    )
    everything = Options(user=True, deny_me=True, flood=70)
    line = list(plan_lines(a_world.target, planned, everything))[1]
    assert "user at example.com" in line
    assert "deny list" in line
    assert "up to 70" in line


def test_the_summary_counts_every_verdict_by_itself():
    assert summary(RESULTS) == "1 passed, 1 failed, 1 not checkable here, 1 skipped"


def test_json_has_every_result_and_what_became_of_leftovers():
    document = json.loads(as_json(target(), RESULTS, removed=["gone"], left=["there"]))
    assert document["counts"] == {"passed": 1, "failed": 1, "not checkable here": 1, "skipped": 1}
    assert (document["removed"], document["left"]) == (["gone"], ["there"])
    assert document["results"][1] == {
        "name": "settings",
        "probe": None,
        "promise": check("settings").promise,
        "verdict": "failed",
        "evidence": "not there",
        "advice": "Deploy again.",
        "seconds": 0.0,
    }


def test_in_junit_nothing_counts_as_passed_that_did_not_pass():
    suite = ET.fromstring(as_junit(target(), RESULTS))  # noqa: S314 - written a moment ago
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "2")
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {"endpoint": ["system-out"], "settings": ["failure"], "dns": ["skipped"], "deny-me": ["skipped"]}
    assert suite.find("testcase/failure").get("message") == "not there"
    assert suite.find("testcase/skipped").get("message") == "not checkable here: an address"
