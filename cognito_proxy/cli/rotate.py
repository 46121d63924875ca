"""`cognito-proxy rotate`: a new secret for an app client, now."""

import re
from typing import Annotated, Final

import typer

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import CommandError, WrongUsage
from cognito_proxy.cli.stack_outputs import stack_outputs
from cognito_proxy.rotation_commands import RotationRefused, Rotator

OUTPUT: Final = "SecretArn"
"""The stack's output with the secret's ARN; that of a further app client ends in its name."""

_ARN: Final = re.compile(r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:.+")

Stack = Annotated[
    str | None,
    typer.Option(envvar="COGNITO_PROXY_STACK", help="The proxy's CloudFormation stack.", show_default=False),
]
AppClient = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Which of the stack's app clients, by its name in the flag app_clients. Default: the first.",
        show_default=False,
    ),
]
Secret = Annotated[
    str | None, typer.Option(metavar="ARN", help="The secret's ARN, instead of --stack.", show_default=False)
]
Region = Annotated[
    str | None,
    typer.Option(
        help="The stack's Region; us-east-1 for an edge proxy. Default: AWS_REGION or the profile's.",
        show_default=False,
    ),
]
Leaked = Annotated[
    bool, typer.Option("--leaked", help="End the replaced secret at once: proxies fail until they fetch the new one.")
]


def rotate(
    *,
    stack: Stack = None,
    app_client: AppClient = "",
    secret: Secret = None,
    region: Region = None,
    leaked: Leaked = False,
) -> None:
    """Give an app client a new secret now, while users sign in.

    The replaced secret stays valid for the overlap (an hour, unless the AppClient says otherwise) and is then deleted.
    """
    aws = Aws(region)
    arn = secret or _output(aws, stack, f"{OUTPUT}{app_client.capitalize()}")
    found = _ARN.fullmatch(arn)
    if found is None:
        raise WrongUsage(f"--secret: {arn!r} is not the ARN of a secret in Secrets Manager")
    # Rotation runs where the primary is, whichever Region the proxy is in.
    services = {name: aws.client(name, region=found[1]) for name in ("secretsmanager", "lambda")}
    rotator = Rotator(secrets_manager=services["secretsmanager"], functions=services["lambda"], secret_id=arn)
    try:
        done = rotator.rotate(leaked=leaked)
    except RotationRefused as refused:
        raise CommandError(str(refused)) from None
    typer.echo(f"Version {done.version} is current.")
    typer.echo(
        "The secret before it is deleted: proxies that still hold it fail until they fetch the new one."
        if done.previous_ended
        else "The secret before it stays valid for the overlap, and is then deleted."
    )


def _output(aws: Aws, stack: str | None, name: str) -> str:
    if stack is None:
        raise WrongUsage("give --stack, the proxy's CloudFormation stack, or --secret, the secret's ARN")
    outputs = stack_outputs(aws, stack)
    if name not in outputs:
        there = ", ".join(sorted(key for key in outputs if key.startswith(OUTPUT))) or "none of its kind"
        raise CommandError(f"stack {stack}: no output {name}, but {there}; or give --secret, the secret's ARN")
    return outputs[name]
