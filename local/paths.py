"""Where the checkout keeps what a local run uses."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where app.py and cdk.json are."""

BIN = Path(sys.executable).parent
"""The virtual environment's programs; node is among them."""

WORK_DIR = ROOT / ".local"
"""Default folder of a run: assembly, logs, the emulator's files and outputs.json."""

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
"""What follows the virtual environment in the PATH of the programs that a run starts."""


def nearby(file: Path) -> str:
    """The path for a reader: as short as the folder makes it in which the program runs."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
