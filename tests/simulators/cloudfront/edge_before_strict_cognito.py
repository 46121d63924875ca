"""The edge function in this process, between the simulator's CloudFront and a strict Cognito that is a real server."""

import http.client
import json
import secrets
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.credentials import Credentials

from local.ports import LOOPBACK, listen, port_of
from local.simulators.cloudfront import Behaviour, ViewerCopies
from local.simulators.cloudfront.answer import EdgeIdentity
from local.simulators.cloudfront.limits import refused_by_cloudfront
from local.simulators.cloudfront.passage import OriginRequest, event_of, origin_request
from local.simulators.cloudfront.rules import GeneratedResponse, OnwardRequest, Refused, check
from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.signatures import Signatures
from local.simulators.cognito.strict_cognito import StrictCognito
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.journal import Journal
from local.simulators.common.serving import ServerThread
from proxy import edge, service
from tests.proxy.sample_requests import SETTINGS_DOCUMENT, secret_document
from tests.simulators.cloudfront.samples import ORIGIN_DOMAIN, sample_behaviour

ROLE = Credentials("ASIAEXAMPLE", "dummy-key-of-the-role", "dummy-session-token-of-the-role")
SETUPS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "propagate_client_ip": {"propagate_client_ip": True},
    "threat_protection in place": {"threat_protection": True, "edge_admin_calls": "in_place"},
    "threat_protection generated": {"threat_protection": True, "edge_admin_calls": "generated"},
    "both flags in place": {"threat_protection": True, "propagate_client_ip": True, "edge_admin_calls": "in_place"},
    "both flags generated": {"threat_protection": True, "propagate_client_ip": True, "edge_admin_calls": "generated"},
}
"""Settings that decide how a call goes on."""

OK = HttpResponse(status=200, headers=(("Content-Type", "application/x-amz-json-1.1"),), body=b'{"Cognito": "took it"}')


@dataclass(frozen=True, kw_only=True)
class Passed:
    """What became of a viewer's request."""

    answered_by: str
    """`cloudfront`, `function` or `cognito`. The function relays Cognito's answer to a call that it makes itself."""
    status: int
    body: bytes
    seen: tuple[HttpRequest, ...]
    """What Cognito took of it, after every check: at most one request."""
    told: int
    """How many requests reached Cognito, those that it refused included."""


class EdgeWorld:
    """One deployment: `call` sends a viewer's request all the way."""

    def __init__(self, behaviour: Behaviour, *, cognito: "ServedCognito", copies: ViewerCopies) -> None:
        self._behaviour = behaviour
        self._cognito = cognito
        self._copies = copies

    def call(self, viewer: HttpRequest) -> Passed:
        """What becomes of a request. Fails where CloudFront would answer 502 for what the function returned."""
        self._cognito.clear()
        status, body, answered_by = self._answer(viewer)
        journal, seen = self._cognito.cognito.journal, tuple(self._cognito.taken)
        return Passed(answered_by=answered_by, status=status, body=body, seen=seen, told=len(journal.calls()))

    def _answer(self, viewer: HttpRequest) -> tuple[int, bytes, str]:
        if refusal := refused_by_cloudfront(viewer, self._behaviour):
            return refusal[0], b"", "cloudfront"
        identity = EdgeIdentity(host="edge.cloudfront.net", request_id=f"{secrets.token_urlsafe(40)}==")
        event = event_of(
            viewer,
            self._behaviour,
            copies=self._copies,
            identity=identity,
            distribution=("EDFDVBD6EXAMPLE", "d111111abcdef8.cloudfront.net"),
        )
        # As between two processes: what the function does to its event is not CloudFront's copy.
        result = json.loads(json.dumps(edge.handler(json.loads(json.dumps(event)))))
        match check(event["Records"][0]["cf"]["request"], result):
            case Refused() as refused:
                raise AssertionError("\n".join(map(str, refused.violations)))
            case GeneratedResponse() as generated:
                return generated.status, generated.body, "function"
            case OnwardRequest() as onward:
                return *self._cognito.send(origin_request(viewer, onward, identity=identity, host=None)), "cognito"


@dataclass(frozen=True, kw_only=True)
class ServedCognito:
    """A strict Cognito behind a socket. It verifies signatures, and takes every call that breaks no rule."""

    cognito: StrictCognito
    port: int
    taken: list[HttpRequest]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def clear(self) -> None:
        """Forgets what came so far."""
        self.cognito.journal.clear()
        self.taken.clear()

    def send(self, request: OriginRequest) -> tuple[int, bytes]:
        """Sends what CloudFront would, byte by byte."""
        assert request.domain_name == ORIGIN_DOMAIN
        with closing(http.client.HTTPConnection(LOOPBACK, self.port, timeout=20)) as connection:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                connection.putheader(name, value.encode())
            connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            response = connection.getresponse()
            return response.status, response.read()


@contextmanager
def served_cognito() -> Iterator[ServedCognito]:
    """A strict Cognito on loopback until the block ends."""
    taken: list[HttpRequest] = []

    async def take(request: HttpRequest) -> HttpResponse:
        taken.append(request)
        return OK

    with ExitStack() as ends:
        listener = ends.enter_context(listen())
        port = port_of(listener)
        cognito = StrictCognito(
            operations=cognito_operations(),
            journal=Journal(),
            hosts=frozenset({ORIGIN_DOMAIN, f"{LOOPBACK}:{port}"}),
            signatures=Signatures(keys={ROLE.access_key: ROLE}, region="eu-west-1"),
            send=take,
        )
        servers = ServerThread()
        ends.callback(servers.stop)
        servers.serve(cognito.web_application(), listener)
        yield ServedCognito(cognito=cognito, port=port, taken=taken)


@contextmanager
def edge_world(
    cognito: ServedCognito, flags: Mapping[str, Any], *, copies: ViewerCopies = ViewerCopies.VISIBLE
) -> Iterator[EdgeWorld]:
    """A deployment with these settings until the block ends; its secret is at hand, as in a warm function."""
    settings = b64encode(json.dumps(SETTINGS_DOCUMENT | dict(flags)).encode()).decode()
    behaviour = sample_behaviour()
    origin = replace(behaviour.origin, custom_headers=(("x-proxy-settings", settings),))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", ROLE.access_key),
            ("AWS_SECRET_ACCESS_KEY", ROLE.secret_key),
            ("AWS_SESSION_TOKEN", ROLE.token),
            ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", cognito.url),
        ):
            assert value is not None
            patch.setenv(name, value)
        patch.setattr(service.SecretStore, "read", lambda _self, arn, _deadline: secret_document(_client_of(arn)))
        patch.setattr(edge, "_cached", None)
        yield EdgeWorld(replace(behaviour, origin=origin), cognito=cognito, copies=copies)
        if edge._cached is not None:
            edge._cached[1].close()


def _client_of(arn: str) -> str:
    return arn.rpartition(":")[2].removesuffix("-AbCdEf")
