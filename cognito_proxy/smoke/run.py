"""Runs checks one after the other."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from cognito_proxy.smoke.check import Check, Result
from cognito_proxy.smoke.http import NoAnswer, one_line
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable, Verdict
from cognito_proxy.smoke.world import World

_BUG = "This is a bug of smoke, or the deployment is one that it does not know: open an issue with this line."
_NOT_TOLD = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "UnrecognizedClientException",
    }
)
"""What says something of the caller or of the moment, and nothing of the deployment."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A check, and what keeps it from being run."""

    check: Check
    unmet: tuple[Verdict, str] | None
    """The verdict that it gets instead, and why. None: it is run."""


def plan(world: World, checks: Sequence[Check], *, only: Sequence[str] = (), skip: Sequence[str] = ()) -> list[Planned]:
    """What will be run, in order.

    Args:
        world: what there is.
        checks: all of them.
        only: names to run. Default: all.
        skip: names to leave out. Default: none.
    """
    return [
        Planned(check=check, unmet=_unmet(world, check))
        for check in checks
        if (not only or check.name in only) and check.name not in skip
    ]


def perform(world: World, planned: Sequence[Planned]) -> Iterator[Result]:
    """Run the plan, and give each result as soon as it is there."""
    failed: set[str] = set()
    for each in planned:
        result = _result(world, each, failed)
        if result.verdict is Verdict.FAILED:
            failed.add(each.check.name)
        yield result


def _unmet(world: World, check: Check) -> tuple[Verdict, str] | None:
    # In the order of their definition, so that the first reason is the one that matters most.
    for need in Need:
        if need in check.needs and (unmet := world.unmet(need)) is not None:
            return unmet
    return None


def _result(world: World, planned: Planned, failed: set[str]) -> Result:
    check = planned.check
    if planned.unmet is not None:
        verdict, reason = planned.unmet
        return Result(check=check, verdict=verdict, evidence=reason)
    explained = _explanation(world, check, failed)
    if explained is not None:
        # It cannot tell what it is for, and what it would tell is known already.
        world.memory.setdefault("_skipped", {})[check.name] = explained
        return Result(check=check, verdict=Verdict.SKIPPED, evidence=f"{explained} failed")
    began = time.monotonic()
    verdict, evidence, advice = _tried(world, check)
    seconds = round(time.monotonic() - began, 3)
    return Result(check=check, verdict=verdict, evidence=_told(world, evidence), advice=advice, seconds=seconds)


def _told(world: World, evidence: str) -> str:
    """One line, without any of the run's passwords and tokens: the last line of defence, since none should be there."""
    for secret in world.hidden:
        evidence = evidence.replace(secret, "(hidden)")
    return one_line(evidence, most=900)


def _explanation(world: World, check: Check, failed: set[str]) -> str | None:
    """The failed check that explains this one's failure, be it through one that was skipped for it."""
    skipped: dict[str, str] = world.memory.get("_skipped", {})
    for name in check.after:
        if name in failed:
            return name
        if name in skipped:
            return skipped[name]
    return None


def _tried(world: World, check: Check) -> tuple[Verdict, str, str]:
    try:
        evidence = check.run(world)
    except Failed as failure:
        return Verdict.FAILED, str(failure), failure.advice or check.advice
    except NotCheckable as reason:
        return Verdict.NOT_CHECKABLE, str(reason), ""
    except Exception as error:  # one check that breaks hides nothing of what the others see
        return _broken(error, check)
    if check.is_of_aws and world.target.is_local:
        return Verdict.NOT_CHECKABLE, f"an emulator is no proof of what AWS does; here: {evidence}", ""
    return Verdict.PASSED, evidence, ""


def _broken(error: Exception, check: Check) -> tuple[Verdict, str, str]:
    if isinstance(error, ClientError | BotoCoreError):
        return _of_aws(error, check)
    if isinstance(error, NoAnswer):
        return Verdict.FAILED, f"no answer: {error}", check.advice
    return Verdict.FAILED, f"the check itself broke: {type(error).__name__}", _BUG


def _of_aws(error: ClientError | BotoCoreError, check: Check) -> tuple[Verdict, str, str]:
    if not isinstance(error, ClientError):
        return Verdict.NOT_CHECKABLE, f"AWS was not reached: {type(error).__name__}", ""
    code = error.response.get("Error", {}).get("Code", "unknown")
    if code in _NOT_TOLD:
        return Verdict.NOT_CHECKABLE, f"AWS does not tell now: {error.operation_name}: {code}", ""
    if code in _DENIED:
        return Verdict.NOT_CHECKABLE, f"these AWS credentials may not call {error.operation_name} ({code})", ""
    # Its message may quote what was sent.
    return Verdict.FAILED, f"{error.operation_name}: {code}", check.advice
