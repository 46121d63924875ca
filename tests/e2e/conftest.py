"""One deployment of each variant for the whole session."""

from collections.abc import Iterator

import pytest

from local import local_run
from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.node_story import clients_are_installed

VARIANTS = ["regional"]


@pytest.fixture(scope="session", params=VARIANTS)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The synthesized variant, deployed on this machine."""
    if not clients_are_installed():
        pytest.fail("the JavaScript clients are not installed: run `make setup`", pytrace=False)
    work_dir = tmp_path_factory.mktemp(request.param)
    context = {"allowed_origins": ALLOWED_ORIGIN}
    with local_run(variant=request.param, context=context, work_dir=work_dir) as run:
        yield Deployment(run=run)
