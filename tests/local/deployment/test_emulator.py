import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from local import LocalRunError
from local.deployment.emulator import Emulator
from local.paths import ROOT
from tests.local.conftest import Tiny
from tests.local.plain_http import post
from tests.local.processes import processes_in_group

OF_AWS_LAMBDA = {
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
}
OF_THIS_RUN = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"}
OF_THE_EMULATOR = {"AWS_DISABLE_HOST_PREFIX_INJECTION"}


def test_functions_see_what_aws_gives_them_and_two_endpoints(tiny: Tiny) -> None:
    environment = post(tiny.run.endpoint).document["environment"]
    of_aws = {name for name in environment if name.startswith("AWS_")}
    assert of_aws == OF_AWS_LAMBDA | OF_THIS_RUN | OF_THE_EMULATOR
    assert environment["AWS_ENDPOINT_URL"] == tiny.run.emulator.endpoint
    # Functions reach Cognito on a port of their own, so that the journal can tell who went round the proxy.
    cognito = environment["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"]
    assert cognito.rpartition(":")[0] == tiny.run.upstream.rpartition(":")[0]
    assert cognito not in (tiny.run.upstream, tiny.run.emulator.endpoint)
    # A key of a role's session: the root's begins differently.
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_functions_see_nothing_of_the_caller(tiny: Tiny) -> None:
    environment = post(tiny.run.endpoint).document["environment"]
    assert environment["HOME"] != os.environ.get("HOME")
    assert "PYTEST_CURRENT_TEST" not in environment


@pytest.mark.proves("demo-runs-the-template")
def test_functions_run_from_their_asset_and_not_from_the_checkout(tiny: Tiny) -> None:
    assert str(tiny.run.outputs_file.parent) in post(tiny.run.endpoint).document["cwd"]


def test_logs_hold_what_functions_printed_and_the_emulator_s_own_lines(tiny: Tiny) -> None:
    post(tiny.run.endpoint)
    logs = tiny.run.logs()
    assert "handled POST" in logs
    assert "services available on port" in logs


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    with Emulator(work_dir=tmp_path, region="eu-west-1") as emulator:
        pid = emulator.pid
        assert pid is not None
        assert processes_in_group(pid) == [pid]
    assert processes_in_group(pid) == []
    emulator.stop()


STARTS_ONE = """
import pathlib, sys, time
from local.deployment.emulator import Emulator
from local.paths import ROOT
emulator = Emulator(work_dir=pathlib.Path(sys.argv[1]), region="eu-west-1")
emulator.start()
print(emulator.pid, flush=True)
time.sleep(60)
"""


def test_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS_ONE, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        emulator = int(parent.stdout.readline())
        assert processes_in_group(emulator) == [emulator]
        parent.kill()
    try:
        assert _gone(emulator)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(emulator, signal.SIGKILL)


def test_tells_when_it_ends_by_itself(tmp_path: Path) -> None:
    with Emulator(work_dir=tmp_path, region="eu-west-1") as emulator:
        assert emulator.pid is not None
        os.kill(emulator.pid, 15)
        with pytest.raises(LocalRunError, match="the emulator ended"):
            _check_until_it_ended(emulator)


def _gone(group: int) -> bool:
    """Whether a process group has ended within five seconds."""
    for _ in range(100):
        if not processes_in_group(group):
            return True
        time.sleep(0.05)
    return False


def _check_until_it_ended(emulator: Emulator) -> None:
    for _ in range(200):
        emulator.check()
        time.sleep(0.05)


def test_tells_why_it_did_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.deployment.emulator.MODULE", "no_such_emulator")
    with pytest.raises(LocalRunError, match=r"the emulator did not start: .*no_such_emulator"):
        Emulator(work_dir=tmp_path, region="eu-west-1").start()
