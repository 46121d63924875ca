"""What is told of a run: lines for people, JSON and JUnit for programs."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from cognito_proxy.smoke.check import Result
from cognito_proxy.smoke.run import Planned
from cognito_proxy.smoke.target import Target
from cognito_proxy.smoke.verdicts import Verdict
from cognito_proxy.smoke.world import Options

_VERDICT_WIDTH = max(len(verdict) for verdict in Verdict)
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plan_lines(target: Target, planned: Sequence[Planned], options: Options) -> Iterator[str]:
    """What will be done, before it is."""
    what = f"{target.stack.name} ({target.stack.region}), {target.variant}" if target.stack else "an endpoint"
    yield f"Checking {what}: {target.endpoint}"
    runs = [each.check.name for each in planned if each.unmet is None]
    yield f"Plan: {len(runs)} checks, {len(planned) - len(runs)} left out. {_changes(options)}"
    yield ""


def _changes(options: Options) -> str:
    changes = []
    if options.user:
        changes.append("makes a user at example.com, signs it in, and removes it")
    if options.deny_me:
        changes.append("puts this machine's address onto the deny list for a moment")
    if options.flood:
        changes.append(f"sends up to {options.flood} sign-ups, so this address may be limited for some minutes")
    return f"It {'; it '.join(changes)}." if changes else "It changes nothing."


def result_lines(result: Result, *, width: int) -> Iterator[str]:
    """One line, and for a failure what was promised and what to do."""
    name = f"{result.check.probe} {result.check.name}" if result.check.probe else result.check.name
    yield f"{_spoken(result.verdict):<{_VERDICT_WIDTH}}  {name:<{width}}  {result.evidence}".rstrip()
    if result.verdict is Verdict.FAILED:
        indent = " " * (_VERDICT_WIDTH + 2)
        yield f"{indent}promised: {result.check.promise}"
        yield f"{indent}do: {result.advice}"


def width_of(planned: Sequence[Planned]) -> int:
    """How wide the column of names is."""
    names = [f"{each.check.probe} {each.check.name}".strip() for each in planned]
    return max(map(len, names), default=0)


def _spoken(verdict: Verdict) -> str:
    return verdict.upper() if verdict is Verdict.FAILED else str(verdict)


def counts(results: Sequence[Result]) -> dict[str, int]:
    """How many there are of each verdict."""
    return {verdict.value: sum(result.verdict is verdict for result in results) for verdict in Verdict}


def summary(results: Sequence[Result]) -> str:
    """The last line."""
    return ", ".join(f"{count} {name}" for name, count in counts(results).items())


def as_json(target: Target, results: Sequence[Result], *, removed: Sequence[str], left: Sequence[str]) -> str:
    """For programs."""
    document: dict[str, Any] = {
        "target": {
            "stack": None if target.stack is None else target.stack.name,
            "variant": target.variant,
            "endpoint": target.endpoint,
            "region": target.region,
            "user_pool_id": target.user_pool_id,
            "app_client_ids": [client.client_id for client in target.app_clients],
        },
        "counts": counts(results),
        "removed": list(removed),
        "left": list(left),
        "results": [
            {
                "name": result.check.name,
                "probe": result.check.probe or None,
                "promise": result.check.promise,
                "verdict": result.verdict.value,
                "evidence": result.evidence,
                "advice": result.advice or None,
                "seconds": result.seconds,
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_junit(target: Target, results: Sequence[Result]) -> str:
    """For build servers. What was not checkable is a skipped test there, with the reason: never a passed one."""
    found = counts(results)
    suite = ET.Element(
        "testsuite",
        name="cognito-proxy smoke",
        hostname=target.host,
        tests=str(len(results)),
        failures=str(found[Verdict.FAILED]),
        errors="0",
        skipped=str(found[Verdict.SKIPPED] + found[Verdict.NOT_CHECKABLE]),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="cognito-proxy.smoke",
            name=result.check.name,
            time=f"{result.seconds:.3f}",
        )
        if result.verdict is Verdict.FAILED:
            failure = ET.SubElement(case, "failure", message=_xml(result.evidence))
            failure.text = _xml(f"promised: {result.check.promise}\ndo: {result.advice}")
        elif result.verdict is not Verdict.PASSED:
            ET.SubElement(case, "skipped", message=_xml(f"{result.verdict}: {result.evidence}"))
        else:
            ET.SubElement(case, "system-out").text = _xml(result.evidence)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
