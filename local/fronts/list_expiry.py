"""Takes expired addresses off the firewall's lists, in the place of the deployed function.

That one is left out of the deployment with the IP sets that it names. What it runs, this runs: `list_edits.expire`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cognito_proxy.cli.aws import Aws, explained
from cognito_proxy.cli.errors import CommandError
from cognito_proxy.cli.local_run import LocalRun
from cognito_proxy.cli.proxy_lists import ProxyLists, find_lists
from cognito_proxy.list_edits.backoff import Backoff, OutOfTime
from cognito_proxy.list_edits.expire import expire
from cognito_proxy.list_edits.ip_set import WafArn

INTERVAL_SECONDS = 5.0
"""How often it looks. The deployed function does every five minutes: nobody wants to wait for that here."""

_STOP_SECONDS = 10.0
_RETRY_SECONDS = 2.0


@contextmanager
def expiring_lists(aws_endpoint_url: str, web_acl_arn: str, say: Callable[[str], None]) -> Iterator[None]:
    """Look after the lists of a web ACL until the block ends. `say` is told when addresses came off, and of errors."""
    arn = WafArn.parse(web_acl_arn)
    run = LocalRun(file=Path(), endpoint_url=aws_endpoint_url, stack="", region=arn.region)
    stopped = threading.Event()
    thread = threading.Thread(target=_look, args=(Aws(local=run), arn, stopped, say), name="list-expiry", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(_STOP_SECONDS)


def _look(aws: Aws, arn: WafArn, stopped: threading.Event, say: Callable[[str], None]) -> None:
    said = ""
    while not stopped.wait(INTERVAL_SECONDS):
        try:
            _expire(find_lists(aws, arn), say)
        except CommandError:
            return  # the web ACL comes without IpListExpiry
        except OutOfTime:
            continue
        except (BotoCoreError, ClientError) as error:
            if not stopped.is_set() and explained(error) != said:
                said = explained(error)
                say(f"lists: {said}")


def _expire(proxy: ProxyLists, say: Callable[[str], None]) -> None:
    for name, proxy_list in proxy.lists.items():
        for hand_list in proxy_list.by_hand.values():
            outcome = expire(hand_list, now=int(time.time()), backoff=Backoff(_RETRY_SECONDS))
            if outcome.expired:
                say(f"lists: {outcome.expired} expired on the {name.spoken}")
