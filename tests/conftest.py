"""For all tests: the project's own Node.js (from PyPI) comes before any other, as the Makefile has it."""

import os
import sys
from pathlib import Path

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
