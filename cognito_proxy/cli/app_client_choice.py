"""Which of a stack's app clients is meant, by its name in the flag `app_clients`.

Rotating the wrong secret looks like success while the leaked one goes on working. So nothing is guessed: with several
app clients one must be named, and a name must be the stack's own.
"""

from collections.abc import Mapping

from cognito_proxy.cli.errors import CommandError, WrongUsage

ARN = "SecretArn"
"""The stack's output with the secret's ARN; that of a further app client ends in its name: `SecretArnIos`."""

NAMES = "AppClients"
"""The stack's output with the names in the flag's order, `web,ios`; the first is that of `SecretArn`."""


def secret_of(outputs: Mapping[str, str], name: str | None, *, stack: str) -> tuple[str | None, str]:
    """Name and secret's ARN of the app client that is meant; a name of None: it has none.

    Args:
        outputs: the stack's.
        name: as in the flag, in any case. None: the only one.
        stack: the stack's name, for errors.

    Raises:
        CommandError: the stack has no app client, or none of that name.
        WrongUsage: it has several, and none was named.
    """
    if ARN not in outputs:
        raise CommandError(f"stack {stack}: no output {ARN}; give the secret itself with --secret")
    by_name = _by_name(outputs)
    if name is None:
        if len(by_name) > 1:
            raise WrongUsage(
                f"stack {stack} has several app clients, so name one with --app-client: {_listed(by_name, outputs)}"
            )
        return next(iter(by_name.items()))
    found = name.strip().lower()
    if found not in by_name:
        raise CommandError(f"stack {stack}: no app client {name!r}; {_there_are(by_name, outputs)}")
    return found, by_name[found]


def _by_name(outputs: Mapping[str, str]) -> dict[str | None, str]:
    """Secrets by name, in the flag's order. The first one's name is None where the stack does not tell it."""
    endings = sorted(key.removeprefix(ARN) for key in outputs if key.startswith(ARN))
    further = {ending.lower(): outputs[f"{ARN}{ending}"] for ending in endings if ending}
    first, *others = outputs.get(NAMES, "").split(",")
    in_order = {name: further[name] for name in others if name in further}
    return {first or None: outputs[ARN]} | in_order | further


def _listed(by_name: Mapping[str | None, str], outputs: Mapping[str, str]) -> str:
    # A stack that was deployed before it told the names tells all but the first.
    unnamed = f"one whose name the stack does not tell (--secret {outputs[ARN]})"
    return ", ".join(name or unnamed for name in by_name)


def _there_are(by_name: Mapping[str | None, str], outputs: Mapping[str, str]) -> str:
    if list(by_name) == [None]:
        return "it has one, without a name: leave --app-client out"
    return f"there are: {_listed(by_name, outputs)}"
