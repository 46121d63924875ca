"""What the function does before its first call, in the phase in which Lambda starts it (INIT).

The first call would fetch the secret and open a connection to Cognito. Here both are begun at the same time, each in a
thread of its own, so that the first user does not wait for both, one after the other. Lambda gives INIT of an
on-demand function a whole processor, however little memory the function has, and 10 seconds; a user may be waiting
for its end. With provisioned concurrency nobody waits, and the first call may come hours later: then the secret has
outlived its time to live and the connection its time to idle, and that call gets both anew, again at the same time.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html

Whatever goes wrong here goes wrong without a word. Nothing is remembered of it: the first call does all by itself, as
it would without this module, and says what is wrong.

The edge has no part in it: its settings come with the event.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from os import environ
from threading import Thread

from proxy.service import Service

MAX_SECONDS = 1.5
"""How long INIT waits for all of it, which mostly takes a tenth of this. Then INIT ends, whatever is not done."""

MAX_SECRETS = 20
"""How many app clients' secrets are fetched, in the order of the settings."""

_ON_DEMAND = "on-demand"
_PROVISIONED = "provisioned-concurrency"
# Not `snap-start`: a snapshot would hold the secrets, and connections that are dead when it is restored.


def warm_up(make_service: Callable[[], Service]) -> None:
    """Have at hand what the first call needs, if this is Lambda's INIT phase; else do nothing.

    Lambda sets the variable before it imports the function; nobody else can: its name is reserved.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    kind = environ.get("AWS_LAMBDA_INITIALIZATION_TYPE")
    if kind not in (_ON_DEMAND, _PROVISIONED):
        return
    deadline = time.monotonic() + MAX_SECONDS
    with suppress(Exception):
        service = make_service()
        connecting = _begin(lambda: service.connect(deadline=deadline))
        # On demand a user may wait: further secrets only while the connection is not there yet.
        goes_on = connecting.is_alive if kind == _ON_DEMAND else _always
        fetching = _begin(lambda: _fetch_secrets(service, goes_on, deadline))
        others = [_begin(partial(warm, deadline)) for warm in service.warm_ups()]
        for thread in (connecting, fetching, *others):
            thread.join(max(0.0, deadline - time.monotonic()))


def _fetch_secrets(service: Service, goes_on: Callable[[], bool], deadline: float) -> None:
    for position, client_id in enumerate(islice(service.settings.clients, MAX_SECRETS)):
        if time.monotonic() >= deadline or (position and not goes_on()):
            return
        with suppress(Exception):  # one client's broken secret harms no other
            service.prefetch(client_id, deadline=deadline)


def _begin(task: Callable[[], None]) -> Thread:
    """A daemon, so that a task that hangs, in the resolver for instance, keeps no process from ending."""

    def run() -> None:
        with suppress(Exception):
            task()

    thread = Thread(target=run, name="warm", daemon=True)
    thread.start()
    return thread


def _always() -> bool:
    return True
