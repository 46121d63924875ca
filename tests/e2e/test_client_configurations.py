"""What `cognito-proxy config --local` prints is pasted, and somebody signs in with it.

The command is a process of its own; each SDK is the pinned one. Those of phones do not run here: tests/client_config.
"""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.boto3_story import token_facts
from tests.e2e.deployment import Deployment
from tests.e2e.newcomer import sign_up
from tests.e2e.node_story import CLIENTS_DIRECTORY, run_node
from tests.e2e.setups import PLAIN, on
from tests.e2e.shell import Shell
from tests.e2e.story import Person

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 60


@pytest.fixture(scope="module")
def person(deployment: Deployment) -> Person:
    return sign_up(deployment)


@pytest.fixture
def printed(deployment: Deployment, tmp_path: Path) -> Callable[..., str]:
    """What the command prints in a checkout whose `make local` is this deployment."""
    (tmp_path / ".local").symlink_to(deployment.run.outputs_file.parent)

    def run(sdk: str, *, code: int = 0) -> str:
        finished = subprocess.run(
            [sys.executable, "-m", "cognito_proxy.cli", "config", "--local", "--for", sdk],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert finished.returncode == code, finished.stderr
        assert deployment.client_secret() not in finished.stdout + finished.stderr
        return finished.stdout if code == 0 else finished.stderr

    return run


def with_node(sdk: str, text: str, person: Person, folder: Path) -> Mapping[str, Any]:
    """Sign in with a module that was printed."""
    module = folder / "pasted.mjs"
    module.write_text(text, encoding="utf-8")
    # Where the module finds the SDK, as it would in an app.
    (folder / "node_modules").symlink_to(CLIENTS_DIRECTORY / "node_modules")
    told = run_node(
        f"configured/{sdk}.mjs", str(module), says={"username": person.username, "password": person.passwords.initial}
    )
    facts: Mapping[str, Any] = json.loads(told)
    return facts


def with_boto3(_: str, text: str, person: Person, folder: Path) -> Mapping[str, Any]:
    """Sign in with what was printed for boto3, without any AWS credentials."""
    module = folder / "pasted.py"
    module.write_text(text, encoding="utf-8")
    pasted = runpy.run_path(str(module))
    cognito = pasted["cognito"]
    assert cognito._request_signer._credentials is None
    try:
        answer = cognito.initiate_auth(
            ClientId=pasted["CLIENT_ID"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": person.username, "PASSWORD": person.passwords.initial},
        )
    finally:
        cognito.close()
    return token_facts(answer["AuthenticationResult"])


def with_curl(_: str, text: str, person: Person, folder: Path) -> Mapping[str, Any]:
    """Sign in with the function that was printed, in bash."""
    shell = Shell(folder, programs=("curl", "jq"))
    told = shell.run(f"{text}sign_in\n", answers=[person.username, person.passwords.initial])
    assert told.stderr == "User name: Password: \n"
    assert person.passwords.initial not in shell.arguments()
    return token_facts(json.loads(told.stdout)["AuthenticationResult"])


SDKS = {
    "amplify-js": with_node,
    "identity-js": with_node,
    "aws-sdk-js": with_node,
    "boto3": with_boto3,
    "curl": with_curl,
}


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the caller's: neither credentials nor endpoints."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # It would keep the credentials that it found when it was first asked for.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.mark.proves("configuration-signs-in", oracle="SDKs")
@pytest.mark.usefixtures("no_aws")
@on(PLAIN)
@pytest.mark.parametrize("sdk", SDKS)
def test_somebody_signs_in_with_what_is_printed(
    deployment: Deployment, printed: Callable[..., str], person: Person, sdk: str, tmp_path: Path
) -> None:
    text = printed(sdk)
    deployment.run.viewer_journal.clear()
    with deployment.forwarded_calls() as forwarded:
        facts = SDKS[sdk](sdk, text, person, tmp_path)
        assert not [call for call in forwarded() if deployment.run.is_direct(call)]
    assert {call.operation for call in deployment.run.viewer_journal.calls()} >= {"InitiateAuth"}
    assert facts == {
        "access_token_use": "access",
        "access_token_client_id": deployment.client_id,
        "id_token_use": "id",
        "has_refresh_token": True,
    }


@on(PLAIN)
@pytest.mark.parametrize("sdk", ["amplify-android", "amplify-ios"])
def test_what_wants_tls_is_refused_for_a_local_run(printed: Callable[..., str], sdk: str) -> None:
    assert "calls https:// on port 443 only" in printed(sdk, code=1)


@on(PLAIN)
def test_flutter_gets_the_url_of_a_local_run(deployment: Deployment, printed: Callable[..., str]) -> None:
    assert f'"Endpoint": "{deployment.endpoint.rstrip("/")}"' in printed("amplify-flutter")


def test_amplify_takes_no_endpoint_from_its_file_and_one_from_code() -> None:
    """Which is why the one is printed and not the other."""
    assert json.loads(run_node("configured/amplify_outputs.mjs")) == {
        "outputs": None,
        "code": "https://auth.example.com/",
    }
