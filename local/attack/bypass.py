"""Straight at Cognito with the proxy's own app client: who goes round the proxy lacks the secret hash."""

import asyncio

from local.attack.play import Stage
from local.attack.results import Setting
from local.attack.scenarios import SCENARIOS
from local.attack.wire import Target, Wire, session

CALLS = 20


def try_to_bypass(stage: Stage) -> int:
    """Make `CALLS` calls of a sign-up flood so. Gives how many Cognito took: none, since it wants the proof first."""
    return asyncio.run(_try(stage))


async def _try(stage: Stage) -> int:
    proxied, direct = stage.target(Setting.PROXY), stage.target(Setting.DIRECT)
    target = Target(url=direct.url, client_id=proxied.client_id, pool_id=direct.pool_id, is_proxy=False)
    stage.run.journal.clear()
    async with session() as connections:
        wire = Wire(connections, target)
        for move in SCENARIOS[0].moves(stage.cast, scale=1, tag="bypass")[:CALLS]:
            await wire.call(move.operation, move.document, address=move.address)
    return sum(not call.proof_refused for call in stage.run.journal.calls())
