"""The option `-c NAME=VALUE` of the commands here: a context flag of the app, as for `cdk synth`."""

import argparse
from collections.abc import Sequence

from local.errors import LocalRunError


def add_to(parser: argparse.ArgumentParser) -> None:
    """Take `-c`, any number of times, into `context`."""
    parser.add_argument(
        "-c",
        dest="context",
        action="append",
        default=[],
        type=_flag,
        metavar="NAME=VALUE",
        help="a context flag of the app, as for cdk synth",
    )


def flags_of(given: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The flags that were given.

    Raises:
        LocalRunError: one was given twice, and not the same: a mistake.
    """
    flags: dict[str, str] = {}
    for name, value in given:
        if flags.setdefault(name, value) != value:
            raise LocalRunError(f"{name}: given twice, as {flags[name]!r} and as {value!r}")
    return flags


def _flag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
