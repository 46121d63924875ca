"""The host name and its TLS."""

import contextlib
import socket
import ssl
import warnings

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.target import Target
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_SECONDS = 10.0
_OLD = {"TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1}


def _addresses(host: str, family: socket.AddressFamily) -> list[str]:
    try:
        found = socket.getaddrinfo(host, 443, family, socket.SOCK_STREAM)
    except socket.gaierror:
        return []
    return sorted({str(entry[4][0]) for entry in found})


def _dns(world: World) -> str:
    target = world.target
    if not target.has_host_name:
        raise NotCheckable(f"{target.host} is not a name in DNS")
    v4 = _addresses(target.host, socket.AF_INET)
    v6 = _addresses(target.host, socket.AF_INET6)
    if not v4:
        raise Failed(f"{target.host} has no A record")
    told = f"A {', '.join(v4)}" + (f"; AAAA {', '.join(v6)}" if v6 else "; no AAAA")
    if target.stack is not None and v6 and not _takes_ipv6(world):
        raise Failed(f"{told}, though the deployment does not take IPv6: clients prefer it, and all are blocked")
    return told


def _takes_ipv6(world: World) -> bool:
    distributions = world.stack.resources("AWS::CloudFront::Distribution")
    apis = world.stack.resources("AWS::ApiGateway::RestApi")
    return any(properties["DistributionConfig"].get("IPV6Enabled", False) for _, properties in distributions) or any(
        properties.get("EndpointConfiguration", {}).get("IpAddressType") == "dualstack" for _, properties in apis
    )


def _tls(world: World) -> str:
    if not world.target.is_https:
        raise NotCheckable("there is no TLS in front of a local run")
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        version, ends = _handshake(world.target, context)
    except ssl.SSLCertVerificationError as error:
        raise Failed(f"the certificate does not hold for {world.target.host}: {error.verify_message}") from None
    except (OSError, ssl.SSLError) as error:
        raise Failed(f"no connection with TLS 1.2 or newer: {type(error).__name__}") from None
    return f"{version}, certificate until {ends}"


def _old_tls(world: World) -> str:
    if not world.target.is_https:
        raise NotCheckable("there is no TLS in front of a local run")
    refused: list[str] = []
    taken: list[str] = []
    for name, version in _OLD.items():
        (taken if _takes(world.target, version) else refused).append(name)
    if taken:
        raise Failed(f"{' and '.join(taken)} taken")
    return f"{' and '.join(refused)} refused"


def _takes(target: Target, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what is asked is which versions are spoken, and nothing is sent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            # OpenSSL has these versions at its lowest security level only.
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        except (ssl.SSLError, ValueError):
            raise NotCheckable("this machine's OpenSSL does not speak TLS 1.0 and 1.1") from None
    try:
        _handshake(target, context)
    except ssl.SSLError as error:
        if error.reason in ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE"):
            raise NotCheckable("this machine's OpenSSL does not speak TLS 1.0 and 1.1") from None
        return False
    except ConnectionError:
        return False
    except OSError as error:
        raise Failed(f"no connection: {type(error).__name__}") from None
    return True


def _handshake(target: Target, context: ssl.SSLContext) -> tuple[str, str]:
    """Version, and until when the certificate holds."""
    with contextlib.ExitStack() as ends:
        plain = ends.enter_context(socket.create_connection((target.host, target.port), timeout=_SECONDS))
        secure = ends.enter_context(context.wrap_socket(plain, server_hostname=target.host))
        certificate = secure.getpeercert() or {}
        return secure.version() or "TLS", str(certificate.get("notAfter", "unknown"))


CHECKS = (
    Check(
        name="dns",
        promise="The proxy's name leads to IPv4 addresses, and to IPv6 ones only where the deployment takes IPv6.",
        run=_dns,
        advice="Point the record of ProxyDomain at ProxyDomainTarget, and make no AAAA record of your own.",
        proves=("no-aaaa-record",),
    ),
    Check(
        name="tls",
        promise="The endpoint speaks TLS 1.2 or newer, with a certificate for its name.",
        run=_tls,
        after=("dns",),
        advice="Look at certificate_arn: for the edge variant it is in us-east-1, for the regional one in its Region.",
    ),
    Check(
        name="old-tls-refused",
        promise="Behind a host name of your own, TLS 1.0 and 1.1 are refused.",
        run=_old_tls,
        needs=frozenset({Need.OWN_DOMAIN}),
        after=("dns", "tls"),
        advice="Deploy again: the domain's security policy is TLS_1_2 (regional), TLSv1.2_2021 (edge).",
    ),
)
