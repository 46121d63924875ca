"""What `make attack` runs: attacks against a variant on this machine, and tables and a picture of what came through."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from local.attack.as_text import tell
from local.attack.cast import Cast
from local.attack.picture import draw
from local.attack.results import Report
from local.attack.run import USUAL_SECONDS, attack
from local.attack.scenarios import SCENARIOS, Scenario, scenarios_of
from local.errors import LocalRunError
from local.fronts.variants import VARIANTS, variant_named
from local.paths import WORK_DIR, nearby
from local.stopping import Stopped

LEAST_SECONDS, MOST_SECONDS = 30, 600
"""What `ATTACK_SECONDS` may be. With less, a flood stays below the firewall's limits."""

_NARROWEST = 110


def main(arguments: Sequence[str] | None = None) -> int:
    """Play. Gives the exit code: 0 when all was played, 1 when not, 2 for wrong arguments, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    progress = Console(stderr=True, highlight=False)
    try:
        report = _attack(options, progress)
        picture = options.png or options.work_dir / f"attack-{options.variant}.png"
        draw(report, picture)
    except Stopped:
        return 130
    except LocalRunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"error: the emulator: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report.as_document(), indent=2))
    else:
        tell(report, Console(highlight=False, width=None if sys.stdout.isatty() else _NARROWEST))
    progress.print(Text(f"drawn: {nearby(picture.resolve())}", style="dim"), soft_wrap=True)
    return 0 if report.complete else 1


def _attack(options: argparse.Namespace, progress: Console) -> Report:
    variant_named(options.variant)
    seconds = _seconds(os.environ.get("ATTACK_SECONDS") or str(USUAL_SECONDS))
    return attack(
        variant=options.variant,
        scenarios=_chosen(options.only, scenarios_of(options.variant)),
        seconds=seconds,
        work_dir=options.work_dir,
        cast=Cast(),
        command=_command(options, seconds),
        say=lambda line: progress.print(Text(line, style="dim"), soft_wrap=True),
    )


def _command(options: argparse.Namespace, seconds: int) -> str:
    only = " ".join(f"--only {name}" for name in options.only)
    return f"make attack VARIANT={options.variant} ATTACK_SECONDS={seconds}" + (f' ARGS="{only}"' if only else "")


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not LEAST_SECONDS <= int(text) <= MOST_SECONDS:
        raise LocalRunError(f"ATTACK_SECONDS: {text!r} is not allowed; allowed is {LEAST_SECONDS} to {MOST_SECONDS}")
    return int(text)


def _chosen(names: Sequence[str], there: Sequence[Scenario]) -> list[Scenario]:
    known = [scenario.name for scenario in there]
    for name in names:
        if name not in known:
            raise LocalRunError(f"--only: {name!r} cannot be played here; there are: {', '.join(known)}")
    return [scenario for scenario in there if not names or scenario.name in names]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.attack", description="Play attacks against the proxy on this machine, and nowhere else."
    )
    parser.add_argument("--variant", default="regional", help=f"one of: {', '.join(VARIANTS)} (default: regional)")
    names = ", ".join(scenario.name for scenario in SCENARIOS)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=f"one of: {names} (default: all)")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON in the place of tables")
    parser.add_argument("--png", type=Path, help="where to draw (default: attack-<variant>.png in the run's folder)")
    parser.add_argument(
        "--work-dir", type=Path, default=WORK_DIR / "attack", help="folder of this run (default: .local/attack)"
    )
    return parser
