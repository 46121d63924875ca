"""`make template`: dist/cognito-proxy-regional.yaml and dist/cognito-proxy-edge.yaml."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from stacks.flags import Variant
from stacks.plain.template import plain_template, text


def main(folder: Path) -> int:
    """Write both templates into the folder, and say how large they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for variant in Variant:
        file = folder / f"cognito-proxy-{variant}.yaml"
        with _without_warnings():
            written = text(plain_template(variant))
        file.write_text(written, encoding="ascii")
        print(f"{file}: {len(written):,} bytes", flush=True)
    return 0


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """The app warns of what flags need; here every flag is on at some time. Node.js writes that to standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(quiet)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
