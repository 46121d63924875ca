"""Users who sign in over SRP and refresh, each in a thread, and what became of it."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pycognito import AWSSRP  # type: ignore[import-untyped]

from local.fronts.said_addresses import HEADER
from local.story import public_client

SIGN_IN, REFRESH = "sign-in", "refresh"

_STOP_SECONDS = 40.0


@dataclass(frozen=True, kw_only=True)
class User:
    """Who signs in, from where."""

    name: str
    password: str = field(repr=False)
    address: str


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What the users sign in to."""

    user_pool_id: str
    client_id: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that a user did. A sign-in is two calls, and nothing is tried twice."""

    what: str
    began: float
    ended: float
    outcome: str
    """The error's type; empty: it succeeded."""
    region: str
    """Whose proxy the user called."""


class Resolver:
    """A resolver that keeps an answer for a while, as every user has one. Not for several threads."""

    def __init__(self, ask: Callable[[], str], *, ttl_seconds: float) -> None:
        self._ask, self._ttl = ask, ttl_seconds
        self._answer, self._until = "", 0.0

    def answer(self) -> str:
        """Which record the name leads to, as far as this resolver knows."""
        now = time.monotonic()
        if now >= self._until:
            self._answer, self._until = self._ask(), now + self._ttl
        return self._answer


class Load:
    """All that users did so far, and what is under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deeds: list[Deed] = []
        self._under_way: Counter[str] = Counter()

    def take(self, what: str, region: str, action: Callable[[], object]) -> bool:
        """Do it, and note what became of it. Gives whether it succeeded."""
        began = time.monotonic()
        with self._lock:
            self._under_way[what] += 1
        outcome = "".join(_outcome(action))
        with self._lock:
            self._under_way[what] -= 1
            deed = Deed(what=what, began=began, ended=time.monotonic(), outcome=outcome, region=region)
            self._deeds.append(deed)
        return not outcome

    def count(self, what: str) -> int:
        """How many succeeded so far."""
        with self._lock:
            return sum(1 for deed in self._deeds if deed.what == what and not deed.outcome)

    def under_way(self, what: str) -> int:
        """How many are at it right now."""
        with self._lock:
            return self._under_way[what]

    def since(self, began: float, until: float) -> Sequence[Deed]:
        """What ended in that time."""
        with self._lock:
            return [deed for deed in self._deeds if began <= deed.ended < until]


def _outcome(action: Callable[[], object]) -> Iterator[str]:
    try:
        action()
    except ClientError as error:
        yield str(error.response["Error"]["Code"])
    except BotoCoreError as error:
        yield type(error).__name__


@contextmanager
def under_load(
    users: Sequence[User],
    pool: Pool,
    endpoints: Mapping[str, str],
    *,
    ask: Callable[[], str],
    ttl_seconds: float,
    pause_seconds: float,
) -> Iterator[Load]:
    """Each user signs in and refreshes in turn, with a pause between, while the block runs."""
    load, stop = Load(), threading.Event()
    threads = [
        threading.Thread(
            target=_live,
            args=(user, pool),
            kwargs={
                "endpoints": endpoints,
                "resolver": Resolver(ask, ttl_seconds=ttl_seconds),
                "load": load,
                "stop": stop,
                "pause_seconds": pause_seconds,
            },
            daemon=True,
        )
        for user in users
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join(_STOP_SECONDS)


def client_of(endpoint: str, region: str, address: str) -> Any:
    """An app's client, which says where it calls from."""
    client = public_client(endpoint, region)

    def say_address(request: Any, **_: Any) -> None:
        request.headers[HEADER] = address

    client.meta.events.register("before-send.cognito-identity-provider", say_address)
    return client


def _live(
    user: User,
    pool: Pool,
    *,
    endpoints: Mapping[str, str],
    resolver: Resolver,
    load: Load,
    stop: threading.Event,
    pause_seconds: float,
) -> None:
    clients = {region: client_of(url, pool.region, user.address) for region, url in endpoints.items()}
    tokens: dict[str, str] = {}
    for turn in itertools.count():
        if stop.wait(pause_seconds):
            break
        region = resolver.answer()
        if turn % 2 and tokens:
            load.take(REFRESH, region, partial(_refresh, clients[region], pool, tokens))
        else:
            load.take(SIGN_IN, region, partial(_enter, clients[region], pool, user, tokens))
    for client in clients.values():
        client.close()


def _sign_in(client: Any, pool: Pool, user: User) -> Mapping[str, str]:
    srp = AWSSRP(
        username=user.name,
        password=user.password,
        pool_id=pool.user_pool_id,
        client_id=pool.client_id,
        client=client,
    )
    # Not pycognito's own way, which leaves out the session: "this session should be passed as it is" (API reference,
    # RespondToAuthChallenge), and so do Amplify's SDKs.
    parameters = srp.get_auth_params()
    posed = client.initiate_auth(ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    answered = client.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName=posed["ChallengeName"],
        ChallengeResponses=srp.process_challenge(posed["ChallengeParameters"], parameters),
        **({"Session": posed["Session"]} if posed.get("Session") else {}),
    )
    tokens: Mapping[str, str] = answered["AuthenticationResult"]
    return tokens


def _enter(client: Any, pool: Pool, user: User, tokens: dict[str, str]) -> None:
    tokens.update(_sign_in(client, pool, user))


def _refresh(client: Any, pool: Pool, tokens: dict[str, str]) -> None:
    answer = client.get_tokens_from_refresh_token(ClientId=pool.client_id, RefreshToken=tokens["RefreshToken"])
    tokens.update(answer["AuthenticationResult"])
