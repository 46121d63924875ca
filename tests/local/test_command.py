"""`python -m local`, as `make local` starts it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.paths import ROOT
from local.ports import listen, port_of
from tests.local.plain_http import post
from tests.local.processes import children_of, end, processes_in_group

SECONDS = 60


@contextmanager
def _local(work_dir: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--work-dir", str(work_dir), *arguments],
        cwd=ROOT,
        env={**os.environ, "PORT": "", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            end(process)


def _failure(work_dir: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and what it says on standard error, which has to be a short word."""
    with _local(work_dir, *arguments, **environment) as process:
        out, err = process.communicate(timeout=SECONDS)
    assert "READY" not in out
    assert "Traceback" not in err
    return process.returncode, err.strip()


def _ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("READY "):
            return line.split()[1]
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_is_ready_when_it_says_so_and_stops_cleanly(tmp_path: Path, assembly_dir: Path, number: signal.Signals) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        endpoint = _ready(process)
        assert post(endpoint).status == 200
        outputs = json.loads((tmp_path / "outputs.json").read_text())
        children = children_of(process.pid)
        assert children
        process.send_signal(number)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert [pid for child in children for pid in processes_in_group(child)] == []
    assert not (tmp_path / "outputs.json").exists()
    assert outputs["endpoint"] == endpoint
    assert list(outputs) == [
        "variant",
        "endpoint",
        "region",
        "user_pool_id",
        "client_id",
        "upstream",
        "template",
        "stack",
        "stack_region",
        "aws_endpoint_url",
    ]
    assert outputs["stack"] == "Tiny"
    assert outputs["aws_endpoint_url"].startswith("http://127.0.0.1:")
    assert (outputs["variant"], outputs["region"]) == ("regional", "eu-west-1")
    assert Path(outputs["template"]).name == "Tiny.template.json"
    assert (outputs["stack"], outputs["stack_region"]) == ("Tiny", "eu-west-1")


WHILE_STARTING = [
    # Line after which the signals come, seconds until then, signals. Without an assembly the app is synthesized.
    ("synthesizing variant regional", 0.0, (signal.SIGINT,)),
    ("synthesizing variant regional", 1.5, (signal.SIGINT, signal.SIGINT)),
    ("starting the emulator", 0.0, (signal.SIGINT,)),
    ("deploying Tiny", 0.0, (signal.SIGINT, signal.SIGTERM)),
    ("deploying Tiny", 0.1, (signal.SIGTERM,)),
]


@pytest.mark.parametrize(("line", "seconds", "numbers"), WHILE_STARTING)
def test_leaves_nothing_behind_when_stopped_while_starting(
    tmp_path: Path, assembly_dir: Path, line: str, seconds: float, numbers: tuple[signal.Signals, ...]
) -> None:
    arguments = [] if line.startswith("synthesizing") else ["--assembly", str(assembly_dir)]
    with _local(tmp_path, *arguments) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != line:
            assert process.poll() is None
        time.sleep(seconds)
        children = children_of(process.pid)
        for number in numbers:
            process.send_signal(number)
            time.sleep(0.02)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert "READY" not in out
    assert [pid for child in children for pid in processes_in_group(child)] == []
    assert not (tmp_path / "outputs.json").exists()


def test_stops_in_the_middle_of_what_it_says_first(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        _ready(process)
        children = children_of(process.pid)
        for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert [pid for child in children for pid in processes_in_group(child)] == []
    assert not (tmp_path / "outputs.json").exists()


def test_stops_while_calls_are_under_way(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        endpoint = _ready(process)
        children = children_of(process.pid)
        with ThreadPoolExecutor() as callers:
            calls = [callers.submit(post, endpoint, headers={"X-Test-Sleep": "20"}) for _ in range(4)]
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=SECONDS)
            assert [call.exception(timeout=SECONDS) is not None or call.result().status for call in calls]
    assert (process.returncode, err) == (0, "")
    assert [pid for child in children for pid in processes_in_group(child)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe of a chosen size is Linux's")
def test_stops_when_what_it_says_waits_for_a_reader(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4_096)
        endpoint = _ready(process)
        for _ in range(80):
            assert post(endpoint).status == 200
        process.terminate()
        assert process.wait(timeout=SECONDS) == 0
    assert not (tmp_path / "outputs.json").exists()


def test_stops_when_nobody_reads_what_it_says(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        endpoint = _ready(process)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        children = children_of(process.pid)
        post(endpoint)
        assert process.wait(timeout=SECONDS) == 0
        assert process.stderr.read() == ""
    assert [pid for child in children for pid in processes_in_group(child)] == []
    assert not (tmp_path / "outputs.json").exists()


def test_says_that_the_emulator_has_ended(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        _ready(process)
        (emulator,) = children_of(process.pid)
        os.kill(emulator, signal.SIGKILL)
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert err.startswith("error: the emulator ended: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("verbose", "shown"), [("1", True), ("", False)])
def test_what_was_changed_for_the_emulator_goes_to_a_file(
    tmp_path: Path, assembly_dir: Path, verbose: str, shown: bool
) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir), VERBOSE=verbose) as process:
        assert process.stdout is not None
        lines = []
        while not lines or not lines[-1].startswith("Stop"):
            lines.append(process.stdout.readline())
            assert lines[-1]
        process.terminate()
        process.communicate(timeout=SECONDS)
    screen = "".join(lines)
    assert ("left out (AWS::WAFv2::IPSet" in screen) == shown
    assert f"Changed for the emulator: see {tmp_path / 'changes.txt'} (VERBOSE=1 prints it)" in screen
    changes = (tmp_path / "changes.txt").read_text()
    assert changes.startswith("Tiny:\n")
    assert "left out (AWS::WAFv2::IPSet: the emulator has no such type): IpSet" in changes


def test_listens_where_port_says(tmp_path: Path, assembly_dir: Path) -> None:
    with listen() as listener:
        port = port_of(listener)
    with _local(tmp_path, "--assembly", str(assembly_dir), PORT=str(port)) as process:
        assert _ready(process) == f"http://127.0.0.1:{port}/prod/"
        process.terminate()
        process.communicate(timeout=SECONDS)


def test_says_that_the_port_is_in_use(tmp_path: Path) -> None:
    with listen() as listener:
        port = port_of(listener)
        code, err = _failure(tmp_path, "--port", str(port))
    assert code == 1
    assert err == f"error: port {port} on 127.0.0.1 is already in use: give another one (0: any free port)"


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["--variant", "global"], 1, "error: variant 'global' is not one of: regional"),
        (["--port", "http"], 1, "error: port 'http' is not a number: give 1 to 65535, or 0 for any free one"),
        (["--port", "65536"], 1, "error: port 65536 is not a port: give 1 to 65535, or 0 for any free one"),
        (["--assembly", "/nowhere"], 1, "error: /nowhere/manifest.json is not part of a cloud assembly"),
        (["-c", "allowed_origins"], 2, "'allowed_origins' is not NAME=VALUE"),
        (["--nonsense"], 2, "error: unrecognized arguments: --nonsense"),
        (["-c", "rate_limt=7"], 1, "error: synth failed: rate_limt: unknown flag; did you mean rate_limit?"),
        (["-c", "rate_limit=70", "-c", "rate_limit=80"], 1, "error: rate_limit: given twice, as '70' and as '80'"),
    ],
)
def test_says_in_one_line_what_is_wrong(tmp_path: Path, arguments: list[str], code: int, named: str) -> None:
    exit_code, err = _failure(tmp_path, *arguments)
    assert exit_code == code
    assert named in err
    assert len(err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, err = _failure(tmp_path / "file" / "folder")
    assert (code, err) == (1, f"error: {tmp_path / 'file' / 'folder'}: Not a directory")


def test_two_runs_do_not_share_a_folder(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        _ready(process)
        code, err = _failure(tmp_path, "--assembly", str(assembly_dir))
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert (code, err) == (1, f"error: another run uses the folder {tmp_path}: stop it, or give --work-dir")
