"""One throw-away user's life through the proxy."""

from botocore.exceptions import ClientError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.person import Person, keep_tokens, person, sign_in
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_CODE = "000000"
_NEEDS = frozenset({Need.AWS, Need.USER})
_EVENT_SECONDS = 30.0


def _signs_in(world: World) -> str:
    who = person(world)
    sign_in(world, who)
    if not {"AccessToken", "IdToken", "RefreshToken"} <= who.tokens.keys():
        raise Failed(f"the sign-in gave only {', '.join(sorted(who.tokens)) or 'nothing'}")
    return f"SRP sign-in of {who.username} gave three tokens"


def _address(world: World) -> str:
    who, mine = person(world), world.my_address()

    def look() -> list[str] | None:
        events = world.cognito().admin_list_user_auth_events(UserPoolId=world.user_pool_id, Username=who.username)
        seen = [event.get("EventContextData", {}).get("IpAddress", "") for event in events["AuthEvents"]]
        return [address for address in seen if address] or None

    try:
        seen = world.wait_for(look, seconds=2.0 if world.target.is_local else _EVENT_SECONDS)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "UserPoolAddOnNotEnabledException":
            raise
        raise Failed(
            "the pool records no events: threat protection is off",
            advice="Give the pool the Plus plan and switch threat protection on, or take the flag away.",
        ) from None
    if seen is None:
        if world.target.is_local:
            raise NotCheckable("the emulator records no address with a sign-in")
        raise Failed("no authentication event of the sign-in")
    if mine not in seen:
        raise Failed(f"Cognito saw {', '.join(sorted(set(seen)))}, and the sign-in came from {mine}")
    return f"Cognito saw {mine}"


def _refreshes(world: World) -> str:
    who = person(world)
    told = []
    for operation, body in (
        ("GetTokensFromRefreshToken", {"RefreshToken": who.tokens["RefreshToken"]}),
        ("InitiateAuth", _old_refresh(who)),
    ):
        before = who.tokens["AccessToken"]
        answer = world.call(operation, {"ClientId": who.client.client_id, **body})
        result = answer.document.get("AuthenticationResult")
        if answer.status != 200 or not isinstance(result, dict) or result.get("AccessToken") in (None, before):
            raise Failed(f"{operation}: {answer.told}, and no new access token")
        keep_tokens(world, who, result)
        told.append(operation)
    return f"new access tokens by {' and by '.join(told)}"


def _old_refresh(who: Person) -> dict[str, object]:
    # What the first refresh gave is not known yet, but Cognito's grace period takes the one before it.
    return {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": who.tokens["RefreshToken"]}}


def _revokes(world: World) -> str:
    who = person(world)
    body = {"ClientId": who.client.client_id}
    revoked = world.call("RevokeToken", body | {"Token": who.tokens["RefreshToken"]})
    if revoked.status != 200:
        raise Failed(f"RevokeToken: {revoked.told}")
    again = world.call("GetTokensFromRefreshToken", body | {"RefreshToken": who.tokens["RefreshToken"]})
    if again.status == 200:
        raise Failed("a revoked refresh token still gives tokens")
    return f"a refresh afterwards: {again.told}"


def _resets(world: World) -> str:
    """Up to the code, which nobody can read here: the user has no verified address, so none is sent."""
    who = person(world)
    body = {"ClientId": who.client.client_id, "Username": who.username}
    asked = world.call("ForgotPassword", body)
    if asked.status != 200 and not _has_no_verified_address(asked):
        raise Failed(f"ForgotPassword: {asked.told}")
    wrong = world.call("ConfirmForgotPassword", body | {"ConfirmationCode": _CODE, "Password": who.password})
    if wrong.error not in ("CodeMismatchException", "ExpiredCodeException"):
        raise Failed(f"ConfirmForgotPassword with a wrong code: {wrong.told}")
    return f"the secret hash was taken: ForgotPassword {asked.status}, with a wrong code {wrong.error}"


def _has_no_verified_address(answer: Answer) -> bool:
    return answer.error == "InvalidParameterException" and "verified" in answer.message


def _deletes(world: World) -> str:
    who = person(world)
    # The tokens before are revoked.
    sign_in(world, who)
    deleted = world.call("DeleteUser", {"AccessToken": who.tokens["AccessToken"]})
    if deleted.status != 200:
        raise Failed(f"DeleteUser: {deleted.told}")
    try:
        world.cognito().admin_get_user(UserPoolId=world.user_pool_id, Username=who.username)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "UserNotFoundException":
            raise
        who.record.is_gone()
        return f"{who.username} is gone"
    raise Failed(f"{who.username} is still there")


CHECKS = (
    Check(
        name="user-signs-in",
        promise="A user signs in with SRP through the proxy.",
        run=_signs_in,
        needs=_NEEDS,
        after=("function", "app-clients-answer", "app-client-flows"),
        advice="Look at the function's log, and at the app client's authentication flows.",
        proves=("hash-of-own-username",),
    ),
    Check(
        name="user-true-address",
        promise="Cognito's threat protection sees the user's own address, not the proxy's.",
        run=_address,
        needs=_NEEDS | {Need.THREAT_PROTECTION},
        after=("user-signs-in",),
        advice="Look at the app client: EnablePropagateAdditionalUserContextData; and at the flag that was deployed.",
        proves=("true-address-told", "threat-claimed-address"),
    ),
    Check(
        name="user-refreshes",
        promise="A user's tokens are refreshed, by the new operation and by the old flow.",
        run=_refreshes,
        needs=_NEEDS,
        after=("user-signs-in",),
        advice="Look at the app client's refresh token settings, and at the function's log.",
        proves=("old-clients-refresh", "refresh-rewritten"),
    ),
    Check(
        name="user-resets",
        promise="A user who forgot the password can ask for a code, and a wrong code is refused.",
        run=_resets,
        needs=_NEEDS,
        after=("user-signs-in",),
        advice="Look at the pool's account recovery, and at the function's log.",
        proves=("proof-of-recovery",),
    ),
    Check(
        name="user-revokes",
        promise="A user's refresh token is revoked.",
        run=_revokes,
        needs=_NEEDS,
        after=("user-signs-in", "user-refreshes"),
        advice="Look at the app client: token revocation must be on.",
    ),
    Check(
        name="user-deleted",
        promise="A user can delete the account.",
        run=_deletes,
        needs=_NEEDS,
        after=("user-signs-in",),
        advice="The user is removed by the administrator's operation all the same; look at the function's log.",
        proves=("tokens-passed-through",),
    ),
)
