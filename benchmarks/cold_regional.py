"""One cold start of the regional handler; run as a process by `cold_start`."""

import sys

from benchmarks.events import regional_event
from proxy.regional import handler

if handler(regional_event(), None)["statusCode"] == 200:
    sys.stdout.write("ANSWERED\n")
    sys.stdout.flush()
