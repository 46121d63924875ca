"""Two hundred edits of one list at the same moment: none is lost, in neither store."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import boto3
import pytest
from botocore.config import Config

from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.list_edits.edits import EntryDetails, add, remove
from cognito_proxy.list_edits.entries import State
from cognito_proxy.list_edits.expire import expire
from cognito_proxy.list_edits.stores import Busy, HandList
from tests.cli.deployed_proxy import REGION, DeployedProxy

EDITS = 200
NOW = int(time.time())
HOUR = 3600


@pytest.fixture
def deny_list(proxy: DeployedProxy) -> Iterator[HandList]:
    """The IPv4 deny list, through clients that many threads share."""
    config = Config(max_pool_connections=EDITS, retries={"total_max_attempts": 5, "mode": "standard"})
    waf, dynamodb = (boto3.client(name, region_name=REGION, config=config) for name in ("wafv2", "dynamodb"))  # type: ignore[call-overload]
    yield proxy.hand_list(proxy.deny[4], waf_client=waf, dynamodb_client=dynamodb)
    for client in (waf, dynamodb):
        client.close()


@pytest.mark.proves("concurrent-edits")
def test_two_hundred_edits_lose_nothing(proxy: DeployedProxy, deny_list: HandList) -> None:
    to_remove = [f"192.0.2.{n}/32" for n in range(40)]
    to_extend = [f"203.0.113.{n}/32" for n in range(40)]
    new = [f"10.0.0.{n}/32" for n in range(EDITS - 80)]
    by_console = [f"172.16.0.{n}/32" for n in range(5)]
    before = EntryDetails(note="before", expires_at=NOW + HOUR)
    add(deny_list, to_remove + to_extend, before, now=NOW, backoff=Backoff(20))
    updates = proxy.waf.updates
    barrier = Barrier(EDITS + 2)

    def adding(address: str, index: int) -> Callable[[], object]:
        details = EntryDetails(note=f"note {index}", expires_at=NOW + 2 * HOUR + index)
        return lambda: add(deny_list, [address], details, now=NOW, backoff=Backoff(60))

    edits = [adding(address, index) for index, address in enumerate(new + to_extend)]
    edits += [lambda a=address: remove(deny_list, [a], now=NOW, backoff=Backoff(60)) for address in to_remove]

    def together(edit: Callable[[], object]) -> None:
        barrier.wait(timeout=30)
        edit()

    others = [
        lambda: console_adds(deny_list, by_console),
        lambda: expire(deny_list, now=NOW, backoff=Backoff(60)),
    ]
    with ThreadPoolExecutor(EDITS + 2) as pool:
        for future in [pool.submit(together, edit) for edit in itertools.chain(edits, others)]:
            future.result(timeout=100)

    assert sorted(proxy.deny[4].addresses) == sorted(new + to_extend + by_console)
    entries = proxy.entries(proxy.deny[4])
    assert {entry.state for entry in entries.values()} == {State.LISTED}
    assert {address: (entry.note, entry.expires_at) for address, entry in entries.items()} == {
        address: (f"note {index}", NOW + 2 * HOUR + index) for index, address in enumerate(new + to_extend)
    }
    # Whoever updates the IP set does it for all who wait.
    assert proxy.waf.updates - updates < EDITS
    assert proxy.waf.conflicts > 0


def console_adds(hand_list: HandList, addresses: list[str]) -> None:
    """Somebody who knows nothing of the table, only of lock tokens."""
    for address in addresses:
        for _ in range(1000):
            current = hand_list.addresses.read()
            try:
                hand_list.addresses.write(current.addresses | {address}, instead_of=current)
            except Busy:
                continue
            break
