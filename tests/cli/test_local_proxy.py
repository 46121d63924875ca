"""The command against a proxy that runs on this machine: every edit and rotation is the real one, and its effect seen.

One deployment with a rotation schedule and two app clients. The command is a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import NOT_ALL_REACHED
from cognito_proxy.cli.local_run import find_local_run
from cognito_proxy.cli.proxy_lists import ListName, find_lists
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.list_edits.edits import EntryDetails, add
from cognito_proxy.list_edits.entries import State
from cognito_proxy.list_edits.ip_set import WafArn
from local import LocalRun, local_run
from local.fronts.list_expiry import INTERVAL_SECONDS
from local.simulators.common.root_client import root_client, root_session
from tests.local.plain_http import Answer, call

ROOT = Path(__file__).resolve().parents[2]
FLAGS = {"rotation_days": "30", "app_clients": "web,ios", "deny_ips": "198.51.100.0/24"}
OF_THE_CALLER = {
    # What must not get in the way of --local.
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "ap-south-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_WAFV2": "http://127.0.0.1:9",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "COGNITO_PROXY_STACK": "CognitoProxyInProduction",
}


@dataclass(frozen=True, kw_only=True)
class Local:
    """A run, and the command in its checkout."""

    run: LocalRun
    folder: Path

    def command(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run `cognito-proxy …`; as `--local` unless the environment says where AWS is."""
        local = [] if environment else ["--local"]
        inherited = {name: os.environ[name] for name in ("PATH", "HOME")} | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "cognito_proxy.cli", *arguments, *local],
            cwd=self.folder,
            env=inherited | (environment or OF_THE_CALLER),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def says(self, *arguments: str, environment: dict[str, str] | None = None) -> list[str]:
        """What a successful command says."""
        finished = self.command(*arguments, environment=environment)
        assert (finished.returncode, finished.stderr) == (0, "")
        return finished.stdout.splitlines()

    def json(self, *arguments: str) -> Any:
        """The document of a successful command."""
        return json.loads("\n".join(self.says(*arguments, "--json")))

    def call(self) -> Answer:
        """A call to the proxy that says nothing, and so is refused by whoever sees it first."""
        return call(self.run.endpoint, "SignUp", {})

    def sign_up(self, username: str) -> Answer:
        """A sign-up through the proxy, which Cognito takes with the right secret only."""
        return call(
            self.run.endpoint,
            "SignUp",
            {
                "ClientId": self.run.outputs.client_id,
                "Username": username,
                "Password": "Dummy-Passw0rd!",
                "UserAttributes": [{"Name": "email", "Value": f"{username}@example.com"}],
            },
        )

    def active_secrets(self) -> int:
        """How many secrets Cognito takes for the first app client."""
        outputs = self.run.outputs
        cognito = root_client(root_session(), "cognito-idp", endpoint_url=self.run.upstream, region=outputs.region)
        try:
            return len(
                cognito.list_user_pool_client_secrets(UserPoolId=outputs.user_pool_id, ClientId=outputs.client_id)[
                    "ClientSecrets"
                ]
            )
        finally:
            cognito.close()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    folder = tmp_path_factory.mktemp("checkout")
    with local_run(context=FLAGS, work_dir=folder / ".local") as run:
        yield Local(run=run, folder=folder)


def test_lists_what_the_settings_say(local: Local) -> None:
    assert [(row["list"], row["address"], row["state"]) for row in local.json("ip", "list")] == [
        ("deny", "198.51.100.0/24", "settings")
    ]


def test_a_blocked_address_is_stopped_at_once_and_let_in_again(local: Local) -> None:
    assert local.call().status == 400
    assert local.says("ip", "block", "127.0.0.1", "--note", "tries passwords") == ["127.0.0.1 blocked for good"]
    blocked = local.call()
    assert (blocked.status, blocked.document["__type"]) == (403, "ForbiddenException")
    (row,) = (row for row in local.json("ip", "list") if row["state"] == "listed")
    assert (row["address"], row["note"]) == ("127.0.0.1/32", "tries passwords")
    assert local.says("ip", "unblock", "127.0.0.1") == ["127.0.0.1 no longer blocked"]
    assert local.call().status == 400


@pytest.mark.proves("allowed-inside-blocked", simulator="waf")
def test_an_allowed_address_inside_a_blocked_range_is_let_in(local: Local) -> None:
    assert local.says("ip", "block", "127.0.0.0/8") == ["127.0.0.0/8 blocked for good"]
    assert local.call().status == 403
    assert local.says("ip", "allow", "127.0.0.1") == ["127.0.0.1 allowed for good"]
    assert local.call().status == 400
    local.says("ip", "unallow", "127.0.0.1")
    assert local.call().status == 403
    local.says("ip", "unblock", "127.0.0.0/8")


def test_what_an_allowed_range_holds_is_not_blocked_and_the_command_says_so(local: Local) -> None:
    local.says("ip", "allow", "127.0.0.0/8")
    finished = local.command("ip", "block", "127.0.0.1")
    assert (finished.returncode, finished.stdout) == (0, "127.0.0.1 put onto the deny list for good\n")
    assert finished.stderr.startswith("warning: 127.0.0.1 is on the deny list and let in all the same")
    assert local.call().status == 400
    assert local.says("ip", "unallow", "127.0.0.0/8") == ["127.0.0.0/8 no longer allowed"]
    assert local.call().status == 403
    local.says("ip", "unblock", "127.0.0.1")


def test_an_address_comes_off_when_its_time_is_over(local: Local) -> None:
    outputs = next(stack.outputs for stack in local.run.stacks.values() if "WebAclArn" in stack.outputs)
    lists = find_lists(Aws(local=find_local_run(local.folder)), WafArn.parse(outputs["WebAclArn"]))
    now, denied = int(time.time()), lists.lists[ListName.DENY].by_hand[4]
    add(denied, ["127.0.0.1/32"], EntryDetails(expires_at=now + 3600), now=now, backoff=Backoff(20))
    assert local.call().status == 403
    # Its time is brought to an end, whatever time the call above took.
    entry = denied.entries.get("127.0.0.1/32")
    assert entry is not None
    assert denied.entries.put(replace(entry.turned(State.LISTED, now=now), expires_at=now), instead_of=entry)
    deadline = time.monotonic() + 4 * INTERVAL_SECONDS + 10
    while local.call().status == 403:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert [row for row in local.json("ip", "list") if row["state"] != "settings"] == []


def test_what_the_settings_block_stays_blocked(local: Local) -> None:
    finished = local.command("ip", "unblock", "198.51.100.7")
    assert (finished.returncode, finished.stderr) == (NOT_ALL_REACHED, "")
    assert "198.51.100.7 is still blocked by 198.51.100.0/24 (from the settings)" in finished.stdout


def test_with_two_app_clients_one_must_be_named(local: Local) -> None:
    finished = local.command("rotate")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.endswith("has several app clients, so name one with --app-client: web, ios\n")
    assert local.active_secrets() == 1


@pytest.mark.proves("leaked-is-ended", simulator="cognito")
@pytest.mark.parametrize(("chosen", "output"), [("web", "AppClientId"), ("ios", "AppClientIdIos")])
def test_prints_what_to_paste_for_the_app_client_that_is_chosen(local: Local, chosen: str, output: str) -> None:
    outputs = local.run.stacks[local.run.outputs.stack].outputs
    refused = local.command("config", "--for", "boto3")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{outputs['AppClientId']} (web), {outputs['AppClientIdIos']} (ios)" in refused.stderr
    printed = local.command("config", "--for", "boto3", "--client", chosen)
    assert printed.returncode == 0
    assert f'CLIENT_ID = "{outputs[output]}"\n' in printed.stdout
    assert f'endpoint_url="{local.run.endpoint}"' in printed.stdout


def test_rotates_by_the_first_name_of_the_flag_and_ends_a_leaked_secret(local: Local) -> None:
    assert local.sign_up("before").status == 200
    rotated = local.json("rotate", "--app-client", "web")
    assert (rotated["app_client"], rotated["previous_ended"]) == ("web", False)
    assert rotated["version"] == current(local, rotated["secret_arn"])
    assert local.active_secrets() == 2
    assert local.sign_up("between").status == 200
    too_fresh = local.command("rotate", "--app-client", "web")
    assert (too_fresh.returncode, too_fresh.stdout) == (1, "")
    assert too_fresh.stderr.startswith("error: The last rotation is too fresh: ")
    first, second = local.says("rotate", "--app-client", "WEB", "--leaked")
    assert first.startswith("App client web has a new secret: version ")
    assert second.startswith("The secret before it is deleted: ")
    assert local.active_secrets() == 1
    assert local.sign_up("afterwards").status == 200
    # As often as one likes: the label of a rotation under way is on one version at a time.
    for _ in range(2):
        assert local.json("rotate", "--app-client", "web", "--leaked")["previous_ended"]


def test_rotates_the_other_one(local: Local) -> None:
    before = local.active_secrets()
    assert local.json("rotate", "--app-client", "ios")["app_client"] == "ios"
    assert local.active_secrets() == before


def current(local: Local, arn: str) -> str:
    """The secret's current version."""
    labels = local.run.client("secretsmanager").describe_secret(SecretId=arn)["VersionIdsToStages"]
    return next(version for version, found in labels.items() if "AWSCURRENT" in found)


def by_variables(local: Local, **others: str) -> dict[str, str]:
    """What `make local` prints for other SDKs."""
    outputs = local.run.outputs
    return {
        "AWS_ENDPOINT_URL": outputs.aws_endpoint_url,
        "AWS_REGION": outputs.stack_region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "COGNITO_PROXY_STACK": outputs.stack,
    } | others


def test_works_by_the_endpoint_variables_too(local: Local) -> None:
    environment = by_variables(local)
    assert local.says("ip", "block", "127.0.0.1", "--for", "1h", environment=environment)
    assert local.call().status == 403
    assert local.says("ip", "unblock", "127.0.0.1", environment=environment) == ["127.0.0.1 no longer blocked"]


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({"AWS_REGION": "us-east-1"}, "stack {stack}: not in us-east-1; give its Region with --region"),
        ({"COGNITO_PROXY_STACK": "Other"}, "stack Other: not in eu-west-1; give its Region with --region"),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "AWS "),
    ],
)
def test_what_is_wrong_is_one_line(local: Local, others: dict[str, str], told: str) -> None:
    finished = local.command("ip", "list", environment=by_variables(local, **others))
    assert (finished.returncode, finished.stdout, finished.stderr.count("\n")) == (1, "", 1)
    assert finished.stderr.startswith(f"error: {told.format(stack=local.run.outputs.stack)}")


def test_nothing_that_was_said_or_written_holds_a_secret(local: Local) -> None:
    secrets = local.run.client("secretsmanager")
    outputs = next(stack.outputs for stack in local.run.stacks.values() if "SecretArn" in stack.outputs)
    values = [
        json.loads(secrets.get_secret_value(SecretId=outputs[name])["SecretString"])["client_secret"]
        for name in ("SecretArn", "SecretArnIos")
    ]
    written = [local.run.logs(), *(file.read_text(errors="replace") for file in local.folder.rglob("*.json"))]
    assert [text for text in written if any(value in text for value in values)] == []


def test_audit_finds_the_proxys_app_clients_and_no_door(local: Local) -> None:
    finished = local.command("audit", "--json")
    assert finished.returncode == 0
    # The stand-in for AWS WAF does not know which web ACL is on a pool, and that is told.
    assert [line.partition(" (")[0] for line in finished.stderr.splitlines()] == [
        "warning: AWS refused GetWebACLForResource"
    ]
    clients = json.loads(finished.stdout)["app_clients"]
    assert [(client["of_the_proxy"], client["state"]) for client in clients] == [(True, "closed")] * 2
