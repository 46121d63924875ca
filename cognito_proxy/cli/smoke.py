"""`cognito-proxy smoke`: does the deployed proxy keep its promises?"""

import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from cognito_proxy.cli import EXTRA
from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import FAILED, CommandError, NotAllReached, WrongUsage
from cognito_proxy.cli.local_run import find_local_run
from cognito_proxy.cli.options import STACK_VARIABLE, Json, Local, Stack
from cognito_proxy.cli.proxy_lists import ListName, find_lists
from cognito_proxy.cli.version import version
from cognito_proxy.list_edits.ip_set import WafArn
from cognito_proxy.smoke import registry, report
from cognito_proxy.smoke.check import Result
from cognito_proxy.smoke.checks.trials import MOST_REQUESTS
from cognito_proxy.smoke.http import Http
from cognito_proxy.smoke.leftovers import Leftovers, state_folder
from cognito_proxy.smoke.lists import HeldList, Lists
from cognito_proxy.smoke.removers import removers
from cognito_proxy.smoke.run import Planned, perform, plan
from cognito_proxy.smoke.stack import Clients, NoSuchStack
from cognito_proxy.smoke.target import NotAProxy, Target, endpoint_target, local_target, stack_target
from cognito_proxy.smoke.verdicts import Failed, Verdict
from cognito_proxy.smoke.world import Options, World

_COGNITO = "cognito-idp"

Region = Annotated[
    str | None,
    typer.Option(
        help="The stack's Region; with --endpoint the user pool's. Default: AWS_REGION or the profile's.",
        show_default=False,
    ),
]
Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The proxy's URL, instead of --stack; needs no AWS credentials.", show_default=False
    ),
]
ClientId = Annotated[
    str | None, typer.Option(metavar="ID", help="With --endpoint: the app client.", show_default=False)
]
Origin = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ORIGIN", help="With --endpoint: an origin that may call; again for more.", show_default=False
    ),
]
User = Annotated[bool, typer.Option("--user", help="Make a user at example.com, sign it in, and remove it again.")]
Flood = Annotated[
    int,
    typer.Option(
        metavar="N", min=0, max=MOST_REQUESTS, help="Try the sign-up rate with up to N requests.", show_default=False
    ),
]
DenyMe = Annotated[bool, typer.Option("--deny-me", help="Put your own address onto the deny list, and take it off.")]
Address = Annotated[
    str | None,
    typer.Option(help="Your own address, as AWS sees it. Default: checkip.amazonaws.com tells.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before --flood.")]
Probe = Annotated[bool, typer.Option("--probe", help="Also find out what differs between accounts: C1 to C10.")]
Only = Annotated[
    list[str] | None, typer.Option(metavar="CHECK", help="Run only this check; again for more.", show_default=False)
]
Skip = Annotated[
    list[str] | None, typer.Option(metavar="CHECK", help="Leave this check out; again for more.", show_default=False)
]
Junit = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the results as JUnit XML, too.", show_default=False)
]


@dataclass(frozen=True, kw_only=True)
class _Meant:
    """What the options name, and how to reach it."""

    target: Target
    clients: Clients | None = None
    aws: Aws | None = None
    local_id: str = ""


def smoke(
    context: typer.Context,
    *,
    stack: Stack = None,
    region: Region = None,
    endpoint: Endpoint = None,
    client_id: ClientId = None,
    origin: Origin = None,
    local: Local = False,
    user: User = False,
    flood: Flood = 0,
    deny_me: DenyMe = False,
    address: Address = None,
    yes: Yes = False,
    probe: Probe = False,
    only: Only = None,
    skip: Skip = None,
    junit: Junit = None,
    as_json: Json = False,
) -> None:
    """Check that a deployed proxy keeps its promises. Changes nothing, unless you ask for more.

    Exit code 0: nothing failed; what was not checkable from here says so. 1: something failed.
    """
    _check_names(only, skip)
    options = Options(user=user, flood=flood, deny_me=deny_me, address=_own_address(address))
    meant = _meant(
        context, stack=stack, region=region, endpoint=endpoint, client_id=client_id, origin=origin, local=local
    )
    if meant.clients is None and (user or deny_me or flood):
        raise WrongUsage("--user, --deny-me and --flood need --stack, or --local")
    checks = registry.ALL if probe else registry.CHECKS
    if only and not probe:
        checks = tuple(check for check in registry.ALL if not check.probe or check.name in only)
    with _signals(), _world(meant, options) as (world, left):
        planned = plan(world, checks, only=only or (), skip=skip or ())
        screen = _Screen(silent=as_json, planned=planned)
        screen.say(*left.said, *report.plan_lines(meant.target, planned, options))
        _ask_before_flood(flood, yes=yes, planned=planned)
        results = list(_run(world, planned, screen))
    _tell(meant.target, results, left, screen, junit=junit, as_json=as_json)


@dataclass(kw_only=True)
class _Left:
    """What became of what runs make."""

    said: list[str]
    """Of earlier runs: what is removed now."""
    earlier: list[str]
    """What they left, be it of another deployment, and is still there."""
    own: list[str]
    """What this run made and could not remove."""

    @property
    def still_there(self) -> list[str]:
        """All of it."""
        return self.earlier + self.own


class _Screen:
    def __init__(self, *, silent: bool, planned: list[Planned]) -> None:
        self._silent = silent
        self.width = report.width_of(planned)

    def say(self, *lines: str) -> None:
        if not self._silent:
            for line in lines:
                typer.echo(line)
            sys.stdout.flush()


def _run(world: World, planned: list[Planned], screen: _Screen) -> Iterator[Result]:
    for result in perform(world, planned):
        screen.say(*report.result_lines(result, width=screen.width))
        yield result


def _tell(
    target: Target, results: list[Result], left: _Left, screen: _Screen, *, junit: Path | None, as_json: bool
) -> None:
    if as_json:
        typer.echo(report.as_json(target, results, removed=left.said, left=left.still_there))
    screen.say("", report.summary(results))
    if junit is not None:
        try:
            junit.write_text(report.as_junit(target, results), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"--junit: {junit}: {error.strerror}") from None
    if any(result.verdict is Verdict.FAILED for result in results):
        raise typer.Exit(FAILED)
    if left.own:
        raise NotAllReached("not everything that was made is removed; run it again")


@contextmanager
def _world(meant: _Meant, options: Options) -> Iterator[tuple[World, _Left]]:
    """What the checks get. What earlier runs left is removed first; what this one makes, its end removes."""
    http = _http(meant.target)
    world = World(target=meant.target, http=http, options=options, clients=meant.clients, local_id=meant.local_id)
    left = _Left(said=[], earlier=[], own=[])
    try:
        if meant.aws is not None:
            aws = meant.aws
            world.lists = lambda: _lists(aws, meant.target)
            world.leftovers = Leftovers(
                state_folder(),
                removers(meant.target, cognito=world.cognito, lists=world.lists, local_id=meant.local_id),
            )
            left.said, left.earlier = world.leftovers.remove_earlier()
        yield world, left
    finally:
        if world.leftovers is not None:
            left.own += world.leftovers.remove_own()
        for line in left.still_there:
            typer.echo(f"warning: {line}", err=True)
        http.close()


def _http(target: Target) -> Http:
    try:
        return Http(user_agent=f"cognito-proxy-smoke/{version()}", through_proxies=not target.is_local)
    except ModuleNotFoundError as missing:
        # Told here, since the other commands go without it.
        install = shlex.join([sys.executable, "-m", "pip", "install", EXTRA["requests"]])
        raise CommandError(f"{missing.name} is not installed; run: {install}") from None


def _lists(aws: Aws, target: Target) -> Lists:
    arn = WafArn.parse(target.stack.outputs["WebAclArn"] if target.stack is not None else "")
    try:
        found = find_lists(aws, arn)
    except CommandError as error:
        raise Failed(str(error)) from None
    return Lists(
        held=[
            HeldList(
                name=name.name.lower(),
                rule=name.value,
                by_hand=found.lists[name].by_hand,
                from_settings=frozenset((*found.lists[name].from_settings.v4, *found.lists[name].from_settings.v6)),
            )
            for name in ListName
        ]
    )


def _meant(
    context: typer.Context,
    *,
    stack: str | None,
    region: str | None,
    endpoint: str | None,
    client_id: str | None,
    origin: list[str] | None,
    local: bool,
) -> _Meant:
    source = context.get_parameter_source("stack")
    named = stack if source is not None and source.name == "COMMANDLINE" else None
    if sum((named is not None, endpoint is not None, local)) > 1:
        raise WrongUsage("--stack, --endpoint and --local: give one of them")
    if endpoint is None and (client_id is not None or origin):
        raise WrongUsage("--client-id and --origin go with --endpoint; a stack tells them itself")
    try:
        if endpoint is not None:
            return _Meant(target=_bare(endpoint, client_id, region, origin or []))
        if local:
            if region is not None:
                raise WrongUsage("--local and --region: give one of them")
            return _local()
        return _stack(stack, region)
    except (NoSuchStack, NotAProxy) as error:
        raise CommandError(f"{error}; give its Region with --region (an edge proxy's is us-east-1)") from None


def _bare(endpoint: str, client_id: str | None, region: str | None, origins: list[str]) -> Target:
    region = region or os.environ.get("AWS_REGION") or None
    if client_id is None or region is None:
        raise WrongUsage("--endpoint needs --client-id, and --region, the user pool's")
    try:
        url = urlsplit(endpoint)
        right = url.scheme in ("https", "http") and bool(url.hostname) and not url.query and not url.username
    except ValueError:
        right = False
    if not right:
        raise WrongUsage(f"--endpoint: {endpoint!r} is no URL of a proxy; write https://auth.example.com/")
    return endpoint_target(endpoint=endpoint, client_id=client_id, region=region, origins=origins)


def _stack(stack: str | None, region: str | None) -> _Meant:
    if not stack:
        raise WrongUsage(f"give --stack (or {STACK_VARIABLE}), --endpoint, or --local")
    aws = Aws(region)
    if aws.region is None:
        raise WrongUsage("no Region; give --region or set AWS_REGION")
    return _Meant(target=stack_target(aws.client, stack, region=aws.region), clients=aws.client, aws=aws)


def _local() -> _Meant:
    run = find_local_run()
    outputs: dict[str, str] = json.loads(run.file.read_text(encoding="utf-8"))
    aws = Aws(local=run)
    # In front of the emulator's Cognito stands a stricter one, which knows two secrets of an app client.
    strict = Aws(local=replace(run, endpoint_url=outputs["upstream"]))

    def clients(service: str, *, region: str | None = None) -> Any:
        return (strict if service == _COGNITO else aws).client(service, region=region)

    target = local_target(clients, run.file)
    return _Meant(target=target, clients=clients, aws=aws, local_id=outputs["aws_endpoint_url"])


def _check_names(only: list[str] | None, skip: list[str] | None) -> None:
    try:
        registry.require_known(only or (), option="--only")
        registry.require_known(skip or (), option="--skip")
    except registry.UnknownCheck as error:
        raise WrongUsage(str(error)) from None


def _own_address(address: str | None) -> str | None:
    if address is None:
        return None
    try:
        return str(ip_address(address))
    except ValueError:
        raise WrongUsage(f"--address: {address!r} is no address; write 192.0.2.44") from None


def _ask_before_flood(flood: int, *, yes: bool, planned: list[Planned]) -> None:
    if not flood or yes or not any(each.check.name == "flood-stopped" and each.unmet is None for each in planned):
        return
    if not sys.stdin.isatty():
        raise WrongUsage("--flood asks before it begins; give --yes where nobody can answer")
    typer.confirm(f"Send up to {flood} sign-ups? This address may be limited for some minutes.", abort=True, err=True)


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the run as Ctrl-C does, so that what was made is removed."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    kept = {
        number: signal.signal(number, end)
        for name in ("SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
