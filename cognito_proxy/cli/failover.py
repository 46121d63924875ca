"""`cognito-proxy failover`: which Region's Cognito a proxy asks first, and how to change that now."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from cognito_proxy.cli.errors import CommandError, NotAllReached, WrongUsage
from cognito_proxy.cli.options import Json, Local, Region, Stack, target
from cognito_proxy.cli.pinned_proxies import WITH_CHANGES, PinnedProxy, PinState, find_proxy

MOST_SECONDS = 1800.0
"""How long the command waits for AWS."""

_POLL_SECONDS = 5.0

To = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="Ask this Region's Cognito first; the first Region of the settings takes the pin away again.",
        show_default=False,
    ),
]
Status = Annotated[bool, typer.Option("--status", help="Show it and change nothing; so it is without --to, too.")]
KeepChanges = Annotated[
    bool,
    typer.Option(
        "--keep-changes",
        help="Go on asking the pool's own Region for what only it can do, such as sign-ups. "
        "Without it these calls get a 'try later' at once while another Region is pinned.",
    ),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until AWS has brought the change everywhere.")]


def failover(
    context: typer.Context,
    *,
    stack: Stack = None,
    to: To = None,
    status: Status = False,
    keep_changes: KeepChanges = False,
    no_wait: NoWait = False,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Have a proxy ask another Region's Cognito first, or show which one it asks.

    It needs no deployment, and the next one that changes the distribution or the function takes it back.
    """
    if status and to is not None:
        raise WrongUsage("--status and --to: give one of them")
    if keep_changes and to is None:
        raise WrongUsage("--keep-changes: give --to with it")
    proxy = target(context, stack=stack, region=region, local=local)
    if proxy.stack is None:
        raise WrongUsage("give --stack, the proxy's CloudFormation stack, or --local")
    found = find_proxy(proxy.aws, proxy.stack)
    state = found.state()
    if to is not None:
        state = _pin(found, state, to, keep_changes=keep_changes, waits=not no_wait)
    typer.echo(_as_json(found, state) if as_json else _as_text(found, state))


def _pin(proxy: PinnedProxy, before: PinState, to: str, *, keep_changes: bool, waits: bool) -> PinState:
    if len(before.regions) < 2:
        raise CommandError(
            "the proxy knows one Region only; deploy it with second_region first (in your own app: failover_regions)"
        )
    if to not in before.regions:
        raise WrongUsage(f"--to: {to!r} is none of the proxy's Regions; there are {', '.join(before.regions)}")
    text = to + (WITH_CHANGES if keep_changes and to != before.primary else "")
    if to == before.regions[0]:
        text = ""
    if text != before.pin:
        proxy.pin(text)
    return _settled(proxy) if waits else proxy.state()


def _settled(proxy: PinnedProxy) -> PinState:
    """The state once AWS has brought the change everywhere."""
    end = time.monotonic() + MOST_SECONDS
    with _waiting(proxy) as tell:
        while not (state := proxy.state()).settled:
            if time.monotonic() >= end:
                raise NotAllReached(
                    f"the change is made, but not everywhere within {MOST_SECONDS / 60:.0f} minutes; "
                    "look again with --status"
                )
            tell(MOST_SECONDS - (end - time.monotonic()))
            time.sleep(_POLL_SECONDS)
    return state


class _Progress:
    """Tells somebody at a terminal how long it has been; a program sees nothing of it."""

    def __init__(self, console: Console, proxy: PinnedProxy) -> None:
        self._text = f"Waiting: {proxy.how_long}"
        self._status = console.status(self._text) if console.is_terminal else None

    def __call__(self, seconds: float) -> None:
        if self._status is not None:
            self._status.update(f"{self._text} ({seconds:.0f} s)")

    def start(self) -> None:
        if self._status is not None:
            self._status.start()

    def stop(self) -> None:
        if self._status is not None:
            self._status.stop()


@contextmanager
def _waiting(proxy: PinnedProxy) -> Iterator[_Progress]:
    progress = _Progress(Console(stderr=True), proxy)
    progress.start()
    try:
        yield progress
    finally:
        progress.stop()


def _first(state: PinState) -> str:
    pinned = state.pin.removesuffix(WITH_CHANGES)
    return pinned if pinned in state.regions else state.regions[0]


def _changes_wait(state: PinState) -> bool:
    return _first(state) != state.primary and bool(state.pin) and not state.pin.endswith(WITH_CHANGES)


def _as_text(proxy: PinnedProxy, state: PinState) -> str:
    """For people."""
    if len(state.regions) < 2:
        return f"The proxy knows one Region only: {state.regions[0]}."
    regions = ", ".join(f"{region} (the pool's own)" if region == state.primary else region for region in state.regions)
    lines = [
        f"Regions: {regions}.",
        f"Asked first: {_first(state)}, {'by a pin' if state.pin else 'as deployed'}.",
    ]
    if _changes_wait(state):
        lines.append("Sign-ups, resets and other changes get 'try later' meanwhile (--keep-changes sends them on).")
    if not state.settled:
        lines.append(f"On its way: {proxy.how_long}.")
    if state.pin:
        lines.append(f"To take it back: --to {state.regions[0]}. A deployment that changes this part does it, too.")
    if proxy.variant == "regional":
        lines.append(
            "Each Region's stack has a pin of its own. Route 53 moves apps between the stacks by its health checks, "
            "and asks nobody."
        )
    return "\n".join(lines)


def _as_json(proxy: PinnedProxy, state: PinState) -> str:
    """For programs."""
    return json.dumps(
        {
            "variant": proxy.variant,
            "regions": list(state.regions),
            "primary": state.primary,
            "first": _first(state),
            "pinned": bool(state.pin),
            "changes_wait": _changes_wait(state),
            "settled": state.settled,
        },
        indent=2,
    )
