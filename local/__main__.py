"""`python -m local`: run a variant on this machine until Ctrl-C or SIGTERM."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from local.errors import LocalRunError
from local.paths import WORK_DIR
from local.run import local_run
from local.switches import context_of
from local.variants import VARIANTS


class _Stopped(BaseException):
    """Ctrl-C or SIGTERM: unwinds like an exception, so that everything ends in order."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped. Gives the exit code: 0 when stopped, 1 when it could not run, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        with local_run(
            variant=options.variant,
            context=context_of(os.environ) | dict(options.context),
            work_dir=options.work_dir,
            port=_port(options.port),
            assembly_dir=options.assembly,
            say=_say,
        ) as run:
            print(f"READY {run.endpoint}", flush=True)
            run.emulator.wait()
    except _Stopped:
        pass
    except LocalRunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="Run the proxy on this machine until Ctrl-C.")
    parser.add_argument("--variant", default="regional", help=f"one of: {', '.join(VARIANTS)} (default: regional)")
    parser.add_argument(
        "-c",
        dest="context",
        action="append",
        default=[],
        type=_flag,
        metavar="NAME=VALUE",
        help="a context flag of the app, as for cdk synth",
    )
    parser.add_argument("--port", help="port of the endpoint (default: PORT, or any free one)")
    parser.add_argument("--assembly", type=Path, help="cloud assembly to deploy (default: the app is synthesized)")
    parser.add_argument("--work-dir", type=Path, default=WORK_DIR, help="folder of this run (default: .local)")
    return parser


def _flag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _port(option: str | None) -> int:
    text = option if option is not None else os.environ.get("PORT") or "0"
    if not text.isascii() or not text.isdigit():
        raise LocalRunError(f"port {text!r} is not a number: give 1 to 65535, or 0 for any free one")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Stopping takes a moment: a second Ctrl-C must not interrupt it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped


if __name__ == "__main__":
    sys.exit(main())
