"""The checks as data: what is generated from them can rely on it."""

from __future__ import annotations

import re

import pytest

from cognito_proxy.smoke.registry import ALL, CHECKS, UnknownCheck, require_known


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_says_what_is_promised_and_what_to_do(check):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", check.name)
    assert re.fullmatch(r"[A-Z][^\n]+[.]", check.promise)
    assert re.fullmatch(r"[A-Z`d][^\n]+[.]", check.advice)


def test_names_are_unique():
    assert len({check.name for check in ALL}) == len(ALL)


@pytest.mark.parametrize("checks", [CHECKS, ALL], ids=["checks", "with probes"])
def test_what_explains_a_failure_comes_before_it(checks):
    seen: set[str] = set()
    for check in checks:
        assert set(check.after) <= seen, check.name
        seen.add(check.name)


def test_the_probes_are_c1_to_c10():
    assert [check.probe for check in ALL if check.probe] == [f"C{number}" for number in range(1, 11)]


def test_an_unknown_name_is_refused_with_what_comes_near_it():
    require_known([check.name for check in ALL], option="--only")
    with pytest.raises(UnknownCheck, match=r"--skip: there is no check 'webacl-rules'; did you mean web-acl-rules\?"):
        require_known(["webacl-rules"], option="--skip")
    with pytest.raises(UnknownCheck, match="known are dns, tls"):
        require_known(["0"], option="--only")
