"""The throw-away user: at example.com, with a random password, and no address that a message could be sent to."""

from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.leftovers import Record
from cognito_proxy.smoke.removers import USER
from cognito_proxy.smoke.srp import SrpSignIn
from cognito_proxy.smoke.target import AppClient
from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from cognito_proxy.smoke.world import World

DOMAIN = "example.com"
"""Nobody's: RFC 2606."""

_VERIFIER = "PASSWORD_VERIFIER"


@dataclass(kw_only=True)
class Person:
    """The user of a run."""

    username: str
    client: AppClient
    record: Record
    password: str = field(repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """What the last sign-in gave."""


def person(world: World) -> Person:
    """The run's user, made when first asked for.

    Raises:
        NotCheckable: the pool wants of a user what nobody here can give.
    """
    return world.once("person", lambda: _made(world))


def sign_in(world: World, who: Person) -> str:
    """Sign in by SRP through the proxy; the tokens are kept with the person. Gives the challenge's name.

    Raises:
        Failed: a call was refused.
        NotCheckable: the pool asks for something after the password, which verified.
    """
    srp = SrpSignIn(user_pool_id=world.user_pool_id, password=who.password)
    begun = world.call(
        "InitiateAuth",
        {
            "AuthFlow": "USER_SRP_AUTH",
            "ClientId": who.client.client_id,
            "AuthParameters": {"USERNAME": who.username, "SRP_A": srp.srp_a},
        },
    )
    if begun.status != 200 or begun.document.get("ChallengeName") != _VERIFIER:
        raise Failed(f"InitiateAuth: {begun.told}")
    ended = world.call(
        "RespondToAuthChallenge",
        {
            "ChallengeName": _VERIFIER,
            "ClientId": who.client.client_id,
            "ChallengeResponses": srp.answer(begun.document["ChallengeParameters"]),
            **({"Session": begun.document["Session"]} if begun.document.get("Session") else {}),
        },
    )
    if ended.status != 200:
        raise Failed(f"RespondToAuthChallenge: {ended.told}")
    result = ended.document.get("AuthenticationResult")
    if not isinstance(result, dict):
        raise NotCheckable(f"the password verified; then the pool asks for {ended.document.get('ChallengeName')}")
    keep_tokens(world, who, result)
    return _VERIFIER


def keep_tokens(world: World, who: Person, result: dict[str, Any]) -> None:
    """Keep what a sign-in or a refresh gave, and out of everything that is told."""
    tokens = {name: str(value) for name, value in result.items() if name.endswith("Token")}
    world.hidden.update(tokens.values())
    who.tokens.update(tokens)


def _made(world: World) -> Person:
    if world.leftovers is None:
        raise NotCheckable("needs --stack, and AWS credentials")
    pool = world.cognito().describe_user_pool(UserPoolId=world.user_pool_id)["UserPool"]
    client = _client_with_srp(world)
    address = f"{world.nobody}@{DOMAIN}"
    username = _username(pool, address)
    password = f"Aa1!{token_urlsafe(30)}"
    world.hidden.add(password)
    facts = {"user_pool_id": world.user_pool_id, "username": username, "told": f"the user {username}"}
    record = world.leftovers.will_make(USER, facts | world.local_facts)
    _create(world, username, address)
    world.cognito().admin_set_user_password(
        UserPoolId=world.user_pool_id, Username=username, Password=password, Permanent=True
    )
    return Person(username=username, client=client, record=record, password=password)


def _create(world: World, username: str, address: str) -> None:
    try:
        world.cognito().admin_create_user(
            UserPoolId=world.user_pool_id,
            Username=username,
            # No message now, and none later: to an address that is not verified Cognito sends no reset code.
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "false"}],
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "InvalidParameterException":
            raise
        raise NotCheckable("the pool does not take a user that has an e-mail address only") from None


def _username(pool: dict[str, Any], address: str) -> str:
    """An address where the pool's users are named by it; else a name, since an alias must not look like an address."""
    named_by = pool.get("UsernameAttributes", ())
    if not named_by:
        return address.partition("@")[0]
    if "email" in named_by:
        return address
    raise NotCheckable("the pool's users are named by phone number, and this makes none")


def _client_with_srp(world: World) -> AppClient:
    for client in world.target.app_clients:
        described = world.cognito().describe_user_pool_client(UserPoolId=world.user_pool_id, ClientId=client.client_id)[
            "UserPoolClient"
        ]
        if "ALLOW_USER_SRP_AUTH" in described.get("ExplicitAuthFlows", ()):
            return client
    raise NotCheckable("no app client allows sign-in with SRP")
