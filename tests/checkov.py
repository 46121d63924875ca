"""checkov over the templates with everything on that reviewers ask for, both variants: `make checkov`.

checkov pins old versions of packages that the project has newer ones of (boto3, networkx, packaging), so it has an
environment of its own: requirements-checkov.txt, `.checkov/`. It talks to nobody: it downloads nothing, has no account
of a platform, and every proxy that it could ask leads nowhere.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CHECKOV = ROOT / ".checkov" / "bin" / "checkov"
LEFT = Path(__file__).with_name("checkov.toml")

_SECONDS = 300
_NOWHERE = "http://127.0.0.1:9"
_ARGUMENTS = ("--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A check that failed."""

    check: str
    resource: str
    """Its logical id."""
    template: str
    """The name of its file, which begins with the set of flags."""
    name: str = ""
    """What the check is about, in checkov's words."""

    def __str__(self) -> str:
        """One line."""
        return f"{self.check} {self.resource} ({self.template}): {self.name}"


@dataclass(frozen=True, kw_only=True)
class Left:
    """Findings that are left as they are."""

    check: str
    resources: str
    """Their logical ids, a regular expression."""
    reason: str
    variant: str = ""
    """How the names of their templates begin. Default: - anyhow."""

    def covers(self, finding: Finding) -> bool:
        """Whether this row is about it."""
        return (
            finding.check == self.check
            and re.fullmatch(self.resources, finding.resource) is not None
            and finding.template.startswith(self.variant)
        )


def complaints(findings: Sequence[Finding], rows: Sequence[Left]) -> list[str]:
    """What must change: findings without a row, and rows without a finding."""
    uncovered = [
        f"no reason is given: {finding}" for finding in findings if not any(row.covers(finding) for row in rows)
    ]
    idle = [
        f"no longer needed: {row.check} {row.variant} {row.resources}"
        for row in rows
        if not any(row.covers(finding) for finding in findings)
    ]
    return [*uncovered, *idle]


def left() -> tuple[Left, ...]:
    """The rows of checkov.toml."""
    return tuple(Left(**row) for row in tomllib.loads(LEFT.read_text(encoding="utf-8"))["left"])


def findings_in(report: dict[str, Any]) -> tuple[Finding, ...]:
    """What checkov's report says has failed.

    Raises:
        ValueError: it could not read a template, or looked at none.
    """
    summary = report.get("summary", report)
    if summary["parsing_errors"] or not summary["resource_count"]:
        raise ValueError(
            f"checkov read {summary['resource_count']} resources and failed at {summary['parsing_errors']}"
        )
    return tuple(
        Finding(
            check=failed["check_id"],
            resource=failed["resource"].rpartition(".")[2],
            template=failed["file_path"].lstrip("/"),
            name=failed["check_name"],
        )
        for failed in report["results"]["failed_checks"]
    )


def run(folder: Path) -> dict[str, Any]:
    """checkov's report on the templates in `folder`."""
    finished = subprocess.run(
        [str(CHECKOV), "--directory", str(folder), *_ARGUMENTS],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    # 1: some check failed, which is what we ask about.
    if finished.returncode not in (0, 1):
        sys.exit(f"checkov failed: {finished.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(finished.stdout)
    return report


def synthesize(folder: Path, sets: Iterable[str]) -> None:
    """Write the templates of these sets of flags, as `<set>-<stack>.template.json`."""
    from aws_cdk import App

    import app as deployment_plan
    from tests.app.flag_sets import FLAG_SETS

    for name in sets:
        app = App(context=dict(FLAG_SETS[name]))
        deployment_plan.plan(app)
        for stack in app.synth().stacks:
            file = folder / f"{name.replace(' ', '-')}-{stack.stack_name}.template.json"
            file.write_text(json.dumps(stack.template), encoding="utf-8")


SETS = ("reviewed", "reviewed nat", "edge reviewed")
"""Sets of flags in which everything is on that there is."""


def main() -> int:
    """Gives the exit code, and says what must change."""
    with tempfile.TemporaryDirectory() as folder:
        synthesize(Path(folder), SETS)
        report = run(Path(folder))
    found = findings_in(report)
    wrong = complaints(found, left())
    print("\n".join(wrong) or f"checkov: {report['summary']['passed']} checks passed, {len(found)} left with a reason")
    return bool(wrong)


def _environment() -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BC_", "CKV_", "CHECKOV_", "PRISMA_"))
    }
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), _NOWHERE)
    return {**kept, **nowhere, "NO_PROXY": "", "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"}


if __name__ == "__main__":
    sys.exit(main())
