"""The two secrets that Cognito keeps for an app client. The emulator keeps one, which never changes.

It stands before the emulator: it answers AddUserPoolClientSecret, ListUserPoolClientSecrets and
DeleteUserPoolClientSecret itself, as strictly as botocore's model and the API reference have them, and lets the
emulator accept the hash of either active secret: a hash that verifies is replaced by the one that the emulator expects,
before the call is passed on.

Who may call is the emulator's decision. It checks a call's signature and IAM permission before it looks at what the
call asks for, so each signed call is sent to it as it came, first. To the three operations that it does not know it
answers `InvalidAction`, to an administrator's call with the other secret's hash that the hash does not verify; only
then is the call answered here, or sent again with the hash replaced, as the emulator's root.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import string
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.model import OperationModel, Shape

from local.simulators.cognito.app_clients import find_app_client
from local.simulators.cognito.shapes import problems
from local.simulators.common.aws_json import Refused
from local.simulators.common.http import HttpRequest, HttpResponse, document_of, without
from local.simulators.common.journal import operation_of
from local.simulators.common.root_client import ROOT_KEY

SECRET_OPERATIONS = frozenset({"AddUserPoolClientSecret", "DeleteUserPoolClientSecret", "ListUserPoolClientSecrets"})
"""What is answered here."""

HASH_OPERATIONS: Mapping[str, str] = {
    "SignUp": "",
    "ConfirmSignUp": "",
    "ResendConfirmationCode": "",
    "ForgotPassword": "",
    "ConfirmForgotPassword": "",
    "InitiateAuth": "AuthParameters",
    "AdminInitiateAuth": "AuthParameters",
    "RespondToAuthChallenge": "ChallengeResponses",
    "AdminRespondToAuthChallenge": "ChallengeResponses",
}
"""Operation → the member that holds the hash; empty where the request itself does."""

MOST_SECRETS = 2

_SIGNS = string.ascii_lowercase + string.digits
_GENERATED_LENGTH = 52
_REFRESH_FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})
_CONTENT_TYPE = "application/x-amz-json-1.1"
_SIGNATURE_HEADERS = frozenset({"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"})
_SCOPE = re.compile(r"Credential=[^/,]+/(?P<scope>[^,\s]+)")

Send = Callable[[HttpRequest], Awaitable[HttpResponse]]
"""Passes a request on to the emulator."""


@dataclass(frozen=True, kw_only=True)
class ClientSecret:
    """One active secret."""

    id: str
    """`<client id>--<time of creation>`, as the model describes it."""
    value: str = field(repr=False)
    created: float
    """In seconds since 1970."""

    def descriptor(self, *, with_value: bool = False) -> dict[str, Any]:
        """What Cognito tells of it; the value only to whom it was generated for, once."""
        told: dict[str, Any] = {"ClientSecretId": self.id, "ClientSecretCreateDate": self.created}
        return told | {"ClientSecretValue": self.value} if with_value else told


@dataclass(kw_only=True)
class SecretsOfClient:
    """The secrets of one app client: one or two once it has any, none for a public client."""

    user_pool_id: str
    client_id: str
    real: str = field(repr=False)
    """The one that the emulator knows; empty for a public client. It may be deleted here by now."""
    active: list[ClientSecret] = field(default_factory=list)
    """Oldest first."""

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "SecretsOfClient":
        """What DescribeUserPoolClient tells (its `UserPoolClient`), before anything was added."""
        client = cls(
            user_pool_id=described["UserPoolId"],
            client_id=described["ClientId"],
            real=described.get("ClientSecret") or "",
        )
        if client.real:
            client._keep(client.real, described["CreationDate"].timestamp())
        return client

    def add(self, value: str | None, now: float) -> ClientSecret:
        """Add a given secret, or a generated one for None.

        Raises:
            Refused: the client is public, has two, or has this one already.
        """
        if not self.active:
            raise Refused("InvalidParameterException", f"Client {self.client_id} is not configured with a secret")
        if len(self.active) >= MOST_SECRETS:
            raise Refused("LimitExceededException", f"Client {self.client_id} has {MOST_SECRETS} secrets already")
        if any(value == secret.value for secret in self.active):
            raise Refused("InvalidParameterException", f"Client {self.client_id} has this secret already")
        return self._keep(value or "".join(secrets.choice(_SIGNS) for _ in range(_GENERATED_LENGTH)), now)

    def delete(self, secret_id: str) -> None:
        """End a secret.

        Raises:
            Refused: there is none with this id, or it is the last one.
        """
        found = next((secret for secret in self.active if secret.id == secret_id), None)
        if found is None:
            raise Refused("ResourceNotFoundException", "The client secret does not exist")
        if len(self.active) == 1:
            raise Refused("InvalidParameterException", "The last secret of a client cannot be deleted")
        self.active.remove(found)

    def _keep(self, value: str, now: float) -> ClientSecret:
        moment = int(now * 1000)
        while any(secret.id == f"{self.client_id}--{moment}" for secret in self.active):
            moment += 1
        kept = ClientSecret(id=f"{self.client_id}--{moment}", value=value, created=moment / 1000)
        self.active.append(kept)
        return kept


def answer(
    operation: OperationModel,
    document: Any,
    find: Callable[[str, str], SecretsOfClient | None],
    *,
    now: float,
) -> dict[str, Any]:
    """Perform one of the three operations. `find` gives a pool's client by their ids.

    Raises:
        Refused: the document is not what the model takes, the client does not exist, or the operation is not possible.
    """
    _check(operation, document)
    client = find(document["UserPoolId"], document["ClientId"])
    if client is None:
        raise Refused("ResourceNotFoundException", f"Client {document['ClientId']} not found.")
    if operation.name == "AddUserPoolClientSecret":
        given = document.get("ClientSecret")
        return {"ClientSecretDescriptor": client.add(given, now).descriptor(with_value=given is None)}
    if operation.name == "DeleteUserPoolClientSecret":
        client.delete(document["ClientSecretId"])
        return {}
    return {"ClientSecrets": [secret.descriptor() for secret in client.active]}


def with_real_hash(operation: str, document: Any, *, active: Collection[str], real: str) -> Any:
    """The document as the emulator accepts it: a hash under any active secret becomes the hash under its real one.

    What lacks a hash or a name is left for the emulator to refuse.

    Raises:
        Refused: the hash verifies under no active secret; or it is a refresh, which names no user, so that a hash
            cannot be verified here, and the real secret is deleted.
    """
    container = HASH_OPERATIONS[operation]
    holder = document.get(container) if container else document
    if not isinstance(holder, Mapping):
        return document
    hash_name, user_name = ("SECRET_HASH", "USERNAME") if container else ("SecretHash", "Username")
    presented, username, client_id = holder.get(hash_name), holder.get(user_name), document.get("ClientId")
    if document.get("AuthFlow") in _REFRESH_FLOWS:
        if real in active:
            return document
        raise Refused("InternalErrorException", "Here, a refresh by hash needs the secret that the client began with")
    if not isinstance(presented, str) or not isinstance(username, str) or not presented:
        return document
    if not any(_is_hash(presented, secret, username, client_id) for secret in active):
        raise Refused("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}")
    changed = {**holder, hash_name: secret_hash(real, username, client_id)}
    return {**document, container: changed} if container else changed


def secret_hash(client_secret: str, username: str, client_id: str) -> str:
    """Base64(HMAC-SHA256(client secret, user name + client id))."""
    message = (username + client_id).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(client_secret.encode(), message, hashlib.sha256)).decode()


class TwoSecrets:
    """Keeps the secrets of every app client of the emulator, and passes calls on so that it accepts either.

    `cognito` is a boto3 client that talks to the emulator as its root. Use it from one event loop.
    """

    def __init__(
        self, cognito: Any, operations: Mapping[str, OperationModel], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._cognito = cognito
        self._operations = operations
        self._clock = clock
        self._known: dict[str, SecretsOfClient] = {}
        self._lock = asyncio.Lock()

    async def active(self, client_id: str) -> frozenset[str] | None:
        """The secrets that this app client accepts now (none for a public one); None for an unknown client."""
        client = await self._client(client_id)
        return None if client is None else frozenset(secret.value for secret in client.active)

    async def accepts(self, client_id: str, presented: object) -> bool:
        """Whether `presented` is one of the client's secrets, or is rightly absent. An unknown client passes:
        Cognito itself has a word for that."""
        active = await self.active(client_id)
        if not active:
            return active is None or presented is None
        return isinstance(presented, str) and any(
            hmac.compare_digest(presented.encode("utf-8", "surrogatepass"), secret.encode()) for secret in active
        )

    async def forward(self, request: HttpRequest, send: Send) -> HttpResponse:
        """Answer a request or pass it on. The caller has checked that it is one of Cognito's calls."""
        operation = operation_of(request)
        try:
            if operation in SECRET_OPERATIONS:
                return await self._secret_operation(operation, request, send)
            if operation in HASH_OPERATIONS:
                return await self._hash_operation(operation, request, send)
        except Refused as refusal:
            return _response(400, {"__type": refusal.code, "message": refusal.message})
        return await send(request)

    async def _secret_operation(self, operation: str, request: HttpRequest, send: Send) -> HttpResponse:
        allowed = await send(request)
        if _error_type(allowed) != "InvalidAction":
            return allowed
        document = document_of(request.body)
        client_id = document.get("ClientId") if isinstance(document, dict) else None
        client = await self._client(client_id) if isinstance(client_id, str) else None

        def find(user_pool_id: str, _: str) -> SecretsOfClient | None:
            return client if client and client.user_pool_id == user_pool_id else None

        return _response(200, answer(self._operations[operation], document, find, now=self._clock()))

    async def _hash_operation(self, operation: str, request: HttpRequest, send: Send) -> HttpResponse:
        document = document_of(request.body)
        client_id = document.get("ClientId") if isinstance(document, dict) else None
        client = await self._client(client_id) if isinstance(client_id, str) else None
        if client is None or not client.active:
            return await send(request)
        changed = with_real_hash(
            operation, document, active=[secret.value for secret in client.active], real=client.real
        )
        if changed == document:
            return await send(request)
        rewritten = replace(request, body=json.dumps(changed).encode())
        if request.header("authorization") is None:
            return await send(rewritten)
        checked = await send(request)
        if b"Unable to verify secret hash" not in checked.body:
            return checked
        return await send(_as_root(rewritten))

    async def _client(self, client_id: str) -> SecretsOfClient | None:
        async with self._lock:
            if client_id not in self._known:
                described = await asyncio.to_thread(find_app_client, self._cognito, client_id)
                if described is None:
                    return None
                self._known[client_id] = SecretsOfClient.of(described)
            return self._known[client_id]


def _check(operation: OperationModel, document: Any) -> None:
    shape = operation.input_shape
    if shape is None:
        return
    for problem in problems(shape, document):
        if problem.kind == "type":
            raise Refused("SerializationException", f"{problem.path or 'the body'} must be of type {problem.expected}")
        raise Refused("InvalidParameterException", f"{problem.path}: {problem.kind} in this operation's request")
    for name, value in document.items():
        if value is not None and (constraint := _broken(shape.members[name], value)):
            raise Refused(
                "InvalidParameterException",
                f"1 validation error detected: Value at '{name}' failed to satisfy constraint: "
                f"Member must {constraint}",
            )


def _broken(shape: Shape, value: str) -> str | None:
    """The constraint that a text breaks. Python's `\\w` is wider than the model's, which means ASCII."""
    rules = shape.metadata
    if len(value) < rules.get("min", 0):
        return f"have length greater than or equal to {rules['min']}"
    if len(value) > rules.get("max", len(value)):
        return f"have length less than or equal to {rules['max']}"
    pattern = rules.get("pattern")
    if pattern and not re.fullmatch(pattern, value, re.ASCII):
        return f"satisfy regular expression pattern: {pattern}"
    return None


def _is_hash(presented: str, client_secret: str, username: str, client_id: str) -> bool:
    return hmac.compare_digest(
        presented.encode("utf-8", "surrogatepass"), secret_hash(client_secret, username, client_id).encode()
    )


def _as_root(request: HttpRequest) -> HttpRequest:
    """The same call, of the emulator's root, whose signature it does not check."""
    scope = _SCOPE.search(request.header("authorization") or "")
    credential = f"{ROOT_KEY}/{scope['scope']}" if scope else ROOT_KEY
    signature = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={'0' * 64}"
    return replace(request, headers=(*without(request.headers, _SIGNATURE_HEADERS), ("Authorization", signature)))


def _error_type(response: HttpResponse) -> str:
    document = document_of(response.body)
    return str(document.get("__type", "")) if isinstance(document, dict) else ""


def _response(status: int, document: Mapping[str, Any]) -> HttpResponse:
    headers = [("Content-Type", _CONTENT_TYPE)]
    if "__type" in document:
        headers.append(("x-amzn-ErrorType", f"{document['__type']}:"))
    return HttpResponse(status=status, headers=tuple(headers), body=json.dumps(document).encode())
