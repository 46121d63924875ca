"""Names and TLS versions, against servers on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from contextlib import suppress

import pytest

from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from tests.proxy.certificate_authority import Authority
from tests.smoke.fakes import check, stack, world

HOST = "proxy.example.net"


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """A TLS server that goes by a host name of one's own; gives its endpoint."""
    authority = Authority(tmp_path)
    ends = threading.Event()
    threads, listeners = [], []
    connect, context_of = socket.create_connection, ssl.create_default_context
    monkeypatch.setattr(socket, "create_connection", lambda where, **more: connect(("127.0.0.1", where[1]), **more))
    monkeypatch.setattr(ssl, "create_default_context", lambda: context_of(cafile=str(authority.bundle)))

    def start(*, oldest=ssl.TLSVersion.TLSv1_2, host=HOST):
        context = authority.server(host)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = oldest
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.1)
        listeners.append(listener)

        def accept():
            while not ends.is_set():
                with suppress(OSError):
                    connection, _ = listener.accept()
                    connection.settimeout(5)
                    with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                        secure.recv(1)

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return f"https://{HOST}:{listener.getsockname()[1]}/"

    yield start
    ends.set()
    for thread in threads:
        thread.join()
    for listener in listeners:
        listener.close()


def test_tls_1_2_and_a_certificate_for_the_name_pass(serve):
    evidence = check("tls").run(world(endpoint=serve()))
    assert evidence.startswith("TLSv1.3, certificate until ")


def test_a_certificate_for_another_name_fails(serve):
    with pytest.raises(Failed, match=f"the certificate does not hold for {HOST}: Hostname mismatch"):
        check("tls").run(world(endpoint=serve(host="other.example.net")))


def test_old_versions_that_are_refused_pass(serve):
    assert check("old-tls-refused").run(world(endpoint=serve())) == "TLS 1.0 and TLS 1.1 refused"


@pytest.mark.parametrize(
    ("oldest", "taken"),
    [(ssl.TLSVersion.TLSv1, "TLS 1.0 and TLS 1.1 taken"), (ssl.TLSVersion.TLSv1_1, "TLS 1.1 taken")],
)
def test_old_versions_that_are_taken_fail(serve, oldest, taken):
    with pytest.raises(Failed, match=f"^{taken}$"):
        check("old-tls-refused").run(world(endpoint=serve(oldest=oldest)))


def test_a_name_without_an_address_fails(monkeypatch):
    def none(*_):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", none)
    with pytest.raises(Failed, match=r"auth\.example\.com has no A record"):
        check("dns").run(world())


@pytest.mark.parametrize("ipv6", [True, False])
def test_an_ipv6_address_fails_unless_the_deployment_takes_it(monkeypatch, ipv6):
    def found(_host, _port, family, _kind):
        return [(family, None, None, "", ("2001:db8::1" if family is socket.AF_INET6 else "192.0.2.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    distribution = {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {"DistributionConfig": {"IPV6Enabled": ipv6}},
    }
    a_world = world(stack=stack({"Resources": {"Distribution": distribution}}))
    if ipv6:
        assert check("dns").run(a_world) == "A 192.0.2.1; AAAA 2001:db8::1"
    else:
        with pytest.raises(Failed, match="does not take IPv6"):
            check("dns").run(a_world)


@pytest.mark.parametrize("name", ["dns", "tls", "old-tls-refused"])
def test_a_local_run_has_neither(name):
    with pytest.raises(NotCheckable):
        check(name).run(world(endpoint="http://127.0.0.1:8080/"))
