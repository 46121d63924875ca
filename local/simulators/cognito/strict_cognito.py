"""Stands in front of the emulated Cognito and is as strict as Cognito where the emulator is not."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web
from botocore.model import OperationModel

from local.simulators.cognito.app_clients import AppClients
from local.simulators.cognito.edge_contract import CONTENT_TYPE, edge_problem
from local.simulators.cognito.replication import RegionOfPool
from local.simulators.cognito.shapes import Problem, problems
from local.simulators.cognito.signatures import Signatures, unsigned_headers
from local.simulators.cognito.throttle import Throttle
from local.simulators.cognito.two_secrets import Send, TwoSecrets
from local.simulators.common.http import HttpRequest, HttpResponse, document_of
from local.simulators.common.journal import TARGET_PREFIX, Journal, operation_of
from local.simulators.common.serving import Upstream, application

CLIENT_SECRET_OPERATIONS = frozenset({"GetTokensFromRefreshToken", "RevokeToken"})
"""Operations that prove the client by the secret itself; the emulator does not look at it."""

KNOWN_MEMBERS_ONLY = frozenset(
    {"AdminInitiateAuth", "AdminRespondToAuthChallenge", "GetTokensFromRefreshToken", "RevokeToken"}
)
"""Operations that a proxy rewrites others into: a member that they do not have was carried over by mistake."""

_SIGNED_HEADERS = re.compile(r"^AWS4-HMAC-SHA256 .*\bSignedHeaders=([^,\s]+)")
_MAX_BODY = 2_000_000
_SECONDS = 30.0
_LONGEST_MESSAGE = 300

Check = Callable[[HttpRequest], Awaitable[HttpResponse | None]]


class StrictCognito:
    """An HTTP proxy to the emulator that refuses what Cognito would refuse, and keeps a redacted journal.

    Of what CloudFront carries here, it also refuses what the proxy must not let through (`edge_contract`).

    `hosts` are the values of the Host header that are accepted. Default: any. `signatures` verifies what is signed.
    Default: - the emulator does. `send` answers in the emulator's place. Default: - the emulator, once it is connected.
    `region_of_pool` says what this Region of a replicated pool does. Default: - the pool is in one Region.
    """

    def __init__(
        self,
        *,
        operations: Mapping[str, OperationModel],
        journal: Journal,
        hosts: frozenset[str] | None = None,
        signatures: Signatures | None = None,
        send: Send | None = None,
        region_of_pool: RegionOfPool | None = None,
    ) -> None:
        self.journal = journal
        self.throttle = Throttle()
        self._hosts = hosts
        self._operations = operations
        self._signatures = signatures
        self._region_of_pool = region_of_pool
        self._upstream = Upstream()
        self._send = send or self._to_emulator
        self._app_clients: AppClients | None = None
        self._secrets: TwoSecrets | None = None

    def connect(self, base_url: str, cognito: Any) -> None:
        """Say where the emulator is: it starts later, because it must know this proxy's address.

        `cognito` is a boto3 client that talks to the emulator as its root.
        """
        self._upstream.base_url = base_url
        self._app_clients = AppClients(cognito)
        self._secrets = TwoSecrets(cognito, self._operations)

    def web_application(self) -> web.Application:
        """The application to serve."""
        return application(
            self.handle,
            max_body=_MAX_BODY,
            too_large=_error(413, "RequestEntityTooLargeException", "Too large"),
            upstream=self._upstream,
        )

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Refuse, or forward as it is. Either way the journal has it."""
        response = await self._answer(request)
        if self._region_of_pool is not None:
            self._region_of_pool.note(response)
        self.journal.record(request, response)
        return response

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        if problem := edge_problem(request):
            return _error(403, "EdgeContractException", f"CloudFront carried what it must not: {problem}")
        if request.method == "POST" or operation_of(request):
            checks = (
                self._host,
                self._protocol,
                self._throttled,
                self._region,
                self._signature,
                self._shape,
                self._client_secret,
                self._address,
            )
            for check in checks:
                if refusal := await check(request):
                    return refusal
        try:
            return await (self._send(request) if self._secrets is None else self._secrets.forward(request, self._send))
        except (TimeoutError, aiohttp.ClientError) as error:
            return _error(503, "ServiceUnavailableException", f"the emulator did not answer: {type(error).__name__}")

    async def _to_emulator(self, request: HttpRequest) -> HttpResponse:
        return await self._upstream.send(request, seconds=_SECONDS)

    async def _host(self, request: HttpRequest) -> HttpResponse | None:
        if self._hosts is None or request.header("host") in self._hosts:
            return None
        return _error(403, "AccessDeniedException", "the Host header does not name this endpoint")

    async def _protocol(self, request: HttpRequest) -> HttpResponse | None:
        target = request.header("x-amz-target") or ""
        if not target.startswith(TARGET_PREFIX) or "," in target:
            return _error(400, "UnknownOperationException", "X-Amz-Target does not name one Cognito operation")
        if request.header("content-type") != CONTENT_TYPE:
            return _error(400, "UnknownOperationException", f"the content type is not {CONTENT_TYPE}")
        return None

    async def _throttled(self, request: HttpRequest) -> HttpResponse | None:
        return _error(400, "TooManyRequestsException", "Rate exceeded") if self.throttle.refuses(request) else None

    async def _region(self, request: HttpRequest) -> HttpResponse | None:
        refusal = None if self._region_of_pool is None else self._region_of_pool.refusal(request)
        return None if refusal is None else _error(400, *refusal)

    async def _signature(self, request: HttpRequest) -> HttpResponse | None:
        """AWS wants Host, Content-Type and every X-Amz-* header of a signed request signed. The emulator verifies those
        that are (path, query and body with them), and that nobody calls an administrator's operation unsigned."""
        signed = _SIGNED_HEADERS.match(request.header("authorization") or "")
        if self._signatures is not None and (signed or operation_of(request).startswith("Admin")):
            problem = self._signatures.problem(request)
            return _error(403, "InvalidSignatureException", problem) if problem else None
        if signed is None:
            return None
        unsigned = unsigned_headers(request, signed[1].split(";"))
        if not unsigned:
            return None
        return _error(403, "InvalidSignatureException", f"not signed: {', '.join(unsigned)}")

    async def _shape(self, request: HttpRequest) -> HttpResponse | None:
        operation = operation_of(request)
        document = document_of(request.body)
        if not isinstance(document, dict):
            return _error(400, "SerializationException", "the body is not a JSON object")
        model = self._operations.get(operation)
        if model is None or model.input_shape is None:
            return None
        strict = operation in KNOWN_MEMBERS_ONLY
        for problem in problems(model.input_shape, document):
            if strict or problem.kind != "unknown":
                return _refusal(problem)
        return None

    async def _client_secret(self, request: HttpRequest) -> HttpResponse | None:
        if operation_of(request) not in CLIENT_SECRET_OPERATIONS or self._secrets is None:
            return None
        document = document_of(request.body)
        client_id = document["ClientId"]
        if await self._secrets.accepts(client_id, document.get("ClientSecret")):
            return None
        return _error(400, "NotAuthorizedException", f"Unable to verify secret hash for client {client_id}")

    async def _address(self, request: HttpRequest) -> HttpResponse | None:
        """An app client takes the address only where it was set to. The error's words are this checker's own.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
        """
        document = document_of(request.body)
        context = document.get("UserContextData")
        if not isinstance(context, dict) or context.get("IpAddress") is None or self._app_clients is None:
            return None
        if await self._app_clients.takes_address(str(document.get("ClientId"))):
            return None
        message = "UserContextData.IpAddress needs an app client with EnablePropagateAdditionalUserContextData"
        return _error(400, "InvalidParameterException", message)


_REFUSALS: Mapping[str, tuple[str, str]] = {
    "type": ("SerializationException", "{path} must be of type {expected}"),
    "missing": (
        "InvalidParameterException",
        "1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must not be null",
    ),
    "unknown": ("InvalidParameterException", "{path} is not a member of this operation's request"),
}


def _refusal(problem: Problem) -> HttpResponse:
    error_type, message = _REFUSALS[problem.kind]
    return _error(400, error_type, message.format(path=problem.path or "the body", expected=problem.expected))


def _error(status: int, error_type: str, message: str) -> HttpResponse:
    # Names that came with the request may stand in the message, and the message in a header.
    message = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in message)[:_LONGEST_MESSAGE]
    return HttpResponse(
        status=status,
        headers=(
            ("Content-Type", CONTENT_TYPE),
            ("x-amzn-ErrorType", f"{error_type}:"),
            ("x-amzn-ErrorMessage", message),
        ),
        body=json.dumps({"__type": error_type, "message": message}).encode(),
    )
