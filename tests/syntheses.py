"""Cloud assemblies of the app, each synthesized once a session, whichever test or worker asks first.

A process for each synthesis costs five times what the synthesis itself costs: Node.js, aws-cdk-lib and the engine of
its template validation come up anew. So an assembly is made in the worker's own process, by the app's own `plan`, and
kept for the other tests that ask for the same flags. What an assembly is made of is part of its key, and the folder
is the session's: nothing of an earlier session, of other flags or of older sources is ever given.

`tests/test_syntheses.py` holds it against what a process of its own gives.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from local.deployment.cdk_json import local_context
from local.deployment.synth import synthesize
from tests.needs import ROOT

SOURCES = ("app.py", "cdk.json", "cognito_proxy", "cognito_proxy_guards", "examples", "lambda", "stacks", "web/dist")
"""What an assembly is made of, beside the flags: files and folders of the checkout."""

VALIDATION = "CDK_VALIDATION"
"""The CDK validates every template that it synthesizes, unless this variable is `false` (aws-cdk-lib, core:
private/synthesis-validation.ts). Its engine takes three seconds a process and a tenth of one a stack."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is asked of the app: all that an assembly depends on, beside the sources."""

    context: Mapping[str, Any]
    account: str | None = None
    """What the CDK CLI knows of whoever deploys. Default: - nothing."""
    region: str | None = None
    """Likewise."""


class Syntheses:
    """The assemblies in one folder, which several processes may share."""

    def __init__(
        self, folder: Path, *, sources: Iterable[Path] | None = None, make: Callable[[Ask, Path], None] | None = None
    ) -> None:
        """`sources` are files and folders (Default: the checkout's `SOURCES`); `make` writes an assembly into a folder
        (Default: the app does, in this process)."""
        self._folder = folder
        self._sources = tuple(sources) if sources is not None else tuple(ROOT / name for name in SOURCES)
        self._make = make or synthesize_here

    def assembly(self, context: Mapping[str, Any], *, account: str | None = None, region: str | None = None) -> Path:
        """The assembly for these flags, to be read only."""
        ask = Ask(context=dict(context), account=account, region=region)
        folder = self._folder / self._key(ask)
        self._folder.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("w") as lock:
            # Another worker that makes the same one ends first; the lock ends with the file.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                unfinished = folder.with_suffix(".unfinished")
                shutil.rmtree(unfinished, ignore_errors=True)
                self._make(ask, unfinished)
                unfinished.rename(folder)
        return folder

    def templates(self, context: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The assembly's templates by the names of their stacks."""
        folder = self.assembly(context)
        artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
        return {
            artifact["properties"].get("stackName", name): json.loads(
                (folder / artifact["properties"]["templateFile"]).read_text(encoding="utf-8")
            )
            for name, artifact in artifacts.items()
            if artifact["type"] == "aws:cloudformation:stack"
        }

    def synthesize(
        self, *, context: Mapping[str, str], out_dir: Path, account: str, region: str, app: Path | None = None
    ) -> Path:
        """In the place of `local.deployment.synth.synthesize`: a copy of the assembly in `out_dir`."""
        try:
            made = self.assembly({**local_context(), **context}, account=account, region=region)
        except SystemExit:
            # The app refuses the flags: as a process of its own it says so to its caller.
            return synthesize(context=context, out_dir=out_dir, account=account, region=region, app=app)
        shutil.copytree(made, out_dir, dirs_exist_ok=True)
        return out_dir

    def _key(self, ask: Ask) -> str:
        told = json.dumps([ask.context, ask.account, ask.region], sort_keys=True)
        return hashlib.sha256(f"{told} {_fingerprint(self._sources)}".encode()).hexdigest()[:32]


def synthesize_here(ask: Ask, folder: Path) -> None:
    """What `app.py` does, in this process, whose Node.js is up. Raises SystemExit if the app refuses the flags."""
    from aws_cdk import App, Validations

    import app as deployment_plan

    made = App(context=dict(ask.context), outdir=str(folder))
    Validations.of(made).add_plugins(template_validation())
    with mock.patch.multiple(deployment_plan, _ACCOUNT=ask.account, _REGION=ask.region):
        deployment_plan.plan(made)
        made.synth()


@cache
def template_validation() -> Any:
    """The CDK's own validation of templates, for those who want it although `VALIDATION` is off; it is made once."""
    from aws_cdk import CloudFormationValidatePlugin

    return CloudFormationValidatePlugin()


def _fingerprint(sources: Iterable[Path]) -> str:
    """Of all files' paths and contents, without what Python leaves beside them."""
    seen = hashlib.sha256()
    for source in sources:
        for file in sorted([source, *source.rglob("*")]):
            if file.is_file() and "__pycache__" not in file.parts:
                seen.update(f"{file}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return seen.hexdigest()
