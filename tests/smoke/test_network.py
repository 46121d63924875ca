"""Names and TLS versions, against servers on loopback."""

from __future__ import annotations

import socket
import ssl

import pytest

from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from tests.smoke.fakes import check, stack, world
from tests.smoke.tls_servers import TlsServers

HOST = "proxy.example.net"


@pytest.fixture
def serve(tmp_path):
    """Starts a TLS server that goes by a host name of one's own; gives its endpoint."""
    servers = TlsServers(tmp_path)

    def start(*, oldest=ssl.TLSVersion.TLSv1_2, host=HOST):
        return f"https://{HOST}:{servers.start(oldest=oldest, host=host)}/"

    with servers.hosts(HOST):
        yield start
    servers.stop()


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


def distribution(*, ipv6):
    return {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {"DistributionConfig": {"IPV6Enabled": ipv6}},
    }


def rest_api(*, ipv6):
    endpoint = {"IpAddressType": "dualstack" if ipv6 else "ipv4", "Types": ["REGIONAL"]}
    return {"Type": "AWS::ApiGateway::RestApi", "Properties": {"EndpointConfiguration": endpoint}}


@pytest.mark.parametrize("front", [distribution, rest_api])
@pytest.mark.parametrize("ipv6", [True, False])
def test_an_ipv6_address_fails_unless_the_deployment_takes_it(monkeypatch, ipv6, front):
    def found(_host, _port, family, _kind):
        return [(family, None, None, "", ("2001:db8::1" if family is socket.AF_INET6 else "192.0.2.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    a_world = world(stack=stack({"Resources": {"Front": front(ipv6=ipv6)}}))
    if ipv6:
        assert check("dns").run(a_world) == "A 192.0.2.1; AAAA 2001:db8::1"
    else:
        with pytest.raises(Failed, match="does not take IPv6"):
            check("dns").run(a_world)


@pytest.mark.parametrize("name", ["dns", "tls", "old-tls-refused"])
def test_a_local_run_has_neither(name):
    with pytest.raises(NotCheckable):
        check(name).run(world(endpoint="http://127.0.0.1:8080/"))
