"""Whom `cognito-proxy top` names, and so whom one would block: by the code of the two commands.

cognito-proxy top addresses --local;  cognito-proxy ip block --from-top 10 --local
cognito-proxy top prefixes --local;   cognito-proxy ip block --from-top 10 --local
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from cognito_proxy.cli import ip_edits, ip_from_top
from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import CommandError
from cognito_proxy.cli.ip_edits import Wish
from cognito_proxy.cli.local_run import LocalRun
from cognito_proxy.cli.proxy_lists import ListName, ProxyLists, find_lists, find_web_acl
from cognito_proxy.cli.times import expiry
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.smoke.stack import NoSuchStack
from cognito_proxy.smoke.target import NotAProxy, local_target
from cognito_proxy.top.last import Last, proxy_key
from cognito_proxy.top.look import Answer, look
from cognito_proxy.top.places import Places, find_places
from cognito_proxy.top.questions import Subject
from cognito_proxy.top.running import Window
from local.errors import LocalRunError
from local.outputs import Outputs

FIRST_ROWS = ip_from_top.MOST_AT_ONCE
"""How many rows are blocked: as many as the command blocks without being asked twice."""

_SUBJECTS = (Subject.ADDRESSES, Subject.PREFIXES)
_SINCE = timedelta(hours=1)
_ROWS_SHOWN = 20
_QUERY_SECONDS = 60.0
_RETRY_SECONDS = 30.0
# What stands for the logs here answers at once; in AWS a query takes seconds.
_PAUSE_SECONDS = 0.02


class Operator:
    """Somebody who looks at `top` with its defaults, and blocks its first rows."""

    def __init__(self, outputs: Outputs, outputs_file: Path) -> None:
        """For a run that is up. Raises LocalRunError when it is not as the commands want it."""
        run = LocalRun(
            file=outputs_file, endpoint_url=outputs.aws_endpoint_url, stack=outputs.stack, region=outputs.stack_region
        )
        self._run, self._aws = run, Aws(local=run)
        try:
            target = local_target(self._aws.client, outputs_file)
            self._places = find_places(self._aws.client, target)
            self._web_acl = find_web_acl(self._aws, stack=run.stack, arn=None)
        except (NoSuchStack, NotAProxy, CommandError) as error:
            raise LocalRunError(str(error)) from None

    def block(self, now: datetime) -> tuple[str, ...]:
        """Look and block, as of a moment in the logs' time. Gives what is on the deny list then, as CIDRs.

        Raises LocalRunError when a query or an edit fails.
        """
        lists, backoff = self.lists(), Backoff(_RETRY_SECONDS)
        wishes = list(self._wishes(lists, now, self._places))
        caller = self._aws.caller(region=lists.region)
        edits = ip_edits.put(lists, ListName.DENY, wishes, caller=caller, overridden=(), backoff=backoff)
        return tuple(sorted({edited.address for edited in edits}))

    def would_block(self, now: datetime) -> tuple[str, ...]:
        """What `block` would block if the functions logged keyed hashes alone, as they do by default."""
        hashes_only = replace(self._places, plain=False)
        return tuple(sorted(_addresses(self._wishes(self.lists(), now, hashes_only))))

    def unblock(self, addresses: Sequence[str]) -> None:
        """Take them off again."""
        if addresses:
            parsed, backoff = ip_edits.parse(addresses), Backoff(_RETRY_SECONDS)
            list(ip_edits.take_off(self.lists(), ListName.DENY, parsed, now=int(time.time()), backoff=backoff))

    def _wishes(self, lists: ProxyLists, now: datetime, places: Places) -> Iterator[Wish]:
        for subject in _SUBJECTS:
            kept = self._looked(subject, now, places)
            if not kept.rows:
                continue
            found = ip_from_top.chosen(kept, first=FIRST_ROWS, numbers=())
            own = ip_from_top.own(local=True, given=())
            found = ip_from_top.spared(found, lists, own_addresses=own, backoff=Backoff(_RETRY_SECONDS))
            # Entries end by the machine's time, which is what the function that takes them off goes by.
            moment = int(time.time())
            expires_at = expiry(duration=ip_from_top.DEFAULT_DURATION, until=None, now=moment)
            yield from ip_from_top.wishes(kept, found, note="", expires_at=expires_at, now=moment)

    def _looked(self, subject: Subject, now: datetime, places: Places) -> Last:
        window = Window(since=now - _SINCE, until=now)
        answer = look(
            self._aws.client,
            places,
            subject,
            window=window,
            most=_ROWS_SHOWN,
            seconds=_QUERY_SECONDS,
            sleep=lambda seconds: time.sleep(min(seconds, _PAUSE_SECONDS)),
        )
        _check(answer)
        key = proxy_key(stack=self._run.stack, region=self._run.region, local=True)
        return Last(at=now, proxy=key, subject=subject, window=window, rows=answer.rows)

    def lists(self) -> ProxyLists:
        """The lists of the firewall."""
        return find_lists(self._aws, self._web_acl)


def _check(answer: Answer) -> None:
    for name, problem in answer.problems:
        raise LocalRunError(f"{name}: {problem}")


def _addresses(wishes: Iterator[Wish]) -> set[str]:
    found = ip_edits.all_of(wishes)
    return {*found.v4, *found.v6}
