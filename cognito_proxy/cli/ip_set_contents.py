"""Reading an IP set while others edit it, or AWS WAF has too much to do."""

from cognito_proxy.cli.errors import CommandError
from cognito_proxy.list_edits.backoff import Backoff, OutOfTime
from cognito_proxy.list_edits.stores import HandList


def present(hand_list: HandList, *, backoff: Backoff) -> frozenset[str]:
    """What the IP set holds now.

    Raises:
        CommandError: AWS WAF did not take the call in time.
    """
    try:
        return hand_list.present(backoff=backoff)
    except OutOfTime:
        raise CommandError("AWS WAF does not take calls at the moment; try again in a minute") from None
