"""The function's log: where it is, and this run's own request in it."""

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.answers import get_user
from cognito_proxy.smoke.log_groups import LogGroup, find_log_groups, function_log_group, has_log_group, log_regions
from cognito_proxy.smoke.target import EDGE
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_SECONDS = 60.0
_EDGE_SECONDS = 120.0
_LOCAL_SECONDS = 2.0
"""The emulator's log has a line as soon as it was written."""
_EDGE_CALLS = 3
"""CloudFront delivers the logs of functions "on a best-effort basis": a line may be late, and one in a while is lost.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html"""

_ID_HEADERS = {True: "x-amz-cf-id", False: "x-amz-apigw-id"}
"""At the edge CloudFront's id, else API Gateway's extended one: what the function logs, and no caller can choose."""


def _group(world: World) -> str:
    # The first call makes it, at the edge with some delay.
    groups = world.wait_for(lambda: groups_now(world) or None, seconds=_seconds(world), every=_every(world))
    if not groups:
        raise Failed(f"no log group {_group_name(world)}{_anywhere(world)}")
    return f"{groups[0].name} in {', '.join(sorted(group.region for group in groups))}"


def _line(world: World) -> str:
    # The moment is the server's: this machine's clock may be wrong by more than a line takes.
    began = int(world.clock() * 1000) - 300_000
    at_edge = world.target.variant == EDGE
    answers = [get_user(world) for _ in range(_EDGE_CALLS if at_edge else 1)]
    request_ids = [found for answer in answers if (found := answer.header(_ID_HEADERS[at_edge])) is not None]
    if not request_ids:
        raise NotCheckable(f"the answer has no {_ID_HEADERS[at_edge]}")
    seen = world.wait_for(lambda: _any_of(world, began, request_ids), seconds=_seconds(world), every=_every(world))
    if seen is not None:
        return seen
    if world.target.is_local and _where(world, began, "GetUser") is not None:
        raise NotCheckable("the emulator does not tell the function API Gateway's request id; it logs calls, though")
    raise Failed(f"no line with {' or '.join(request_ids)} within {_seconds(world):.0f} seconds{_anywhere(world)}")


def _any_of(world: World, began: int, request_ids: list[str]) -> str | None:
    for request_id in request_ids:
        if (where := _where(world, began, request_id)) is not None:
            return f"{request_id} in {where}"
    return None


def _seconds(world: World) -> float:
    if world.target.is_local:
        return _LOCAL_SECONDS
    return _EDGE_SECONDS if world.target.variant == EDGE else _SECONDS


def _every(world: World) -> float:
    return 0.5 if world.target.is_local else 10.0


def _anywhere(world: World) -> str:
    return " in any Region" if world.target.variant == EDGE else ""


def _where(world: World, began: int, text: str) -> str | None:
    for group in groups_now(world):
        pages = (
            world.aws("logs", region=group.region)
            .get_paginator("filter_log_events")
            .paginate(logGroupName=group.name, startTime=began, filterPattern=f'"{text}"')
        )
        if any(text in event["message"] for page in pages for event in page["events"]):
            return f"{group.name} ({group.region})"
    return None


def _group_name(world: World) -> str:
    name = function_log_group(world.target)
    if name is None:
        raise Failed(f"stack {world.stack.name} has no function of the proxy")
    return name


def groups_now(world: World) -> tuple[LogGroup, ...]:
    """Where the log is now. At the edge in each Region that ran the function.

    Raises:
        NotCheckable: it was not found, and some Regions could not be asked.
    """
    name = _group_name(world)
    if world.target.variant != EDGE:
        region = world.stack.region
        found = has_log_group(world.aws("logs", region=region), name)
        return (LogGroup(name=name, region=region),) if found else ()
    if world.target.is_local:
        raise NotCheckable("on this machine the edge function logs into a file, .local/edge-function.log")
    found_at = find_log_groups(
        lambda service, *, region=None: world.aws(service, region=region),
        name,
        world.once("regions", lambda: log_regions(world.stack.region)),
    )
    if not found_at.groups and found_at.closed:
        raise NotCheckable(f"these AWS credentials may not look at the logs in {', '.join(found_at.closed)}")
    return found_at.groups


CHECKS = (
    Check(
        name="log-group",
        promise="The function's log group is there; at the edge, in the Regions that ran it.",
        run=_group,
        needs=frozenset({Need.AWS}),
        after=("function",),
        advice="Look at the role's permission logs:CreateLogGroup; deploy again.",
    ),
    Check(
        name="log-line",
        promise="Every call leaves one line with its request id in the function's log.",
        run=_line,
        needs=frozenset({Need.AWS, Need.REQUEST_LINES}),
        after=("function", "log-group"),
        advice="Look at the role's permissions logs:CreateLogStream and logs:PutLogEvents. At the edge, run this again "
        "first: CloudFront delivers lines on a best-effort basis.",
        proves=("edge-log-line", "line-request-id"),
    ),
)
