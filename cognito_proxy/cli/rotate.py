"""`cognito-proxy rotate`: a new secret for an app client, now."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from cognito_proxy.app_clients.rotation_commands import (
    MOST_SECONDS,
    Rotated,
    RotationRefused,
    RotationUnfinished,
    Rotator,
)
from cognito_proxy.cli.app_client_choice import secret_of
from cognito_proxy.cli.aws import Aws, explained
from cognito_proxy.cli.errors import CommandError, NotAllReached, WrongUsage
from cognito_proxy.cli.options import Json, Local, Region, Stack, Target, target
from cognito_proxy.cli.stack_outputs import stack_outputs

_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:.+")

AppClientName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Which of the stack's app clients, by its name in the flag app_clients. Needed when there are several.",
        show_default=False,
    ),
]
Secret = Annotated[
    str | None, typer.Option(metavar="ARN", help="The secret's ARN, instead of --stack.", show_default=False)
]
Leaked = Annotated[
    bool, typer.Option("--leaked", help="End the replaced secret at once: proxies fail until they fetch the new one.")
]


def rotate(
    context: typer.Context,
    *,
    stack: Stack = None,
    app_client: AppClientName = None,
    secret: Secret = None,
    region: Region = None,
    leaked: Leaked = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Give an app client a new secret now, while users sign in.

    The replaced secret stays valid for the overlap (an hour, unless the AppClient says otherwise) and is then deleted.
    """
    proxy = target(context, stack=stack, region=region, local=local)
    name, arn = _meant(proxy, app_client, secret)
    with _waiting():
        done = _rotated(_rotator(proxy.aws, arn), leaked=leaked)
    if as_json:
        typer.echo(_as_json(done, name, arn))
    else:
        typer.echo(_as_text(done, name, leaked=leaked))


def _meant(proxy: Target, app_client: str | None, secret: str | None) -> tuple[str | None, str]:
    """Name, where it is known, and secret's ARN of the app client that the options name."""
    if secret is not None:
        if app_client is not None:
            raise WrongUsage("--secret and --app-client: give one of them")
        return None, secret
    if proxy.stack is None:
        raise WrongUsage("give --stack, the proxy's CloudFormation stack, --secret, the secret's ARN, or --local")
    return secret_of(stack_outputs(proxy.aws, proxy.stack), app_client, stack=proxy.stack)


def _rotator(aws: Aws, arn: str) -> Rotator:
    found = _ARN.fullmatch(arn)
    if found is None:
        raise WrongUsage(f"--secret: {arn!r} is not the ARN of a secret in Secrets Manager")
    # Rotation runs where the primary is, whichever Region the proxy is in.
    return Rotator(
        secrets_manager=aws.client("secretsmanager", region=found[1]),
        functions=aws.client("lambda", region=found[1]),
        secret_id=arn,
    )


def _rotated(rotator: Rotator, *, leaked: bool) -> Rotated:
    try:
        return rotator.rotate(leaked=leaked)
    except RotationUnfinished as unfinished:
        left = "the leaked secret still works: run the command again" if leaked else "the secret before it still works"
        raise NotAllReached(f"{_reason(unfinished)}; a rotation was begun and may not have ended, and {left}") from None
    except RotationRefused as refused:
        raise CommandError(_reason(refused)) from None


def _reason(refused: RotationRefused) -> str:
    return str(refused) if refused.aws_error is None else explained(refused.aws_error)


@contextmanager
def _waiting() -> Iterator[None]:
    """Somebody at a terminal sees that something happens; a program sees nothing of it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"Rotating: {MOST_SECONDS / 60:.0f} minutes at most, seconds as a rule"):
        yield


def _as_text(done: Rotated, name: str | None, *, leaked: bool) -> str:
    """For people."""
    whose = "The app client" if name is None else f"App client {name}"
    before = (
        "is deleted: proxies that still hold it fail until they fetch the new one."
        if leaked
        else "stays valid for the overlap, and is then deleted."
    )
    return f"{whose} has a new secret: version {done.version} is current.\nThe secret before it {before}"


def _as_json(done: Rotated, name: str | None, arn: str) -> str:
    """For programs."""
    return json.dumps(
        {
            "app_client": name,
            "secret_arn": arn,
            "version": done.version,
            "previous_ended": done.previous_ended,
        },
        indent=2,
    )
