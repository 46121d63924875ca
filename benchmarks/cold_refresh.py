"""One cold start of the regional handler that ends with a refresh; run as a process by `sealed_tokens`."""

import sys

from benchmarks.events import refresh_event
from proxy.regional import handler

if handler(refresh_event(), None)["statusCode"] == 200:
    sys.stdout.write("ANSWERED\n")
    sys.stdout.flush()
