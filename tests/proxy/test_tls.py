"""TLS: who cannot prove to be the service gets not a byte of a request."""

from __future__ import annotations

import socket
import ssl
import struct
import time
import warnings
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest

from proxy import connection
from proxy.connection import ConnectionFailed, DeadlinePassed, Endpoint
from tests.proxy.certificate_authority import Authority
from tests.proxy.fake_service import answer, drip, http, stall

SENTINEL = b"sentinel-of-a-password"
HEADERS = {"x-amz-target": "Service.Operation"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def trusted(authority, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.bundle))


@pytest.fixture
def serve(fake, authority):
    """Start a service with a certificate, and an endpoint for it."""
    endpoints = []

    def start(context=None, **properties):
        service = fake(tls=context or authority.server(), **properties)
        endpoints.append(Endpoint(service.url))
        return service, endpoints[-1]

    yield start
    for endpoint in endpoints:
        endpoint.close()


def post(endpoint, body=SENTINEL, *, seconds=5.0):
    return endpoint.post(HEADERS, body, deadline=time.monotonic() + seconds)


def refused(service, endpoint):
    with pytest.raises(ConnectionFailed) as raised:
        post(endpoint)
    assert not isinstance(raised.value, DeadlinePassed)
    service.hang_up()
    assert not service.received
    assert not service.plaintext
    return str(raised.value)


@pytest.mark.proves("tls-checked")
def test_the_right_certificate_of_a_trusted_authority(serve):
    service, endpoint = serve()
    assert post(endpoint).status == 200
    assert service.received[0].body == SENTINEL
    assert service.received[0].header("host") == f"localhost:{service.port}"


@pytest.mark.parametrize(
    "host", ["cognito-idp.eu-west-1.amazonaws.com", "localhost.evil.example", "127.0.0.1", "*.localhost"]
)
def test_a_certificate_of_another_host_is_refused(serve, authority, host):
    assert "certificate is not valid" in refused(*serve(authority.server(host)))


def test_an_expired_certificate_is_refused(serve, authority):
    assert "expired" in refused(*serve(authority.server(expires_in=timedelta(hours=-1))))


@pytest.mark.proves("tls-checked")
def test_a_certificate_of_an_unknown_authority_is_refused(serve, tmp_path):
    assert "certificate is not valid" in refused(*serve(Authority(tmp_path, "Other authority").server()))


def test_an_impostor_of_the_authority_is_refused(serve, tmp_path, authority):
    assert refused(*serve(Authority(tmp_path, authority.name).server()))


def test_the_systems_authorities_are_trusted_without_a_bundle_and_no_others(serve, monkeypatch):
    monkeypatch.delenv("AWS_CA_BUNDLE")
    assert "certificate is not valid" in refused(*serve())


@pytest.mark.parametrize(
    "content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"]
)
def test_a_broken_bundle_trusts_nobody(serve, monkeypatch, tmp_path, content):
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    assert refused(*serve())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_a_server_of_the_past_is_refused(serve, authority, version):
    context = authority.server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of exactly what this test is about
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    assert "handshake failed" in refused(*serve(context))


@pytest.mark.proves("tls-checked")
def test_nothing_older_than_tls_1_2_is_ever_offered(authority):
    assert connection._tls_context().minimum_version is ssl.TLSVersion.TLSv1_2
    assert connection._tls_context().verify_mode is ssl.CERT_REQUIRED
    assert connection._tls_context().check_hostname


def test_a_server_that_speaks_no_tls_is_refused(fake):
    service = fake(greeting=b"220 welcome\r\n")
    with pytest.raises(ConnectionFailed, match="handshake failed"):
        post(Endpoint(f"https://localhost:{service.port}"))
    assert SENTINEL not in service.plaintext


def test_a_handshake_does_not_outlast_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        with pytest.raises(DeadlinePassed):
            post(Endpoint(f"https://localhost:{listener.getsockname()[1]}"), seconds=0.4)
        assert 0.35 < time.monotonic() - started < 2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_many_requests_go_over_one_connection(serve, authority, version):
    context = authority.server()
    context.minimum_version = context.maximum_version = version
    service, endpoint = serve(context)
    for _ in range(5):
        post(endpoint)
        time.sleep(0.01)
    assert [received.connection for received in service.received] == [1] * 5
    assert service.handshakes == 1


@pytest.mark.parametrize("tickets", [0, 1, 8])
def test_session_tickets_do_not_make_a_connection_look_closed(serve, authority, tickets):
    context = authority.server()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = tickets
    service, endpoint = serve(context)
    for _ in range(3):
        post(endpoint)
    assert service.handshakes == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("politely", [True, False], ids=["with close_notify", "without"])
def test_a_connection_closed_while_idle_is_noticed_before_anything_is_sent(serve, authority, version, politely):
    context = authority.server()
    context.minimum_version = context.maximum_version = version
    service, endpoint = serve(context)

    def answer_and_close(exchange):
        answer({})(exchange)
        exchange.pause(0.02)
        if politely:
            exchange.socket.setblocking(False)
            with suppress(OSError):
                exchange.socket.unwrap()
        return False

    service.script(answer_and_close)
    post(endpoint)
    time.sleep(0.1)
    post(endpoint)
    assert [received.connection for received in service.received] == [1, 2]


def test_a_connection_that_idled_too_long_is_not_used_again(serve, monkeypatch):
    service, endpoint = serve()
    post(endpoint)
    later = time.time() + connection.MAX_IDLE_SECONDS
    monkeypatch.setattr(connection, "time", SimpleNamespace(time=lambda: later, monotonic=time.monotonic))
    post(endpoint)
    assert service.handshakes == 2


def reset(exchange):
    exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


@pytest.mark.proves("sent-once")
@pytest.mark.parametrize("behaviour", [reset, lambda _: False], ids=["reset", "close"])
def test_a_request_that_may_have_been_processed_is_never_sent_twice(serve, behaviour):
    service, endpoint = serve()
    post(endpoint)
    service.script(behaviour)
    with pytest.raises(ConnectionFailed):
        post(endpoint, b"only once")
    assert sum(received.body == b"only once" for received in service.received) == 1
    assert service.connections == 1


@pytest.mark.parametrize("behaviour", [stall, drip(http(200, b"x" * 1000), every=0.02)], ids=["stall", "drip"])
def test_no_answer_outlasts_the_deadline(serve, behaviour):
    service, endpoint = serve()
    service.script(behaviour)
    started = time.monotonic()
    with pytest.raises(DeadlinePassed):
        post(endpoint, seconds=0.4)
    assert 0.35 < time.monotonic() - started < 2


def test_sending_does_not_outlast_the_deadline(serve):
    _, endpoint = serve(stall_reading=True)
    started = time.monotonic()
    with pytest.raises(DeadlinePassed):
        post(endpoint, b"x" * 20_000_000, seconds=0.4)
    assert 0.35 < time.monotonic() - started < 2
