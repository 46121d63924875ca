"""`python -m local.attack`: play attacks against a variant on this machine."""

import sys

from local import stopping

if __name__ == "__main__":
    stopping.heed_signals()
    # Importing takes most of a second, in which a signal must find somebody who heeds it.
    from local.attack.command import main

    sys.exit(main())
