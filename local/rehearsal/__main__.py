"""`python -m local.rehearsal`."""

import sys

from local.rehearsal.command import main

sys.exit(main())
