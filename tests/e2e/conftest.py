"""One deployment of each variant for the whole session."""

from collections.abc import Iterator

import pytest

from local import local_run
from tests.e2e.browser.gate import Gate
from tests.e2e.browser.site import Site, serve_site
from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.node_story import clients_are_installed

VARIANTS = ["regional", "edge"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Up before a deployment, which must know its origin."""
    with serve_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def gate() -> Gate:
    """What stands in front of the deployment: open, but while a test puts a web ACL there."""
    return Gate()


@pytest.fixture(scope="session", params=VARIANTS)
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, site: Site, gate: Gate
) -> Iterator[Deployment]:
    """The synthesized variant, deployed on this machine."""
    if not clients_are_installed():
        pytest.fail("the JavaScript clients are not installed: run `make setup`", pytrace=False)
    work_dir = tmp_path_factory.mktemp(request.param)
    context = {"allowed_origins": f"{ALLOWED_ORIGIN},{site.origin}"}
    with local_run(variant=request.param, context=context, work_dir=work_dir, firewall=gate) as run:
        yield Deployment(run=run)
