"""One cold start of the edge handler; run as a process by `cold_start`."""

import sys

from benchmarks.events import edge_event
from proxy.edge import handler

if "body" in handler(edge_event(), None):
    sys.stdout.write("ANSWERED\n")
    sys.stdout.flush()
