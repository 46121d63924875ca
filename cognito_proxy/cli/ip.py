"""`cognito-proxy ip`: who is always let in, and who is never."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console

from cognito_proxy.cli import ip_edits, ip_listing, ip_results
from cognito_proxy.cli.aws import AwsError, as_command_error
from cognito_proxy.cli.errors import EXIT_CODES, NOT_ALL_REACHED, CommandError, NotAllReached
from cognito_proxy.cli.ip_overrides import MOST, Override
from cognito_proxy.cli.ip_results import Edited
from cognito_proxy.cli.options import Json, Local, Region, Stack, Target, target
from cognito_proxy.cli.proxy_lists import ListName, ProxyLists, find_lists, find_web_acl
from cognito_proxy.cli.times import expiry
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.list_edits.edits import EntryDetails

commands = typer.Typer(
    help="Edits the firewall's lists: who is always blocked, and who is always let in.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
)

_RETRY_SECONDS = 90.0
_WIDTH_OF_FILES = 240

Addresses = Annotated[
    list[str],
    typer.Argument(
        metavar="ADDRESS",
        help="Addresses and ranges, IPv4 and IPv6 mixed: 192.0.2.44 192.0.2.0/24 2001:db8::/32",
        show_default=False,
    ),
]
WebAclArn = Annotated[
    str | None, typer.Option(metavar="ARN", help="The web ACL, instead of --stack.", show_default=False)
]
Note = Annotated[str, typer.Option(help="Why, for whoever reads the list.", show_default=False)]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="TIME", help="How long: 30m, 24h, 7d. Default: for good.", show_default=False),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Until when: 2030-01-31T18:00Z.", show_default=False)]


# Typer reads a command's options from its signature: so each command spells out those that it shares with the others.
def _adding(name: ListName) -> Callable[..., None]:
    def command(
        context: typer.Context,
        addresses: Addresses,
        *,
        stack: Stack = None,
        web_acl_arn: WebAclArn = None,
        region: Region = None,
        local: Local = False,
        note: Note = "",
        duration: For = None,
        until: Until = None,
        as_json: Json = False,
    ) -> None:
        now = int(time.time())
        parsed = ip_edits.parse(addresses)
        note = ip_edits.check_note(note)
        expires_at = expiry(duration=duration, until=until, now=now)
        meant = target(context, stack=stack, region=region, local=local)
        proxy = _lists(meant, web_acl_arn)
        details = EntryDetails(note=note, expires_at=expires_at, added_by=meant.aws.caller(region=proxy.region))
        backoff = Backoff(_RETRY_SECONDS)
        overridden = ip_edits.overrides_with(proxy, {name: parsed}, backoff=backoff)
        edits = ip_edits.add_to(proxy, name, parsed, details, overridden=overridden, now=now, backoff=backoff)
        _carry_out(edits, overridden, as_json=as_json)

    return command


def _taking_off(name: ListName) -> Callable[..., None]:
    def command(
        context: typer.Context,
        addresses: Addresses,
        *,
        stack: Stack = None,
        web_acl_arn: WebAclArn = None,
        region: Region = None,
        local: Local = False,
        as_json: Json = False,
    ) -> None:
        parsed = ip_edits.parse(addresses)
        proxy = _lists(target(context, stack=stack, region=region, local=local), web_acl_arn)
        now = int(time.time())
        _carry_out(ip_edits.take_off(proxy, name, parsed, now=now, backoff=Backoff(_RETRY_SECONDS)), as_json=as_json)

    return command


_AGAIN = "Doing it again keeps the note unless there is a new one, and never brings the end forward."

for _verb, _make, _list_name, _help in (
    ("block", _adding, ListName.DENY, f"Put addresses onto the deny list. {_AGAIN}"),
    ("unblock", _taking_off, ListName.DENY, "Take addresses off the deny list."),
    ("allow", _adding, ListName.ALLOW, f"Put addresses onto the allow list: no other rule sees them. {_AGAIN}"),
    ("unallow", _taking_off, ListName.ALLOW, "Take addresses off the allow list."),
):
    commands.command(_verb, help=_help, epilog=EXIT_CODES)(_make(_list_name))


@commands.command("list", epilog=EXIT_CODES)
def list_(
    context: typer.Context,
    *,
    stack: Stack = None,
    web_acl_arn: WebAclArn = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show both lists, with notes and what expires when."""
    proxy = _lists(target(context, stack=stack, region=region, local=local), web_acl_arn)
    backoff = Backoff(_RETRY_SECONDS)
    listed = ip_listing.rows(proxy, backoff=backoff)
    if as_json:
        typer.echo(ip_listing.as_json(listed))
    elif listed:
        console = Console()
        if not console.is_terminal:
            console.width = max(console.width, _WIDTH_OF_FILES)
        console.print(ip_listing.as_table(listed, title=proxy.web_acl_name, now=int(time.time())))
    else:
        typer.echo(f"{proxy.web_acl_name}: both lists are empty")
    _warn(ip_edits.overrides_with(proxy, backoff=backoff))


def _lists(meant: Target, arn: str | None) -> ProxyLists:
    return find_lists(meant.aws, find_web_acl(meant.aws, stack=meant.stack, arn=arn))


def _carry_out(edits: Iterator[Edited], overridden: Sequence[Override] = (), *, as_json: bool) -> None:
    """Do the edits, and tell of each as soon as it is done: one that fails later does not hide those before it."""
    done: list[Edited] = []
    failure: CommandError | None = None
    try:
        for edited in edits:
            done.append(edited)
            if not as_json:
                typer.echo("\n".join(edited.lines))
    except CommandError as error:
        failure = error
    except AwsError as error:
        failure = as_command_error(error)
    if as_json and (done or failure is None):
        typer.echo(ip_results.as_json(done))
    _warn(overridden)
    if failure is not None:
        raise NotAllReached(f"{failure}; what stands on stdout is done") if done else failure
    if not all(edited.is_reached for edited in done):
        raise typer.Exit(NOT_ALL_REACHED)


def _warn(overridden: Sequence[Override]) -> None:
    for each in overridden:
        typer.echo(f"warning: {each.warning}", err=True)
    if len(overridden) == MOST:
        typer.echo(f"warning: these are the first {MOST} of their kind, and there may be more", err=True)
