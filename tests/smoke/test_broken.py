"""Deliberately broken deployments: each is named by the check that should find it, and by no misleading other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cognito_proxy.smoke.registry import CHECKS
from cognito_proxy.smoke.verdicts import Verdict
from local import local_run
from tests.smoke.broken import BROKEN, Broken
from tests.smoke.staging import ALL_OF_IT, Stage, of_verdict
from tests.smoke.tls_servers import TlsServers

ORIGIN = "https://app.example.com"
_MANY = "200000"
"""More than all these runs send."""
FLAGS = {
    "rotation_days": "30",
    "app_clients": "web,ios",
    "allowed_origins": ORIGIN,
    "deny_ips": "198.51.100.0/24",
    "alarm_email": "ops@example.com",
    "rate_limit": _MANY,
    "sign_up_rate_limit": _MANY,
    "recovery_rate_limit": _MANY,
    "sign_in_attempts_rate_limit": _MANY,
    "sign_in_rate_limit": _MANY,
}
OF_OTHER_VARIANT = {
    "regional": {"function-version", "response-headers-policy", "secret-replicas"},
    "edge": {"may-invoke-function"},
}
DOC = Path(__file__).resolve().parents[2] / "docs" / "smoke.md"


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with _staged("regional", tmp_path_factory.mktemp("regional")) as stage:
        yield stage


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with _staged("edge", tmp_path_factory.mktemp("edge")) as stage:
        yield stage


@contextmanager
def _staged(variant: str, folder: Path) -> Iterator[Stage]:
    with local_run(variant=variant, context=FLAGS, work_dir=folder / ".local") as run:
        servers = TlsServers(folder)
        try:
            made = Stage(run=run, folder=folder, servers=servers)
            _require_healthy(made)
            yield made
            # Whatever was broken is mended, so each row was alone.
            _require_healthy(made)
            made.close()
        finally:
            servers.stop()


def _require_healthy(stage: Stage) -> None:
    """All checks of the variant pass but the flood, which is for test_checks.py."""
    results = stage.results(ALL_OF_IT)
    others = {name: result.evidence for name, result in results.items() if result.verdict is not Verdict.PASSED}
    assert others.keys() == OF_OTHER_VARIANT[stage.run.outputs.variant] | {"flood-stopped"}, others


@pytest.mark.parametrize("row", [row for row in BROKEN if "regional" in row.on], ids=lambda row: row.what)
def test_a_broken_regional_deployment_is_named_by_its_check_and_by_no_other(regional: Stage, row: Broken) -> None:
    _is_named_by_its_check_only(regional, row)


@pytest.mark.parametrize("row", [row for row in BROKEN if "edge" in row.on], ids=lambda row: row.what)
def test_a_broken_edge_deployment_is_named_by_its_check_and_by_no_other(edge: Stage, row: Broken) -> None:
    _is_named_by_its_check_only(edge, row)


def _is_named_by_its_check_only(stage: Stage, row: Broken) -> None:
    """Then once more without that check: the row fails, since nothing takes its place but what the check explains.

    Of the others only those are run again that were skipped for it. What was not skipped does not know of it.
    """
    with stage.ends:
        row.breaks(stage)
        results = stage.results(row.options)
        failed = {name: results[name].evidence for name in of_verdict(results, Verdict.FAILED)}
        assert failed.keys() == {row.found_by}, failed
        assert of_verdict(results, Verdict.NOT_CHECKABLE) == set()
        explained = [check for check in CHECKS if results[check.name].evidence == f"{row.found_by} failed"]
        without = stage.results(row.options, checks=explained)
    assert of_verdict(without, Verdict.FAILED) == row.instead & {check.name for check in explained}


def test_every_check_has_a_deployment_that_it_finds() -> None:
    assert {check.name for check in CHECKS} - {row.found_by for row in BROKEN} == {
        "direct-call-refused",  # app-clients-have-secrets finds it first; from an endpoint alone this one does
        "flood-stopped",  # test_checks.py floods
        "function",  # what breaks the function has a check of its own
    }


def test_what_is_broken_is_said_once() -> None:
    assert len({row.what for row in BROKEN}) == len(BROKEN) >= 20


def test_the_table_in_the_documentation_is_this_one() -> None:
    lines = DOC.read_text(encoding="utf-8").partition("## What is found\n")[2].partition("\n## ")[0].splitlines()
    told = [match.groups() for line in lines if (match := re.fullmatch(r"\| (.+) \| `(.+)` \|", line))]
    assert told == [(row.what, row.found_by) for row in BROKEN]
