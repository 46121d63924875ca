"""One deployment of each setup for the whole session."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from socket import socket

import pytest

from local import local_run
from local.page.serve import origin_of
from local.ports import listen
from tests.e2e.browser.gate import Gate
from tests.e2e.browser.site import Site, serve_site
from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.node_story import clients_are_installed
from tests.e2e.setups import PLAIN, Setup
from tests.e2e.signed_in import SAMPLE_APIS, ApiCaller, User, Users, signed_in


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Up before a deployment, which must know its origin."""
    with serve_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def page_listener() -> Iterator[socket]:
    """Where the page to sign in on is served, likewise."""
    with listen() as listener:
        yield listener


@pytest.fixture(scope="session")
def gate() -> Gate:
    """What stands in front of the deployment: open, but while a test puts a web ACL there."""
    return Gate()


@pytest.fixture(scope="session")
def deployments(
    tmp_path_factory: pytest.TempPathFactory, site: Site, page_listener: socket, gate: Gate
) -> Iterator[Callable[[Setup], Deployment]]:
    """Gives a setup's deployment. It is made when first asked for, and stays up while tests of the others run."""
    if not clients_are_installed():
        pytest.fail("the JavaScript clients are not installed: run `make setup`", pytrace=False)
    origins = [ALLOWED_ORIGIN, site.origin, origin_of(page_listener)]
    with ExitStack() as ends:

        @cache
        def deploy(setup: Setup) -> Deployment:
            oauth = (
                {"oauth_domain": "my-app", "oauth_callback_urls": f"{site.origin}/oauth.html"} if setup.oauth else {}
            )
            if oauth:
                oauth["oauth_logout_urls"] = f"{site.origin}/bye.html"
            run = local_run(
                variant=setup.variant,
                context={"allowed_origins": ",".join(origins), **setup.context, **oauth},
                work_dir=tmp_path_factory.mktemp(setup.variant),
                firewall=gate,
            )
            return Deployment(run=ends.enter_context(run), setup=setup)

        yield deploy


@pytest.fixture(scope="session", params=PLAIN, ids=str)
def deployment(request: pytest.FixtureRequest, deployments: Callable[[Setup], Deployment]) -> Deployment:
    """The synthesized setup, deployed on this machine."""
    return deployments(request.param)


@pytest.fixture(scope="session")
def users() -> Users:
    """Gives Ada and Bob of a deployment, who sign up when they are first asked for."""
    known: dict[str, tuple[User, User]] = {}

    def sign_in(deployment: Deployment) -> tuple[User, User]:
        if deployment.client_id not in known:
            ada, bob = signed_in(deployment, "Ada", "Lovelace"), signed_in(deployment, "Bob", "Builder")
            known[deployment.client_id] = ada, bob
        return known[deployment.client_id]

    return sign_in


@pytest.fixture
def ada(deployment: Deployment, users: Users) -> User:
    return users(deployment)[0]


@pytest.fixture
def bob(deployment: Deployment, users: Users) -> User:
    return users(deployment)[1]


@pytest.fixture(params=SAMPLE_APIS)
def api(request: pytest.FixtureRequest, deployment: Deployment) -> ApiCaller:
    output: str = request.param
    return ApiCaller(output=output, url=deployment.run.sample_apis[output].url, takes=SAMPLE_APIS[output])
