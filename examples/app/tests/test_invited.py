"""Tests of the guard: plain Python, no CDK and no AWS."""

from __future__ import annotations

from guards.invited import check

from cognito_proxy_guards import Call, Reject


def test_people_of_customers_may_sign_up() -> None:
    call = Call(operation="SignUp", attributes={"email": "ada@Example.com"}, tells=["invited_by"])
    assert check(call) is None
    assert call.told == {"invited_by": "C-1001"}


def test_others_may_not() -> None:
    for address in ("ada@example.net", "example.com", ""):
        assert isinstance(check(Call(operation="SignUp", attributes={"email": address})), Reject)
    assert isinstance(check(Call(operation="SignUp")), Reject)
