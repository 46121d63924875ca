"""Synthesizes the app as the CDK CLI would, without the CDK CLI."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.errors import LocalRunError
from local.paths import BIN, ROOT

_SECONDS = 120


def synthesize(
    *, context: Mapping[str, str], out_dir: Path, account: str, region: str, app: Path | None = None
) -> Path:
    """Run app.py into `out_dir` (the cloud assembly) and return that folder.

    `context` are the flags that `cdk synth -c name=value` would take; they win over cdk.json's. `account` and `region`
    are what the CLI would read from the caller's credentials. Default of `app`: the checkout's app.py.
    Raises LocalRunError with the app's own last line when it refuses.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            [sys.executable, str(app or ROOT / "app.py")],
            cwd=ROOT,
            env=_environment(context, out_dir, account, region),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LocalRunError(f"synth took more than {_SECONDS} seconds") from None
    if done.returncode:
        raise LocalRunError(f"synth failed: {_last_line(done.stderr) or _last_line(done.stdout) or 'no reason given'}")
    return out_dir


def _environment(context: Mapping[str, str], out_dir: Path, account: str, region: str) -> dict[str, str]:
    defaults: dict[str, object] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8")).get("context", {})
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "CDK_OUTDIR": str(out_dir),
        "CDK_CONTEXT_JSON": json.dumps({**defaults, **context}),
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
