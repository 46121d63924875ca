"""`python -m local.gameday`: take a Region away under load on this machine, and give it back."""

import sys

from local import stopping

if __name__ == "__main__":
    stopping.heed_signals()
    # Importing takes most of a second, in which a signal must find somebody who heeds it.
    from local.gameday.command import main

    sys.exit(main())
