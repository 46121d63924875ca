"""The throw-away user: how it is made, and what becomes of its tokens."""

from __future__ import annotations

import json

import pytest

from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.person import person, sign_in
from cognito_proxy.smoke.removers import USER
from cognito_proxy.smoke.srp import _N
from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from tests.smoke.fakes import CLIENT, POOL, check, error, refusal, success, world

TOKENS = {"AccessToken": "sentinel-access", "IdToken": "sentinel-id", "RefreshToken": "sentinel-refresh"}
CHALLENGE = {
    "ChallengeName": "PASSWORD_VERIFIER",
    "Session": "session",
    "ChallengeParameters": {
        "USER_ID_FOR_SRP": "internal",
        "SALT": "ab",
        "SRP_B": f"{_N - 7:x}",
        "SECRET_BLOCK": "AAAA",
    },
}


class Recorded:
    """Leftovers that remember what AWS had been asked for by the time that they were told."""

    def __init__(self, aws):
        self.aws = aws
        self.called_before = None
        self.kind = None
        self.facts = {}
        self.gone = False

    def will_make(self, kind, facts):
        self.kind, self.facts, self.called_before = kind, facts, list(self.aws.called)
        return self

    def is_gone(self):
        self.gone = True


def a_world(*, pool=None, flows=("ALLOW_USER_SRP_AUTH",), answer=None, **aws):
    answers = {
        "describe_user_pool": {"UserPool": pool or {}},
        "describe_user_pool_client": {"UserPoolClient": {"ExplicitAuthFlows": list(flows)}},
        "admin_create_user": {},
        "admin_set_user_password": {},
        **aws,
    }
    made = world(aws=answers, **({"answer": answer} if answer else {}))
    made.leftovers = Recorded(made.clients)
    return made


def signing_in(_url, operation, _body):
    return success(CHALLENGE if operation == "InitiateAuth" else {"AuthenticationResult": TOKENS | {"ExpiresIn": 3600}})


def test_is_written_down_before_it_is_made():
    made = a_world()
    who = person(made)
    assert made.leftovers.kind == USER
    assert (made.leftovers.facts["user_pool_id"], made.leftovers.facts["username"]) == (POOL, who.username)
    assert not any(name.startswith("admin") for name in made.leftovers.called_before)
    assert who.password not in json.dumps(made.leftovers.facts)
    assert person(made) is who


@pytest.mark.proves("smoke-user-no-message")
def test_gets_no_message_now_or_later():
    asked = {}
    person(a_world(admin_create_user=lambda **more: asked.update(more)))
    attributes = {each["Name"]: each["Value"] for each in asked["UserAttributes"]}
    assert asked["MessageAction"] == "SUPPRESS"
    assert attributes["email_verified"] == "false"
    assert attributes["email"].endswith("@example.com")


@pytest.mark.parametrize(
    ("pool", "ending"),
    [({}, ""), ({"AliasAttributes": ["email"]}, ""), ({"UsernameAttributes": ["email"]}, "@example.com")],
)
def test_is_named_as_the_pool_names_its_users(pool, ending):
    username = person(a_world(pool=pool)).username
    assert username.startswith("cognito-proxy-smoke-")
    assert username.endswith(ending)
    assert ("@" in username) is bool(ending)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"pool": {"UsernameAttributes": ["phone_number"]}}, "phone number"),
        ({"flows": ("ALLOW_CUSTOM_AUTH",)}, "no app client allows sign-in with SRP"),
        ({"admin_create_user": refusal("AdminCreateUser", "InvalidParameterException")}, "an e-mail address only"),
    ],
)
def test_a_pool_that_wants_more_is_not_checkable(changed, told):
    with pytest.raises(NotCheckable, match=told):
        person(a_world(**changed))


@pytest.mark.proves("smoke-shows-no-secret")
def test_what_it_knows_is_in_nothing_that_is_told():
    made = a_world(answer=signing_in)
    who = person(made)
    sign_in(made, who)
    assert {who.password, *TOKENS.values()} <= made.hidden
    assert who.password not in repr(who)
    assert "sentinel" not in repr(who)
    assert "sentinel" not in repr(made)
    assert who.client.client_id == CLIENT


def test_a_second_factor_is_no_failure():
    def answer(_url, operation, _body):
        return success(CHALLENGE if operation == "InitiateAuth" else {"ChallengeName": "SOFTWARE_TOKEN_MFA"})

    made = a_world(answer=answer)
    with pytest.raises(NotCheckable, match="the pool asks for SOFTWARE_TOKEN_MFA"):
        sign_in(made, person(made))


@pytest.mark.parametrize("operation", ["InitiateAuth", "RespondToAuthChallenge"])
def test_a_refused_sign_in_names_the_call(operation):
    def answer(url, asked, body):
        return error(400, "NotAuthorizedException") if asked == operation else signing_in(url, asked, body)

    made = a_world(answer=answer)
    with pytest.raises(Failed, match=f"^{operation}: 400 NotAuthorizedException"):
        sign_in(made, person(made))


def failing(name, told, *, when, **more):
    """A check fails when these operations answer so."""

    def answer(url, operation, body):
        if operation in when:
            return when[operation]
        return signing_in(url, operation, body)

    made = a_world(answer=answer, **more)
    sign_in(made, person(made))
    with pytest.raises(Failed, match=told):
        check(name).run(made)
    return made


def test_a_refresh_that_gives_no_new_token_fails():
    same = success({"AuthenticationResult": TOKENS})
    failing("user-refreshes", "no new access token", when={"GetTokensFromRefreshToken": same})


def test_a_revoked_token_that_still_works_fails():
    when = {"RevokeToken": success({}), "GetTokensFromRefreshToken": success({"AuthenticationResult": TOKENS})}
    failing("user-revokes", "still gives tokens", when=when)


def test_a_reset_whose_wrong_code_is_taken_fails():
    when = {"ForgotPassword": success({}), "ConfirmForgotPassword": success({})}
    failing("user-resets", "with a wrong code", when=when)


def test_a_user_who_is_still_there_after_deletion_fails_and_stays_written_down():
    made = failing("user-deleted", "still there", when={"DeleteUser": success({})}, admin_get_user={})
    assert not made.leftovers.gone


def test_a_user_who_is_gone_is_crossed_off():
    made = a_world(
        answer=lambda url, operation, body: (
            Answer(status=200, headers={}, body=b"") if operation == "DeleteUser" else signing_in(url, operation, body)
        ),
        admin_get_user=refusal("AdminGetUser", "UserNotFoundException"),
    )
    sign_in(made, person(made))
    assert check("user-deleted").run(made).endswith("is gone")
    assert made.leftovers.gone


def events(*addresses):
    return {"AuthEvents": [{"EventContextData": {"IpAddress": address}} for address in addresses]}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (events("192.0.2.1"), "Cognito saw 192.0.2.1, and the sign-in came from 198.51.100.7"),
        (events(), "no authentication event"),
        (refusal("AdminListUserAuthEvents", "UserPoolAddOnNotEnabledException"), "threat protection is off"),
    ],
)
def test_another_address_than_the_users_own_is_told(answer, told):
    made = a_world(admin_list_user_auth_events=answer)
    made.options = type(made.options)(user=True, address="198.51.100.7")
    with pytest.raises(Failed, match=told):
        check("user-true-address").run(made)


def test_the_users_own_address_passes():
    made = a_world(admin_list_user_auth_events=events("192.0.2.1", "198.51.100.7"))
    made.options = type(made.options)(user=True, address="198.51.100.7")
    assert check("user-true-address").run(made) == "Cognito saw 198.51.100.7"
