"""What `make rehearse` runs: synthesize with somebody's flags, and tell what would be."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from local import context_flags, stopping
from local.deployment.synth import synthesize
from local.errors import LocalRunError
from local.paths import WORK_DIR, nearby
from local.rehearsal.as_html import html_of
from local.rehearsal.as_text import text_of
from local.rehearsal.page import page_of
from local.rehearsal.plan import Plan, read_plan
from local.stopping import Stopped

HTML = WORK_DIR / "rehearsal.html"
"""Where the page for a browser goes, unless told."""

_ACCOUNT = "000000000000"
"""Stands for the account, which an offline synth cannot know; it is printed nowhere."""
_REGION = "us-east-1"
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code: 0 with a page, 1 for wrong flags, 2 for wrong arguments, 130 on Ctrl-C."""
    options = _parser().parse_args(arguments)
    stopping.heed_signals()
    try:
        page = page_of(rehearsed(context_flags.flags_of(options.context), region=options.region))
        options.html.parent.mkdir(parents=True, exist_ok=True)
        options.html.write_text(html_of(page), encoding="utf-8")
    except Stopped:
        return _INTERRUPTED
    except LocalRunError as error:
        print(f"error: {str(error).removeprefix('synth failed: ')}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(text_of(page))
    print(f"The same for a browser: {nearby(options.html)}")
    return 0


def rehearsed(context: dict[str, str], *, region: str = _REGION) -> Plan:
    """Synthesize in a scratch folder, without credentials, and read what came of it.

    Raises:
        LocalRunError: the app refuses the flags; the message is its own.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        return read_plan(synthesize(context=context, out_dir=Path(folder), account=_ACCOUNT, region=region))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as for every other error."""
        self.exit(2, f"error: {message} (python -m local.rehearsal --help says more)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m local.rehearsal", description="Tell what a deployment would make and cost.")
    context_flags.add_to(parser)
    parser.add_argument(
        "--region",
        default=os.environ.get("AWS_REGION") or _REGION,
        help=f"where a demonstration would go, which has no pool yet (default: AWS_REGION, or {_REGION})",
    )
    parser.add_argument("--html", type=Path, default=HTML, help=f"the page for a browser (default: {nearby(HTML)})")
    return parser
