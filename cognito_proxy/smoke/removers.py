"""How what a run makes is removed."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.leftovers import Facts, Gone, NotMine, Remover
from cognito_proxy.smoke.lists import Lists
from cognito_proxy.smoke.target import Target

USER = "user"
DENY_LIST_ENTRY = "deny-list entry"


def removers(
    target: Target, *, cognito: Callable[[], Any], lists: Callable[[], Lists], local_id: str = ""
) -> Mapping[str, Remover]:
    """For one deployment.

    Args:
        target: whose things may be removed.
        cognito: a client of Cognito in the pool's Region.
        lists: the firewall's lists.
        local_id: of a run of `make local`; what an ended one held is gone with it. Default: - AWS.
    """

    def remove_user(facts: Facts) -> None:
        _require_mine(facts, "user_pool_id", target.user_pool_id, local_id)
        try:
            cognito().admin_delete_user(UserPoolId=facts["user_pool_id"], Username=facts["username"])
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in (
                "UserNotFoundException",
                "ResourceNotFoundException",
            ):
                raise

    def remove_entry(facts: Facts) -> None:
        stack = target.stack
        _require_mine(facts, "web_acl_arn", None if stack is None else stack.outputs.get("WebAclArn"), local_id)
        lists().take_off(facts["address"], now=int(time.time()))

    return {USER: remove_user, DENY_LIST_ENTRY: remove_entry}


def _require_mine(facts: Facts, key: str, mine: str | None, local_id: str) -> None:
    if facts.get("local_id", "") != local_id:
        if facts.get("local_id"):
            raise Gone("it was of a run of `make local` that has ended")
        raise NotMine(f"it is of {facts[key]}: run smoke for that stack")
    if facts[key] != mine:
        if local_id:
            raise Gone("it was of a run of `make local` that has ended")
        raise NotMine(f"it is of {facts[key]}: run smoke for that stack")
