"""A pool's published keys on this machine, and a deployment with both kinds of authorizers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from local import HttpRequest, HttpResponse, LocalRun, local_run
from local.ports import LOOPBACK, listen, port_of
from local.simulators.common.serving import ServerThread, application
from tests.simulators.api_gateway.authorized_apis import write_authorized_apis
from tests.simulators.api_gateway.tokens import as_jwk, private_key

REGION = "eu-west-1"
POOL_ID = f"{REGION}_Published"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"


@dataclass
class Published:
    """What a pool publishes, and how often somebody asked for it."""

    url: str = ""
    keys: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request.path)
        return HttpResponse(status=self.status, headers=(), body=json.dumps({"keys": self.keys}).encode())


@pytest.fixture
def published(publisher: Published) -> Published:
    """A pool with one key, named `pool-1`."""
    publisher.keys[:] = [as_jwk(private_key("pool"), "pool-1")]
    publisher.status = 200
    publisher.asked.clear()
    return publisher


@pytest.fixture(scope="session")
def publisher() -> Iterator[Published]:
    """One server for all tests: `published` says what stands in it."""
    published = Published()
    servers = ServerThread()
    try:
        with listen() as listener:
            too_large = HttpResponse(status=413, headers=(), body=b"")
            servers.serve(application(published.answer, max_body=1024, too_large=too_large), listener)
            published.url = f"http://{LOOPBACK}:{port_of(listener)}"
            yield published
            servers.stop()
    finally:
        servers.stop()


@pytest.fixture(scope="session")
def authorized(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """Both APIs of `authorized_apis`, deployed on this machine."""
    assembly = write_authorized_apis(tmp_path_factory.mktemp("authorized"))
    with local_run(work_dir=tmp_path_factory.mktemp("run"), assembly_dir=assembly) as run:
        yield run
