"""Ordinary users beside an attack: they sign in over SRP, refresh their tokens, and now and then one signs up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from pycognito import AWSSRP  # type: ignore[import-untyped]

from local.attack.cast import HOMES, ORDINARY, Cast
from local.attack.scenarios import SECONDS
from local.attack.wire import Wire

NEWCOMER = "newcomer"
"""How the names of users begin who sign up during a scenario."""
_NEWCOMERS_HOME = "192.0.2.30"

# Shares of a scenario's time. The neighbour comes once an attack is under way, and suggested blocks are in force.
_SIGN_INS = (0.1, 0.3, 0.5, 0.7, 0.75)
_REFRESH_AFTER = 0.15
_SIGN_UP = 0.6


@dataclass(kw_only=True)
class Person:
    """One user in one scenario, and what became of their calls."""

    name: str
    address: str
    calls: int = 0
    refused: int = 0
    """How many of the calls failed, whoever said no."""
    refresh_token: str = field(default="", repr=False)


Deed = tuple[float, Callable[[], Awaitable[None]]]
"""When somebody does something, in seconds of the scenario, and what."""


def deeds_of_ordinary_users(wire: Wire, cast: Cast, *, neighbour: str, tag: str) -> tuple[list[Person], list[Deed]]:
    """The users of one scenario and what they do. `neighbour` is the last one's address; `tag` makes names new."""
    people = [Person(name=name, address=address) for name, address in zip(ORDINARY, (*HOMES, neighbour), strict=True)]
    newcomer = Person(name=f"{NEWCOMER}-{tag}", address=_NEWCOMERS_HOME)
    deeds: list[Deed] = []
    for person, share in zip(people, _SIGN_INS, strict=True):
        deeds.append((SECONDS * share, _sign_in(wire, cast, person)))
        deeds.append((SECONDS * (share + _REFRESH_AFTER), _refresh(wire, person)))
    deeds.append((SECONDS * _SIGN_UP, _sign_up(wire, cast, newcomer)))
    return [*people, newcomer], deeds


def _sign_in(wire: Wire, cast: Cast, person: Person) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        # Any client but None: nothing is called with it, AWSSRP does the arithmetic alone.
        srp = AWSSRP(
            username=person.name,
            password=cast.password(person.name),
            pool_id=wire.target.pool_id,
            client_id=wire.target.client_id,
            client=wire,
        )
        asked = srp.get_auth_params()
        answer = await _call(wire, person, "InitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": asked})
        if answer is None:
            return
        responses = srp.process_challenge(answer["ChallengeParameters"], asked)
        challenge = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
        tokens = await _call(wire, person, "RespondToAuthChallenge", challenge)
        if tokens is not None:
            person.refresh_token = tokens["AuthenticationResult"]["RefreshToken"]

    return deed


def _refresh(wire: Wire, person: Person) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        if person.refresh_token:
            flow = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": person.refresh_token}}
            await _call(wire, person, "InitiateAuth", flow)

    return deed


def _sign_up(wire: Wire, cast: Cast, person: Person) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        email = {"Name": "email", "Value": f"{person.name}@example.com"}
        document = {"Username": person.name, "Password": cast.password(person.name), "UserAttributes": [email]}
        await _call(wire, person, "SignUp", document)

    return deed


async def _call(
    wire: Wire, person: Person, operation: str, document: Mapping[str, object]
) -> dict[str, dict[str, str]] | None:
    answer = await wire.call(operation, document, address=person.address)
    person.calls += 1
    if answer.status != 200:
        person.refused += 1
        return None
    found: dict[str, dict[str, str]] = answer.document
    return found
