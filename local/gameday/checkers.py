"""Route 53's health checkers for both Regions, in threads, by a clock that runs faster."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local.fronts.said_addresses import HEADER
from local.simulators.route53.health_check import ANSWER_SECONDS, HealthCheck, HealthCheckConfig

ADDRESS = "15.177.2.1"
"""Among Route 53's own. The web ACL of each Region lets it ask, or it does not."""

API_NAME = "gameday.execute-api.local"
"""Like API Gateway's own name, by which checkers ask; the web ACL lets them by no other."""

CHECKERS = 4
"""For each Region; Route 53 has about sixteen."""


@contextmanager
def checking(
    endpoints: Mapping[str, str],
    configs: Mapping[str, HealthCheckConfig],
    health: Mapping[str, HealthCheck],
    *,
    faster: float,
) -> Iterator[None]:
    """Ask each Region's endpoint while the block runs. Intervals are divided by `faster`; what is waited for is not."""
    stop = threading.Event()
    threads = []
    for region, config in configs.items():
        pause = config.interval_seconds / faster
        for checker in range(CHECKERS):
            arguments = (endpoints[region] + config.path, health[region], checker, pause, stop)
            threads.append(threading.Thread(target=_check, args=arguments, daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(2 * ANSWER_SECONDS)


def passes(url: str) -> bool:
    """One check. The certificate is not looked at, and here there is none."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    headers = {HEADER: ADDRESS, "User-Agent": "Amazon-Route53-Health-Check-Service", "Host": API_NAME}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    try:
        with direct.open(request, timeout=ANSWER_SECONDS) as answer:
            return bool(200 <= answer.status < 400)
    except (urllib.error.URLError, OSError):
        return False


def _check(url: str, health: HealthCheck, checker: int, pause: float, stop: threading.Event) -> None:
    # Checkers "don't coordinate with one another".
    wait = pause * (checker + 1) / CHECKERS
    while not stop.wait(wait):
        health.note(checker, passed=passes(url))
        wait = pause
