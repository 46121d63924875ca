"""`cognito-proxy audit`: which doors past the proxy a user pool leaves open."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cognito_proxy.audit.last_use import DAYS, MAX_DAYS
from cognito_proxy.audit.reading import PoolNotFound, Reading, read
from cognito_proxy.audit.verdict import judge
from cognito_proxy.audit.words import as_document, as_lines
from cognito_proxy.cli.aws import explained
from cognito_proxy.cli.errors import DOOR_OPEN, CommandError, WrongUsage
from cognito_proxy.cli.options import Json, Local, Region, Stack, Target, target
from cognito_proxy.cli.stack_outputs import stack_outputs

_POOL = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)_[0-9A-Za-z]+")
_CLIENT_ID = "AppClientId"

UserPoolId = Annotated[
    str | None,
    typer.Option(metavar="ID", help="The user pool. Default: that of --stack, or of --local.", show_default=False),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CLIENT_ID", help="An app client whose doors are meant to be open; repeat it.", show_default=False
    ),
]
Days = Annotated[int, typer.Option(min=1, max=MAX_DAYS, help="How far back to look for use.")]

_WITHOUT = {
    "GetWebACLForResource": "whether a web ACL is on the pool is not known",
    "GetMetricData": "when app clients were last used is not known",
    "ListUserPoolClientSecrets": "an app client that DescribeUserPoolClient shows no secret of counts as one without",
}


def audit(
    context: typer.Context,
    *,
    user_pool_id: UserPoolId = None,
    stack: Stack = None,
    region: Region = None,
    accept: Accept = None,
    days: Days = DAYS,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Tell which app clients of a user pool let calls past the proxy, and what to do about each.

    Changes nothing. Exit code 4 while a door is open. With --stack, the app clients of that proxy are known as its own.
    """
    proxy = target(context, stack=stack, region=region, local=local)
    outputs = stack_outputs(proxy.aws, proxy.stack) if proxy.stack is not None else {}
    pool_id = _pool_id(user_pool_id, outputs)
    found = _read(proxy, pool_id, outputs, days)
    _warn(found, accept or [])
    judged = judge(found.pool, found.clients, accepted=frozenset(accept or ()))
    if as_json:
        typer.echo(json.dumps(as_document(judged), indent=2, ensure_ascii=False))
    else:
        for line in as_lines(judged):
            typer.echo(line)
    if judged.open:
        raise typer.Exit(DOOR_OPEN)


def _pool_id(given: str | None, outputs: Mapping[str, str]) -> str:
    of_the_stack = outputs.get("UserPoolId")
    pool_id = given or of_the_stack
    if pool_id is None:
        raise WrongUsage("give --user-pool-id, or --stack, a proxy's CloudFormation stack with the output UserPoolId")
    if _POOL.fullmatch(pool_id) is None:
        raise WrongUsage(f"--user-pool-id: {pool_id!r} is not a user pool's id, such as eu-west-1_AbCdEf123")
    if of_the_stack is not None and pool_id != of_the_stack:
        raise WrongUsage(f"--user-pool-id: {pool_id} is not the pool of --stack, which is {of_the_stack}")
    return pool_id


def _read(proxy: Target, pool_id: str, outputs: Mapping[str, str], days: int) -> Reading:
    region = pool_id.partition("_")[0]

    def client(service: str) -> Any:
        return proxy.aws.client(service, region=region)

    try:
        return read(
            client,
            pool_id,
            of_the_proxy={value for key, value in outputs.items() if key.startswith(_CLIENT_ID)},
            now=datetime.now(UTC),
            days=days,
        )
    except PoolNotFound:
        raise CommandError(f"user pool {pool_id}: not in {region} of this account; look at AWS_PROFILE") from None


def _warn(found: Reading, accepted: list[str]) -> None:
    for operation, error in found.refused.items():
        typer.echo(f"warning: {explained(error)}; {_WITHOUT[operation]}", err=True)
    there = {client.client_id for client in found.clients}
    for client_id in accepted:
        if client_id not in there:
            typer.echo(f"warning: --accept: {client_id!r} is not an app client of the pool", err=True)
