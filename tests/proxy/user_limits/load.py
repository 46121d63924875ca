"""Many attempts at once on one username, from many addresses, out of several processes with several environments each.

    python -m tests.proxy.user_limits.load 10000             # a strict stand-in: tests/proxy/fake_dynamodb.py
    python -m tests.proxy.user_limits.load 10000 emulator    # the emulator's DynamoDB

Each process has threads, each thread is an execution environment of its own: connections, secrets, memory. Everything
between them and the table goes over loopback. Beside the attack, the owner signs in from home and somebody else signs
in, again and again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from proxy import counters
from proxy.call import Call
from proxy.interceptors import user_limits
from proxy.messages import Request
from proxy.operations import TARGET_PREFIX
from proxy.service import Service
from proxy.settings import parse_settings
from tests.proxy.fake_dynamodb import FakeTable
from tests.proxy.fake_service import FakeService
from tests.proxy.regional_calls import give_secret
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT
from tests.proxy.user_limits.limited import PART
from tests.proxy.user_limits.owner_and_attacker import OWNER, PASSWORD, Pool

PROCESSES, THREADS = 4, 4
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
BOB = "bob@example.com"
LIMIT = 50
_PATIENT = "PATIENT"
_BESIDE = 20
"""One in so many calls is the owner's, and one somebody else's."""


class Result(NamedTuple):
    """What became of the calls, by who made them."""

    outcomes: Counter[tuple[str, str]]
    """(`attacker`, `owner` or `other`; the error's type or `ok`) to how often."""
    uncounted: int
    """`CounterFailures` of all calls."""
    slowest: float
    """Seconds that the slowest call of the owner or the other took."""


def environment_of(urls: dict[str, str]) -> dict[str, str]:
    """What a function's environment says."""
    settings = SETTINGS_DOCUMENT | {"user_limits": PART | {"attempts": LIMIT, "table": "Counters"}}
    return {
        **{f"AWS_ENDPOINT_URL_{service}": url for service, url in urls.items()},
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PROXY_SETTINGS": json.dumps(settings),
    }


def sign_in(service: Service, name: str, address: str, password: str) -> tuple[str, int, float]:
    """Outcome, how often it could not be counted, and how long it took."""
    body = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": password},
    }
    headers = {"x-amz-target": [TARGET_PREFIX + "InitiateAuth"]}
    request = Request(method="POST", headers=headers, body=json.dumps(body).encode(), client_ip=address)
    started = time.monotonic()
    call = Call(time=time.time(), started=started)
    answer = service.answer(request, call, deadline=started + 20)
    return answer.outcome, call.counts.get("CounterFailures", 0), time.monotonic() - started


def one_environment(first: int, attempts: int) -> Result:
    """So many attempts of the attacker's, from address number `first` on, and the others beside them."""
    service = Service(parse_settings(os.environ["PROXY_SETTINGS"]))
    outcomes: Counter[tuple[str, str]] = Counter()
    uncounted, slowest = 0, 0.0
    for number in range(first, first + attempts):
        who = [("attacker", OWNER, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", "wrong")]
        if number % _BESIDE == 0:
            who += [("owner", OWNER, HOME, PASSWORD), ("other", f"{number}{BOB}", ELSEWHERE, PASSWORD)]
        for name, username, address, password in who:
            outcome, failures, seconds = sign_in(service, username, address, password)
            outcomes[name, outcome] += 1
            uncounted += failures
            slowest = max(slowest, 0.0 if name == "attacker" else seconds)
    service.close()
    return Result(outcomes, uncounted, slowest)


def one_process(task: tuple[dict[str, str], int, int]) -> Result:
    """Several environments in one process."""
    environment, first, attempts = task
    os.environ.update(environment)
    if environment.get(_PATIENT):
        # One machine plays all of AWS: what takes too long here says nothing of exactness.
        counters.MAX_CALL_SECONDS = counters.MAX_FIRST_CALL_SECONDS = user_limits.MAX_MARK_SECONDS = 15.0
    share = attempts // THREADS
    with ThreadPoolExecutor(THREADS) as threads:
        return united(threads.map(lambda thread: one_environment(first + thread * share, share), range(THREADS)))


def united(results: Iterator[Result]) -> Result:
    """The results of several as one."""
    outcomes: Counter[tuple[str, str]] = Counter()
    uncounted, slowest = 0, 0.0
    for result in results:
        outcomes.update(result.outcomes)
        uncounted += result.uncounted
        slowest = max(slowest, result.slowest)
    return Result(outcomes, uncounted, slowest)


@contextmanager
def backend(table_url: str | None = None) -> Iterator[tuple[dict[str, str], Pool, FakeService, FakeTable]]:
    """Secrets Manager, Cognito and DynamoDB; `table_url`: another DynamoDB, with a table `Counters`."""
    pool, table = Pool(time.time, locks=False), FakeTable("Counters")
    with (
        FakeService(default=give_secret) as store,
        FakeService(default=pool.behave) as cognito,
        FakeService(default=table.behave) as dynamodb,
    ):
        urls = {
            "SECRETS_MANAGER": store.url,
            "COGNITO_IDENTITY_PROVIDER": cognito.url,
            "DYNAMODB": table_url or dynamodb.url,
        }
        yield environment_of(urls), pool, dynamodb, table


def attack(
    environment: dict[str, str],
    attempts: int,
    *,
    processes: int = PROCESSES,
    patient: bool = True,
    meanwhile: Callable[[], None] = lambda: None,
) -> Result:
    """The load; `meanwhile` runs beside it. The owner has signed in before. `patient`: wait for a slow table."""
    environment = environment | ({_PATIENT: "yes"} if patient else {})
    spawn = multiprocessing.get_context("spawn")
    share = attempts // processes
    tasks = [(environment, number * share, share) for number in range(processes)]
    with spawn.Pool(processes) as pool:
        pool.apply(before, (environment,))
        results = pool.map_async(one_process, tasks, chunksize=1)
        meanwhile()
        return united(iter(results.get(timeout=300)))


def before(environment: dict[str, str]) -> None:
    """The owner signs in at home, once."""
    os.environ.update(environment)
    service = Service(parse_settings(os.environ["PROXY_SETTINGS"]))
    assert sign_in(service, OWNER, HOME, PASSWORD)[0] == "ok"
    service.close()


def main(arguments: list[str]) -> None:
    """Run the whole, and say what came of it."""
    attempts = int(arguments[0]) if arguments else 10_000
    if arguments[1:] == ["emulator"]:
        with _emulated() as url:
            _play(attempts, url)
    else:
        _play(attempts, None)


def _play(attempts: int, url: str | None) -> None:
    with backend(url) as (environment, pool, _, _):
        started = time.monotonic()
        result = attack(environment, attempts)
        took = time.monotonic() - started
    passed = result.outcomes["attacker", "NotAuthorizedException"]
    print(
        f"{attempts:,} attempts from as many addresses, {PROCESSES} processes with {THREADS} environments, {took:.1f} s"
    )
    for (who, outcome), times in sorted(result.outcomes.items()):
        print(f"  {who:9} {outcome:28} {times:>7,}")
    print(f"  not counted {result.uncounted}, slowest sign-in {result.slowest * 1000:.0f} ms, guesses {pool.guesses}")
    check(result, pool.guesses, every_one_counted=url is None)
    assert passed == pool.guesses


def check(result: Result, guesses: int, *, every_one_counted: bool = True) -> None:
    """Exactly the limit passes, the owner and all others get in.

    The owner has taken one attempt before, and may have taken more while there were some. The emulator is so slow under
    this load that a call now and then is not counted; then it is a `CounterFailures`.
    """
    by_owner = LIMIT - guesses
    assert -result.uncounted < by_owner <= LIMIT / 5, f"{guesses} guesses"
    assert {outcome for who, outcome in result.outcomes if who != "attacker"} == {"ok"}
    assert {outcome for who, outcome in result.outcomes if who == "attacker"} == {
        "NotAuthorizedException",
        "TooManyRequestsException",
    }
    assert not every_one_counted or result.uncounted == 0


@contextmanager
def _emulated() -> Iterator[str]:
    from local.deployment.emulator import Emulator

    with Emulator(work_dir=Path(tempfile.mkdtemp()), region="eu-west-1") as running:
        running.client("dynamodb").create_table(
            TableName="Counters",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        )
        yield running.endpoint


if __name__ == "__main__":
    main(sys.argv[1:])
