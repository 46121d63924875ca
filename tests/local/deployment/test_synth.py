import json
from pathlib import Path

import pytest

from local import LocalRunError
from local.deployment.synth import synthesize

TELLS = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
names = ("CDK_CONTEXT_JSON", "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION", "AWS_PROFILE")
(out / "environment.json").write_text(json.dumps({name: os.environ.get(name) for name in names}))
"""


def _synthesize(folder: Path, program: str) -> Path:
    app = folder / "app.py"
    app.write_text(program)
    return synthesize(
        context={"variant": "regional"}, out_dir=folder / "out", account="000000000000", region="eu-west-1", app=app
    )


def test_gives_the_app_what_the_cdk_command_line_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "the caller's")
    told = json.loads((_synthesize(tmp_path, TELLS) / "environment.json").read_text())
    context = json.loads(told["CDK_CONTEXT_JSON"])
    assert context["variant"] == "regional"
    assert context["@aws-cdk/core:checkSecretUsage"] is True
    assert (told["CDK_DEFAULT_ACCOUNT"], told["CDK_DEFAULT_REGION"]) == ("000000000000", "eu-west-1")
    assert told["AWS_PROFILE"] is None


def test_passes_the_app_s_own_line_on(tmp_path: Path) -> None:
    with pytest.raises(LocalRunError, match=r"^synth failed: rate_limit: 'x' is not allowed$"):
        _synthesize(tmp_path, "import sys; sys.exit(\"rate_limit: 'x' is not allowed\")")
