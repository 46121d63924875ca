"""`python -m local`, as `make local` starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.paths import ROOT
from local.ports import listen, port_of
from tests.local.processes import children_of, processes_in_group
from tests.local.raw import post

SECONDS = 30


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
            if process.poll() is None:
                process.kill()


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
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
    ]
    assert (outputs["variant"], outputs["region"]) == ("regional", "eu-west-1")
    assert Path(outputs["template"]).name == "Tiny.template.json"


@pytest.mark.parametrize("line", ["starting the emulator", "deploying Tiny"])
def test_leaves_nothing_behind_when_stopped_while_starting(tmp_path: Path, assembly_dir: Path, line: str) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != line:
            assert process.poll() is None
        time.sleep(0.1)
        children = children_of(process.pid)
        process.terminate()
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert "READY" not in out
    assert [pid for child in children for pid in processes_in_group(child)] == []


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
    ],
)
def test_says_in_one_line_what_is_wrong(tmp_path: Path, arguments: list[str], code: int, named: str) -> None:
    exit_code, err = _failure(tmp_path, *arguments)
    assert exit_code == code
    assert named in err.splitlines()[-1]


def test_two_runs_do_not_share_a_folder(tmp_path: Path, assembly_dir: Path) -> None:
    with _local(tmp_path, "--assembly", str(assembly_dir)) as process:
        _ready(process)
        code, err = _failure(tmp_path, "--assembly", str(assembly_dir))
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert (code, err) == (1, f"error: another run uses the folder {tmp_path}: stop it, or give --work-dir")
