"""The scheduled function, run from the very asset that would be deployed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack

from cognito_proxy.firewall.ip_list_expiry import IpListExpiry
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.list_edits.entries import Entry, State
from local.simulators.common.aws_json import Refused
from tests.cli.deployed_proxy import DeployedProxy

RUN = "import sys; sys.path.insert(0, sys.argv[1]); from list_edits.handler import handler; handler({}, None)"
HOUR = 3600


@pytest.fixture(scope="module")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function's asset as synthesized."""
    folder = tmp_path_factory.mktemp("assembly")
    app = App(outdir=str(folder))
    stack = Stack(app, "Stack")
    IpListExpiry(stack, "IpListExpiry", web_acl=ProxyWebAcl(stack, "WebAcl"))
    app.synth()
    (found,) = folder.glob("asset.*")
    return found


@pytest.fixture
def run(asset: Path, proxy: DeployedProxy, tmp_path: Path) -> Any:
    """Run the function in a process that sees its asset and nothing of the checkout."""

    def invoke() -> subprocess.CompletedProcess[str]:
        by_hand = [*proxy.allow.values(), *proxy.deny.values()]
        environment = proxy.environment(tmp_path) | {
            "PATH": os.environ["PATH"],
            "AWS_DEFAULT_REGION": "eu-west-1",
            "TABLE_NAME": proxy.table_name,
            "IP_SET_ARNS": ",".join(ip_set.arn for ip_set in by_hand),
        }
        return subprocess.run(
            [sys.executable, "-c", RUN, str(asset)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return invoke


def put(proxy: DeployedProxy, version: int, address: str, *, expires_at: int, state: State = State.LISTED) -> None:
    """An entry of the deny list, and its address in the IP set."""
    ip_set = proxy.deny[version]
    now = int(time.time())
    entry = Entry(
        address=address, state=state, changed_at=now, added_at=now, added_by="user/ann", note="n", expires_at=expires_at
    )
    assert proxy.table(ip_set).put(entry, instead_of=None)
    if state is State.LISTED:
        ip_set.addresses += (address,)


def test_the_asset_is_one_folder_without_caches(asset: Path) -> None:
    assert [path.name for path in asset.iterdir()] == ["list_edits"]
    assert {path.suffix for path in asset.rglob("*") if path.is_file()} == {".py"}


@pytest.mark.proves("expired-taken-off")
def test_takes_off_what_has_expired_and_finishes_what_was_left(proxy: DeployedProxy, run: Any) -> None:
    now = int(time.time())
    put(proxy, 4, "203.0.113.1/32", expires_at=now - 1)
    put(proxy, 4, "203.0.113.2/32", expires_at=now + HOUR)
    put(proxy, 4, "203.0.113.3/32", expires_at=now + HOUR, state=State.ADDING)
    put(proxy, 6, "2001:db8::/48", expires_at=now - 1)
    finished = run()
    assert (finished.returncode, finished.stderr) == (0, "")
    assert set(proxy.deny[4].addresses) == {"203.0.113.2/32", "203.0.113.3/32"}
    assert {entry.state for entry in proxy.entries(proxy.deny[4]).values()} == {State.LISTED}
    assert (proxy.deny[6].addresses, proxy.entries(proxy.deny[6])) == ((), {})
    logged = {line["ip_set"]: line for line in map(json.loads, finished.stdout.splitlines())}
    assert logged[proxy.deny[4].id] == {
        "ip_set": proxy.deny[4].id,
        "carried_out": 1,
        "expired": 1,
        "forgotten": 0,
    }
    assert len(logged) == 4


def test_a_list_that_fails_keeps_no_other_and_fails_the_run_without_naming_addresses(
    proxy: DeployedProxy, run: Any
) -> None:
    now = int(time.time())
    put(proxy, 4, "203.0.113.1/32", expires_at=now - 1)
    put(proxy, 6, "2001:db8::/48", expires_at=now - 1)
    proxy.waf.faults["UpdateIPSet"] = deque([Refused("WAFInvalidParameterException", "203.0.113.1/32 is wrong")])
    finished = run()
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1] == "list_edits.handler.ExpiryFailed: 1 of 4 lists were not updated"
    assert '"error": "UpdateIPSet: WAFInvalidParameterException"' in finished.stdout
    assert "203.0.113" not in finished.stdout + finished.stderr
    assert "2001:db8" not in finished.stdout + finished.stderr
    assert proxy.deny[6].addresses == ()
    assert run().returncode == 0
    assert proxy.deny[4].addresses == ()
