"""The servers of a local run, in the thread beside."""

import asyncio
import http.client
import threading

import pytest

from local.ports import LOOPBACK, listen, port_of
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.serving import ServerThread, application

TOO_LARGE = HttpResponse(status=413, headers=(), body=b"")


def test_stopping_ends_what_a_client_no_longer_waits_for() -> None:
    began, ended = threading.Event(), threading.Event()

    async def slow(_: HttpRequest) -> HttpResponse:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        raise AssertionError

    servers = ServerThread()
    with listen() as listener:
        servers.serve(application(slow, max_body=10, too_large=TOO_LARGE), listener)
        client = http.client.HTTPConnection(LOOPBACK, port_of(listener), timeout=10)
        client.request("GET", "/")
        assert began.wait(10)
        client.close()
        servers.stop()
    assert ended.is_set()


@pytest.mark.parametrize(("reason", "told"), [("", "Not Found"), ("No such thing", "No such thing")])
def test_a_response_has_its_reason_or_the_usual_one(reason: str, told: str) -> None:
    async def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse(status=404, headers=(), body=b"", reason=reason)

    servers = ServerThread()
    with listen() as listener:
        servers.serve(application(answer, max_body=10, too_large=TOO_LARGE), listener)
        client = http.client.HTTPConnection(LOOPBACK, port_of(listener), timeout=10)
        client.request("GET", "/")
        assert client.getresponse().reason == told
        client.close()
        servers.stop()
