"""Only where a run asks for it does a caller's word about its address count."""

from collections.abc import Iterator

import pytest
from aiohttp import web

from local.fronts.said_addresses import HEADER, said_address
from local.ports import LOOPBACK, listen, port_of
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.serving import ServerThread, application
from tests.local.conftest import Tiny
from tests.local.plain_http import call, post

SAID = "203.0.113.9"


class Echo:
    """A front that remembers what came."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []
        self.url = ""

    async def handle(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(status=200, headers=(), body=request.body)

    def application(self) -> web.Application:
        too_large = HttpResponse(status=413, headers=(), body=b"")
        app = application(self.handle, max_body=1_000, too_large=too_large)
        app.middlewares.append(said_address)
        return app


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo, servers = Echo(), ServerThread()
    try:
        with listen() as listener:
            servers.serve(echo.application(), listener)
            echo.url = f"http://{LOOPBACK}:{port_of(listener)}/"
            yield echo
    finally:
        servers.stop()


@pytest.mark.parametrize("said", [SAID, "2001:db8:bad:1::77"])
def test_the_address_that_was_said_counts_and_the_header_goes_no_further(echo: Echo, said: str) -> None:
    answer = post(echo.url, b"body", {HEADER: said, "X-Other": "Kept"})
    (request,) = echo.requests
    assert (answer.status, answer.body, request.client_ip, request.body) == (200, b"body", said, b"body")
    assert request.header(HEADER) is None
    assert request.header("X-Other") == "Kept"


def test_who_says_nothing_has_the_address_of_the_connection(echo: Echo) -> None:
    post(echo.url)
    assert [request.client_ip for request in echo.requests] == [LOOPBACK]


def test_what_is_no_address_is_refused(echo: Echo) -> None:
    assert post(echo.url, headers={HEADER: "nobody"}).status == 400
    assert echo.requests == []


def test_a_run_that_does_not_ask_for_it_ignores_the_header(tiny: Tiny) -> None:
    tiny.run.viewer_journal.clear()
    call(tiny.run.endpoint, "GetUser", {"AccessToken": "none"}, {HEADER: SAID})
    (found,) = tiny.run.viewer_journal.calls()
    assert found.source_ip == LOOPBACK
