"""A proxy's lists as the command line finds them: a stack, a web ACL, IP sets and a table, all on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deployment.emulator import Emulator
from tests.cli.deployed_proxy import REGION, DeployedProxy
from tests.cli.waf_stub import WafStub, waf_stub


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """MiniStack: DynamoDB, CloudFormation and STS."""
    with Emulator(work_dir=tmp_path_factory.mktemp("emulator"), region=REGION) as running:
        yield running


@pytest.fixture
def waf() -> Iterator[WafStub]:
    """AWS WAF with lock tokens, empty."""
    with waf_stub(REGION) as stub:
        yield stub


@pytest.fixture
def proxy(emulator: Emulator, waf: WafStub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DeployedProxy:
    """A deployed proxy, and an environment in which AWS is the two of them."""
    made = DeployedProxy.deploy(emulator, waf)
    for name, value in made.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "COGNITO_PROXY_STACK"):
        monkeypatch.delenv(name, raising=False)
    return made
