import json
from pathlib import Path

import pytest

from local import LocalRunError
from local.deployment.cdk_json import left_out
from local.deployment.synth import synthesize

TELLS = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
names = (
    "CDK_CONTEXT_JSON", "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION", "AWS_PROFILE", "CONTEXT_OVERFLOW_LOCATION_ENV"
)
(out / "environment.json").write_text(json.dumps({name: os.environ.get(name) for name in names}))
"""


def _synthesize(folder: Path, program: str, **flags: str) -> Path:
    app = folder / "app.py"
    app.write_text(program)
    return synthesize(
        context={"variant": "regional", **flags},
        out_dir=folder / "out",
        account="000000000000",
        region="eu-west-1",
        app=app,
    )


def test_gives_the_app_what_the_cdk_command_line_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "the caller's")
    told = json.loads((_synthesize(tmp_path, TELLS) / "environment.json").read_text())
    context = json.loads(told["CDK_CONTEXT_JSON"])
    assert context["variant"] == "regional"
    assert context["@aws-cdk/core:checkSecretUsage"] is True
    assert (told["CDK_DEFAULT_ACCOUNT"], told["CDK_DEFAULT_REGION"]) == ("000000000000", "eu-west-1")
    assert told["AWS_PROFILE"] is None


OF_AN_ACCOUNT = {"user_pool_id": "eu-west-1_AbCdEf123", "config": "prod.json", "app_client_ids": "1a2b3c"}


def test_flags_for_a_deployment_do_not_reach_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They name what the emulator does not have, wherever a CDK command line would have found them."""
    home, checkout, overflow = tmp_path / "home", tmp_path / "checkout", tmp_path / "overflow.json"
    home.mkdir()
    checkout.mkdir()
    (home / ".cdk.json").write_text(json.dumps({"context": OF_AN_ACCOUNT}))
    (checkout / "cdk.json").write_text(json.dumps({"context": {**OF_AN_ACCOUNT, "rate_limit": 70}}))
    overflow.write_text(json.dumps(OF_AN_ACCOUNT))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CDK_CONTEXT_JSON", json.dumps(OF_AN_ACCOUNT))
    monkeypatch.setenv("CONTEXT_OVERFLOW_LOCATION_ENV", str(overflow))
    monkeypatch.setattr("local.deployment.cdk_json.ROOT", checkout)
    told = json.loads((_synthesize(tmp_path, TELLS) / "environment.json").read_text())
    assert json.loads(told["CDK_CONTEXT_JSON"]) == {"rate_limit": 70, "variant": "regional"}
    assert told["CONTEXT_OVERFLOW_LOCATION_ENV"] is None
    assert left_out() == ("app_client_ids", "config", "user_pool_id")


def test_a_flag_that_is_given_to_the_run_holds(tmp_path: Path) -> None:
    told = json.loads(
        (_synthesize(tmp_path, TELLS, user_pool_id="eu-west-1_AbCdEf123") / "environment.json").read_text()
    )
    assert json.loads(told["CDK_CONTEXT_JSON"])["user_pool_id"] == "eu-west-1_AbCdEf123"


def test_passes_the_app_s_own_line_on(tmp_path: Path) -> None:
    with pytest.raises(LocalRunError, match=r"^synth failed: rate_limit: 'x' is not allowed$"):
        _synthesize(tmp_path, "import sys; sys.exit(\"rate_limit: 'x' is not allowed\")")
