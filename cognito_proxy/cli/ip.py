"""`cognito-proxy ip`: who is always let in, and who is never."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console

from cognito_proxy.cli import ip_edits, ip_from_top, ip_listing, ip_results
from cognito_proxy.cli.aws import AwsError, as_command_error
from cognito_proxy.cli.errors import EXIT_CODES, NOT_ALL_REACHED, CommandError, NotAllReached, WrongUsage
from cognito_proxy.cli.ip_edits import Wish
from cognito_proxy.cli.ip_from_top import Chosen
from cognito_proxy.cli.ip_overrides import MOST, Override, short
from cognito_proxy.cli.ip_results import Edited
from cognito_proxy.cli.options import Json, Local, Region, Stack, Target, target
from cognito_proxy.cli.proxy_lists import ListName, ProxyLists, find_lists, find_web_acl
from cognito_proxy.cli.times import expiry, iso, readable
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.top.last import proxy_key
from cognito_proxy.top.running import MOST_ROWS

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
SomeAddresses = Annotated[
    list[str] | None,
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

FromTop = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        max=MOST_ROWS,
        help="The first N rows of the last `top`, for 24h unless --for or --until says otherwise.",
        show_default=False,
    ),
]
RowNumber = Annotated[
    list[int] | None, typer.Option(metavar="N", help="That row of the last `top`; again for more.", show_default=False)
]
OwnAddress = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ADDRESS",
        help="With rows of `top`: yours, as AWS sees it; again for more. Default: checkip.amazonaws.com tells.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="With rows of `top`: say what would be blocked.")]
Yes = Annotated[
    bool, typer.Option("--yes", help=f"With rows of `top`: block more than {ip_from_top.MOST_AT_ONCE} at once.")
]
Force = Annotated[
    bool, typer.Option("--force", help="With rows of `top`: also your own address, and what the allow list names.")
]


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
        wish = Wish(
            addresses=ip_edits.parse(addresses),
            note=ip_edits.check_note(note),
            expires_at=expiry(duration=duration, until=until, now=now),
            now=now,
        )
        meant = target(context, stack=stack, region=region, local=local)
        _put(meant, _lists(meant, web_acl_arn), name, [wish], as_json=as_json)

    return command


def _put(meant: Target, proxy: ProxyLists, name: ListName, wishes: Sequence[Wish], *, as_json: bool) -> None:
    """Put addresses onto a list."""
    caller = meant.aws.caller(region=proxy.region)
    backoff = Backoff(_RETRY_SECONDS)
    overridden = ip_edits.overrides_with(proxy, {name: ip_edits.all_of(wishes)}, backoff=backoff)
    edits = ip_edits.put(proxy, name, wishes, caller=caller, overridden=overridden, backoff=backoff)
    _carry_out(edits, overridden, as_json=as_json)


_AGAIN = "Doing it again keeps the note unless there is a new one, and never brings the end forward."


@commands.command("block", help=f"Put addresses onto the deny list. {_AGAIN}", epilog=EXIT_CODES)
def block(
    context: typer.Context,
    addresses: SomeAddresses = None,
    *,
    stack: Stack = None,
    web_acl_arn: WebAclArn = None,
    region: Region = None,
    local: Local = False,
    note: Note = "",
    duration: For = None,
    until: Until = None,
    from_top: FromTop = None,
    row: RowNumber = None,
    own_address: OwnAddress = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Block what is typed, or rows of the last `cognito-proxy top`."""
    if from_top is None and not row:
        if own_address or dry_run or yes or force:
            raise WrongUsage("--own-address, --dry-run, --yes and --force go with --from-top and --row")
        if not addresses:
            raise WrongUsage("Missing argument 'ADDRESS' (see --help)")
        _adding(ListName.DENY)(
            context,
            addresses,
            stack=stack,
            web_acl_arn=web_acl_arn,
            region=region,
            local=local,
            note=note,
            duration=duration,
            until=until,
            as_json=as_json,
        )
        return
    _check_rows_alone(addresses=addresses, web_acl_arn=web_acl_arn, dry_run=dry_run, yes=yes)
    now = int(time.time())
    note = ip_edits.check_note(note)
    lasting = duration if duration is not None or until is not None else ip_from_top.DEFAULT_DURATION
    expires_at = expiry(duration=lasting, until=until, now=now)
    meant = target(context, stack=stack, region=region, local=local)
    kept = ip_from_top.fresh_last(proxy_key(stack=meant.stack or "", region=meant.aws.region or "", local=local))
    found = ip_from_top.chosen(kept, first=from_top, numbers=row or [])
    proxy = _lists(meant, None)
    if not force:
        found = _spared(found, proxy, local=local, own_address=own_address or ())
    for line in found.left_out:
        typer.echo(f"warning: {line}", err=True)
    if not found.rows:
        raise CommandError("none of these rows is to be blocked; nothing was changed")
    wishes = list(ip_from_top.wishes(kept, found, note=note, expires_at=expires_at, now=now))
    if dry_run or (len(wishes) > ip_from_top.MOST_AT_ONCE and not yes):
        _tell_dry_run(wishes, as_json=as_json, too_many=not dry_run)
        return
    _put(meant, proxy, ListName.DENY, wishes, as_json=as_json)
    if found.left_out:
        raise typer.Exit(NOT_ALL_REACHED)


def _check_rows_alone(*, addresses: list[str] | None, web_acl_arn: str | None, dry_run: bool, yes: bool) -> None:
    if addresses:
        raise WrongUsage("addresses, and --from-top or --row: give one of the two")
    if dry_run and yes:
        raise WrongUsage("--dry-run and --yes: give one of them")
    if web_acl_arn is not None:
        raise WrongUsage("--from-top and --row need --stack, or --local: they take rows of top about that stack")


def _spared(found: Chosen, proxy: ProxyLists, *, local: bool, own_address: Sequence[str]) -> Chosen:
    """Without whom the caller would not want to block."""
    if not found.rows:
        return found
    own_addresses = ip_from_top.own(local=local, given=own_address)
    return ip_from_top.spared(found, proxy, own_addresses=own_addresses, backoff=Backoff(_RETRY_SECONDS))


def _tell_dry_run(wishes: Sequence[Wish], *, as_json: bool, too_many: bool) -> None:
    rows = [(address, wish) for wish in wishes for address in (*wish.addresses.v4, *wish.addresses.v6)]
    if as_json:
        document = [
            {
                "list": "deny",
                "address": address,
                "outcome": "dry run",
                "note": wish.note,
                "expires_at": iso(wish.expires_at),
            }
            for address, wish in rows
        ]
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        for address, wish in rows:
            typer.echo(f"would block {short(address)} until {readable(wish.expires_at or wish.now)}: {wish.note}")
    if too_many:
        typer.echo(
            f"warning: nothing was changed: more than {ip_from_top.MOST_AT_ONCE} at once are blocked with --yes only",
            err=True,
        )


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


for _verb, _make, _list_name, _help in (
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
