"""One cold start of the regional handler, told in two parts: INIT, and the first answer; run as a process.

`serially` as an argument: the first call does one thing after the other, as it did before it could do two at a time.
"""

import sys
import time

from benchmarks.events import regional_event

event = regional_event()
started = time.perf_counter()
from proxy import connection  # noqa: E402 - what is imported is what is measured

if "serially" in sys.argv[1:]:
    connection.Endpoint.open_meanwhile = lambda *_, **__: None  # type: ignore[method-assign]
from proxy.regional import handler  # noqa: E402

initialized = time.perf_counter()
status = handler(event, None)["statusCode"]
answered = time.perf_counter()
if status == 200:
    sys.stdout.write(f"ANSWERED {initialized - started} {answered - initialized}\n")
    sys.stdout.flush()
