"""What `make gameday` runs: two Regions on this machine, one of which goes away and comes back, and what failed."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from local.errors import LocalRunError
from local.gameday.as_text import tell
from local.gameday.day import Scene
from local.gameday.run import play_day
from local.paths import WORK_DIR
from local.stopping import Stopped

LEAST_SECONDS, MOST_SECONDS = 2, 120
"""What `GAMEDAY_SECONDS`, the length of a scene, may be."""

USUAL_SECONDS = 8
USERS = 4

_NARROWEST = 110


def main(arguments: Sequence[str] | None = None) -> int:
    """Play. Gives the exit code: 0 when every promise was kept, 1 when not, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    progress = Console(stderr=True, highlight=False)
    try:
        scenes = _play(options, progress)
    except Stopped:
        return 130
    except LocalRunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"error: the emulator: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    tell(scenes, Console(highlight=False, width=None if sys.stdout.isatty() else _NARROWEST))
    return 1 if any(scene.broken for scene in scenes) else 0


def _play(options: argparse.Namespace, progress: Console) -> Sequence[Scene]:
    return play_day(
        users=USERS,
        scene_seconds=_seconds(os.environ.get("GAMEDAY_SECONDS") or str(USUAL_SECONDS)),
        work_dir=options.work_dir,
        say=lambda line: progress.print(Text(line, style="dim"), soft_wrap=True),
    )


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not LEAST_SECONDS <= int(text) <= MOST_SECONDS:
        raise LocalRunError(f"GAMEDAY_SECONDS: {text!r} is not allowed; allowed is {LEAST_SECONDS} to {MOST_SECONDS}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.gameday", description="Take a Region away under load, on this machine, and give it back."
    )
    parser.add_argument(
        "--work-dir", type=Path, default=WORK_DIR / "gameday", help="folder of this run (default: .local/gameday)"
    )
    return parser
