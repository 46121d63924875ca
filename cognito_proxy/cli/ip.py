"""`cognito-proxy ip`: who is always let in, and who is never."""

import time
from collections.abc import Callable
from typing import Annotated, Final

import typer
from rich.console import Console

from cognito_proxy.cli import ip_edits, ip_listing
from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.proxy_lists import ListName, ProxyLists, find_lists, find_web_acl
from cognito_proxy.cli.times import expiry
from cognito_proxy.list_edits.edits import Wish
from cognito_proxy.list_edits.patience import Patience

commands = typer.Typer(
    help="Edits the firewall's lists: who is always blocked, and who is always let in.", no_args_is_help=True
)

_PATIENCE_SECONDS: Final = 90.0
_WIDTH_OF_FILES: Final = 240

Addresses = Annotated[
    list[str],
    typer.Argument(
        metavar="ADDRESS",
        help="Addresses and ranges, IPv4 and IPv6 mixed: 192.0.2.44 192.0.2.0/24 2001:db8::/32",
        show_default=False,
    ),
]
Stack = Annotated[
    str | None,
    typer.Option(envvar="COGNITO_PROXY_STACK", help="The proxy's CloudFormation stack.", show_default=False),
]
WebAclArn = Annotated[
    str | None, typer.Option(metavar="ARN", help="The web ACL, instead of --stack.", show_default=False)
]
Region = Annotated[
    str | None,
    typer.Option(
        help="The stack's Region; us-east-1 for an edge proxy. Default: AWS_REGION or the profile's.",
        show_default=False,
    ),
]
Note = Annotated[str, typer.Option(help="Why, for whoever reads the list.", show_default=False)]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="TIME", help="How long: 30m, 24h, 7d. Default: for good.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Until when: 2030-01-31T18:00Z.", show_default=False)]


def _adding(name: ListName) -> Callable[..., None]:
    def command(
        addresses: Addresses,
        *,
        stack: Stack = None,
        web_acl_arn: WebAclArn = None,
        region: Region = None,
        note: Note = "",
        duration: For = None,
        until: Until = None,
    ) -> None:
        now = int(time.time())
        parsed = ip_edits.parse(addresses)
        note = ip_edits.check_note(note)
        expires_at = expiry(duration=duration, until=until, now=now)
        aws, proxy = _proxy(stack, web_acl_arn, region)
        wish = Wish(note=note, expires_at=expires_at, added_by=aws.caller(region=proxy.region))
        _say(ip_edits.add_to(proxy, name, parsed, wish, now=now, patience=Patience(_PATIENCE_SECONDS)))

    return command


def _taking_off(name: ListName) -> Callable[..., None]:
    def command(
        addresses: Addresses, *, stack: Stack = None, web_acl_arn: WebAclArn = None, region: Region = None
    ) -> None:
        parsed = ip_edits.parse(addresses)
        _, proxy = _proxy(stack, web_acl_arn, region)
        now = int(time.time())
        _say(ip_edits.take_off(proxy, name, parsed, now=now, patience=Patience(_PATIENCE_SECONDS)))

    return command


_AGAIN: Final = "Doing it again keeps the note unless there is a new one, and never brings the end forward."

for _verb, _make, _list_name, _help in (
    ("block", _adding, ListName.DENY, f"Put addresses onto the deny list. {_AGAIN}"),
    ("unblock", _taking_off, ListName.DENY, "Take addresses off the deny list."),
    ("allow", _adding, ListName.ALLOW, f"Put addresses onto the allow list: no other rule sees them. {_AGAIN}"),
    ("unallow", _taking_off, ListName.ALLOW, "Take addresses off the allow list."),
):
    commands.command(_verb, help=_help)(_make(_list_name))


@commands.command("list")
def list_(*, stack: Stack = None, web_acl_arn: WebAclArn = None, region: Region = None, as_json: Json = False) -> None:
    """Show both lists, with notes and what expires when."""
    _, proxy = _proxy(stack, web_acl_arn, region)
    listed = ip_listing.rows(proxy)
    if as_json:
        typer.echo(ip_listing.as_json(listed))
    else:
        console = Console()
        if not console.is_terminal:
            console.width = max(console.width, _WIDTH_OF_FILES)
        console.print(ip_listing.as_table(listed, title=proxy.web_acl_name, now=int(time.time())))
    both = ip_edits.overlap(proxy)
    if both:
        typer.echo(f"warning: {both}; the allow list comes first", err=True)


def _proxy(stack: str | None, arn: str | None, region: str | None) -> tuple[Aws, ProxyLists]:
    aws = Aws(region)
    return aws, find_lists(aws, find_web_acl(aws, stack=stack, arn=arn))


def _say(said: ip_edits.Said) -> None:
    for line in said.lines:
        typer.echo(line)
    if not said.reached:
        raise typer.Exit(1)
