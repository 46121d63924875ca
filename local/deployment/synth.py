"""Synthesizes the app as the CDK CLI would, without the CDK CLI."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from local import stopping
from local.deployment.cdk_json import local_context
from local.errors import LocalRunError
from local.paths import BIN, ROOT

_SECONDS = 120
# The third is where the CDK leaves a context that is too long for a variable (aws-cdk-lib, cx-api: cxapi.ts).
_OF_THE_CALLER = ("AWS_", "CDK_", "CONTEXT_OVERFLOW_LOCATION_ENV")
_STOP_SECONDS = 3.0
_POLL_SECONDS = 0.1


def synthesize(
    *, context: Mapping[str, str], out_dir: Path, account: str, region: str, app: Path | None = None
) -> Path:
    """Run app.py into `out_dir` (the cloud assembly) and return that folder.

    `context` are the flags that `cdk synth -c name=value` would take; they win over cdk.json's, of which those do not
    hold that name what is in an account (`cdk_json`). The caller's ~/.cdk.json, which the CLI would add, is not read.
    `account` and `region` are what the CLI would read from the caller's credentials. Default of `app`: the checkout's
    app.py.
    Raises LocalRunError with the app's own last line when it refuses.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(app or ROOT / "app.py")],
        cwd=ROOT,
        env=_environment(context, out_dir, account, region),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own: Ctrl-C in a terminal reaches this program, which ends it with all that it started.
        start_new_session=True,
    )
    try:
        output, errors = _communicate(process)
    except BaseException:
        _end(process)
        raise
    if process.returncode:
        raise LocalRunError(f"synth failed: {_last_line(errors) or _last_line(output) or 'no reason given'}")
    return out_dir


def _communicate(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it wrote, once it has ended."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=_POLL_SECONDS)
        stopping.checkpoint()
    raise LocalRunError(f"synth took more than {_SECONDS} seconds")


def _end(process: subprocess.Popen[str]) -> None:
    """End it: SIGINT, so that it ends jsii's Node.js, which tidies up; after three seconds SIGKILL for what is left."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=_STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _environment(context: Mapping[str, str], out_dir: Path, account: str, region: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_CALLER)}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "CDK_OUTDIR": str(out_dir),
        "CDK_CONTEXT_JSON": json.dumps({**local_context(), **context}),
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
