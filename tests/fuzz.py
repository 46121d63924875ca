"""Every property with new examples, again and again: `make fuzz`.

`FUZZ_SECONDS` is how long (default: 600): no further round starts when the time is over. `FUZZ_TIMES` is how many times
as many examples as in `make test` a round tries of each property (default: 10). The first failure ends it.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.hypothesis_profiles import FUZZ

ROOT = Path(__file__).resolve().parents[1]
_PROPERTY_SECONDS = 1800

KEEP = """
A property does not hold; the falsifying example stands above. This finds it again:
    {command}
Mend it, and keep the example, so that every later run tries it: above the property as @example(…), with the values as
they stand behind 'Falsifying example'; or, if it is a call that a client can make, as a case in tests/vectors/decide/.
"""


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Gives the exit code: not 0 when a property does not hold."""
    seconds = float(environment.get("FUZZ_SECONDS", "600"))
    end, rounds = time.monotonic() + seconds, 0
    while rounds == 0 or time.monotonic() < end:
        rounds += 1
        seed = secrets.randbelow(2**32)
        print(f"round {rounds}, seed {seed}", flush=True)
        if subprocess.run(_command(seed), cwd=ROOT, check=False).returncode:
            print(KEEP.format(command=" ".join(["python", *_command(seed)[1:]])), flush=True)
            return 1
    print(f"every property held in {rounds} rounds", flush=True)
    return 0


def _command(seed: int) -> list[str]:
    chosen = ["-m", "hypothesis", f"--hypothesis-profile={FUZZ}", f"--hypothesis-seed={seed}"]
    spread = ["--numprocesses", "2", "--dist", "worksteal", f"--timeout={_PROPERTY_SECONDS}"]
    return [sys.executable, "-m", "pytest", "--quiet", *chosen, *spread]


if __name__ == "__main__":
    sys.exit(main())
