"""A flood against a proxy that runs on this machine: `top` names who it is, `ip block --from-top` stops them."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local import LocalRun, local_run

ROOT = Path(__file__).resolve().parents[2]
ATTACKERS = ("127.0.0.66", "127.0.0.67")
INNOCENT = "127.0.0.9"
RATE = 100
CALLS = 160
PASSWORD = "Sentinel-Passw0rd-of-the-flood!"


@dataclass(frozen=True, kw_only=True)
class Flooded:
    """A run after a flood, and the command in its checkout."""

    run: LocalRun
    folder: Path

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `cognito-proxy … --local`."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME")} | {
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, "-m", "cognito_proxy.cli", *arguments, "--local"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """The document of a successful command."""
        finished = self.command(*arguments, "--json")
        assert (finished.returncode, finished.stderr) == (0, "")
        return json.loads(finished.stdout)

    def sign_in(self, sender: str, times: int = 1) -> int:
        """Try a password so often from an address of this machine; gives the last status."""
        url = urlsplit(self.run.endpoint)
        status = 0
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30, source_address=(sender, 0))
        body = json.dumps(
            {
                "ClientId": self.run.outputs.client_id,
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": f"user-of-{sender}", "PASSWORD": PASSWORD},
            }
        )
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        }
        try:
            for _ in range(times):
                connection.request("POST", url.path, body, headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
        finally:
            connection.close()
        return status


@pytest.fixture(scope="module", params=["regional", "edge"])
def flooded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flooded]:
    folder = tmp_path_factory.mktemp("checkout")
    flags = {"rate_limit": str(RATE), "log_plain": "true"}
    with local_run(variant=request.param, context=flags, work_dir=folder / ".local") as run:
        flooded = Flooded(run=run, folder=folder)
        for attacker in ATTACKERS:
            flooded.sign_in(attacker, CALLS)
        flooded.sign_in(INNOCENT, 3)
        yield flooded


def stopped_by(flooded: Flooded, sender: str) -> str | None:
    """The rule that stops an address now."""
    flooded.sign_in(sender)
    turned_away = flooded.run.viewer_journal.calls()[-1].turned_away
    return turned_away.why if turned_away else None


@pytest.mark.proves("flood-named-and-blocked", simulator="logs_insights")
def test_the_flood_is_named_blocked_and_stopped(flooded: Flooded) -> None:
    answer = flooded.json("top", "addresses", "--since", "30m")
    named = {row["who"]: row for row in answer["rows"]}
    assert set(named) == set(ATTACKERS)
    assert all(row["can_be_blocked"] and row["kind"] == "address" for row in named.values())
    queries = {each["query"]: each["count"] for each in named[ATTACKERS[0]]["findings"]}
    assert queries["waf/addresses-with-most-blocks"] == CALLS - RATE
    # What the firewall let through is in the function's log: regional in the emulator's, at the edge in a file.
    assert queries["function/callers-of-initiate-auth"] == RATE
    assert answer["bytes_scanned"] > 0

    assert stopped_by(flooded, ATTACKERS[0]) != "DenyList"
    shown = flooded.command("ip", "block", "--from-top", "5", "--dry-run")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "would block 127.0.0.66 until" in shown.stdout
    assert stopped_by(flooded, ATTACKERS[0]) != "DenyList"

    done = flooded.json("ip", "block", "--from-top", "5")
    assert [row["address"] for row in done] == [f"{attacker}/32" for attacker in ATTACKERS]
    for row, attacker in zip(done, ATTACKERS, strict=True):
        strongest = named[attacker]["findings"][0]
        evidence = f"top addresses: {strongest['count']} {strongest['measure']} ({strongest['query']}), 20"
        assert row["note"].startswith(evidence)
        assert row["expires_at"] is not None
    for attacker in ATTACKERS:
        assert stopped_by(flooded, attacker) == "DenyList"
    assert stopped_by(flooded, INNOCENT) is None


def test_nothing_secret_is_in_what_was_written(flooded: Flooded) -> None:
    written = [
        flooded.run.logs(),
        *(file.read_text(errors="replace") for file in flooded.folder.rglob("state/**/*.json")),
    ]
    assert [text for text in written if PASSWORD in text] == []
    assert "user-of-127.0.0.66" in written[0]
