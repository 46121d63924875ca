"""`make proofs`: write docs/proofs.md, or say what does not fit."""

import sys
from pathlib import Path

from tests.proofs.marks import MarkError, proofs
from tests.proofs.page import PAGE, ProofError, page
from tests.proofs.promises import PromiseError, promises

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Gives the exit code."""
    try:
        promised = promises(ROOT)
        text = page(promised, proofs(ROOT), ROOT)
    except (MarkError, ProofError, PromiseError) as error:
        print(error, file=sys.stderr)
        return 1
    (ROOT / PAGE).write_text(text, encoding="utf-8")
    print(f"{PAGE}: {len(promised)} promises")
    return 0


if __name__ == "__main__":
    sys.exit(main())
