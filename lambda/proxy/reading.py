"""The first half of the rules: one call read and checked, before its secret is asked for. No I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from proxy.access_token import is_of_another_pool
from proxy.body import read_body
from proxy.call import Call
from proxy.client_context import context_data, fingerprint
from proxy.errors import (
    CONTENT_TYPE,
    AuthFlow,
    ForeignToken,
    InvalidParameter,
    MethodNotAllowed,
    ProxyError,
    Serialization,
    TooLarge,
    UnknownClient,
    UnknownOperation,
    UnknownPool,
)
from proxy.messages import Request
from proxy.operations import (
    ADMIN_FLOWS,
    ADMIN_OPERATIONS,
    OPERATIONS,
    REFRESH_FLOWS,
    REFUSED_CHALLENGES,
    TARGET_PREFIX,
    USERNAME_FLOWS,
    Proof,
)
from proxy.settings import Settings

Body = dict[str, Any]


class Slot(NamedTuple):
    """Where the proof goes. Found before the secret is asked for, so that a refusal never costs a fetch."""

    operation: str
    """What Cognito is called with; it may differ from what the client named."""
    body: Body
    """What goes on to Cognito, but for the proof."""
    place: Body
    """The object within `body` that takes the proof."""
    key: str
    """The member that takes it; what the client sent there is replaced."""
    username: str | None
    """The name to hash; None where the secret itself is wanted."""


class Reading:
    """A call that passed every check that needs no secret."""

    __slots__ = ("body", "client_id", "is_changed", "operation", "request", "session_region", "slot")

    def __init__(
        self, *, operation: str, request: Request, body: Body, client_id: str | None = None, slot: Slot | None = None
    ) -> None:
        self.operation = operation
        """A name from the table of operations, as the client named it."""
        self.request = request
        self.body = body
        """As the client sent it, parsed; with a slot, what the rules have changed is in it."""
        self.client_id = client_id
        """A configured app client; None where an access token or a session alone authorizes the call."""
        self.slot = slot
        """None where no proof is needed and the body goes on as it came."""
        self.is_changed = False
        """Whether the body does not go on as it came although no proof is needed."""
        self.session_region: str | None = None
        """With several Regions, the one that the session in the body is of; None where there is no session."""

    @property
    def username(self) -> str | None:
        """As the client sent it; None where the operation names no user."""
        return None if self.slot is None else self.slot.username

    @property
    def client_metadata(self) -> Mapping[str, str]:
        """What the app tells the pool's triggers, as far as it has the form that Cognito takes."""
        metadata = self._sent.get("ClientMetadata")
        if not isinstance(metadata, dict):
            return {}
        return {name: value for name, value in metadata.items() if isinstance(value, str)}

    def take_client_metadata(self, name: str) -> str | None:
        """Take one entry out, whatever it is, so that Cognito does not see it; None where it is no text."""
        value = self.client_metadata.get(name)
        if name in self._metadata:
            self._replace_client_metadata({other: self._metadata[other] for other in self._metadata if other != name})
        return value

    def set_client_metadata(self, name: str, value: str) -> None:
        """Tell the pool's triggers something; what the client sent under this name is replaced."""
        self._replace_client_metadata({**self._metadata, name: value})

    @property
    def _sent(self) -> Body:
        return self.body if self.slot is None else self.slot.body

    @property
    def _metadata(self) -> Body:
        metadata = self._sent.get("ClientMetadata")
        return metadata if isinstance(metadata, dict) else {}

    def _replace_client_metadata(self, metadata: Body) -> None:
        if metadata:
            self._sent["ClientMetadata"] = metadata
        else:
            self._sent.pop("ClientMetadata", None)
        self.is_changed = True


def read(request: Request, settings: Settings, call: Call) -> Reading:
    """Read and check a call; what is read of the body on the way, as far as that goes, is noted in `call`.

    Raises:
        ProxyError: it is refused.
    """
    if request.method != "POST":
        raise MethodNotAllowed("Only POST and OPTIONS are understood here.")
    name = call.operation = operation_of(request)
    if name is None:
        raise _no_such_operation(request)
    _require_json_in_utf8(request)
    if request.truncated:
        raise TooLarge("The body is larger than 1 MB.")
    body = read_body(request.body)
    _require_our_pool(body, settings)
    operation = OPERATIONS[name]
    if operation.proof is Proof.NONE:
        if body.get("ClientId") is not None:  # null is absent, as everywhere in AWS JSON
            call.client_id = _client_id(body, settings)
        return Reading(operation=name, request=request, body=body, client_id=call.client_id)
    client_id = call.client_id = _client_id(body, settings)
    call.flow = _flow(name, body)
    slot = _SLOTS[operation.proof](name, body)
    call.username = slot.username
    if operation.user_context:
        slot = _with_context(slot, request, settings)
    return Reading(operation=name, request=request, body=body, client_id=client_id, slot=slot)


def operation_of(request: Request) -> str | None:
    """The operation that the call names, if the table knows it. What is not known is not repeated anywhere."""
    targets = request.headers.get("x-amz-target", ())
    name = targets[0].removeprefix(TARGET_PREFIX) if len(targets) == 1 else ""
    return name if name in OPERATIONS and targets[0] == TARGET_PREFIX + name else None


_FLOW_MEMBERS = {"InitiateAuth": "AuthFlow", "RespondToAuthChallenge": "ChallengeName"}


def _flow(name: str, body: Body) -> str | None:
    """The auth flow or challenge that a sign-in names, whatever it is."""
    flow = body.get(_FLOW_MEMBERS[name]) if name in _FLOW_MEMBERS else None
    return flow if isinstance(flow, str) else None


def _slot_beside_username(name: str, body: Body) -> Slot:
    return Slot(name, body, body, "SecretHash", _username(body, "Username"))


def _slot_in_auth_parameters(name: str, body: Body) -> Slot:
    flow = _string(body, "AuthFlow")
    if flow in REFRESH_FLOWS:
        return _slot_of_refresh(body)
    if flow not in USERNAME_FLOWS:
        raise AuthFlow("AuthFlow is not one that a public client may use.")
    parameters = _object(body, "AuthParameters")
    return Slot(name, body, parameters, "SECRET_HASH", _username(parameters, "USERNAME"))


def _slot_of_refresh(body: Body) -> Slot:
    """A refresh names no user, so no hash can be made: it becomes the operation that takes the secret itself."""
    parameters = _object(body, "AuthParameters")
    refresh = {"ClientId": body["ClientId"], "RefreshToken": _string(parameters, "REFRESH_TOKEN")}
    # amazon-cognito-identity-js sends a null where it remembers no device.
    if parameters.get("DEVICE_KEY") is not None:
        refresh["DeviceKey"] = parameters["DEVICE_KEY"]
    if body.get("ClientMetadata") is not None:
        refresh["ClientMetadata"] = body["ClientMetadata"]
    return _slot_for_secret("GetTokensFromRefreshToken", refresh)


def _slot_in_challenge_responses(name: str, body: Body) -> Slot:
    if _string(body, "ChallengeName") in REFUSED_CHALLENGES:
        raise AuthFlow("ChallengeName is not one that a public client may answer.")
    responses = _object(body, "ChallengeResponses")
    return Slot(name, body, responses, "SECRET_HASH", _username(responses, "USERNAME"))


def _slot_for_secret(name: str, body: Body) -> Slot:
    return Slot(name, body, body, "ClientSecret", None)


_SLOTS: Mapping[Proof, Callable[[str, Body], Slot]] = {
    Proof.SECRET_HASH: _slot_beside_username,
    Proof.AUTH_PARAMETERS: _slot_in_auth_parameters,
    Proof.CHALLENGE_RESPONSES: _slot_in_challenge_responses,
    Proof.CLIENT_SECRET: _slot_for_secret,
}


def _no_such_operation(request: Request) -> ProxyError:
    targets = request.headers.get("x-amz-target", ())
    if len(targets) != 1:
        return InvalidParameter("Exactly one X-Amz-Target header is needed.")
    return UnknownOperation("This operation is not offered to public clients.")


# One parameter at most, white space around the semicolon only:
# https://www.rfc-editor.org/rfc/rfc9110.html#name-parameters
_JSON_IN_UTF8 = re.compile(
    re.escape(CONTENT_TYPE) + r"""(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?""", re.ASCII | re.IGNORECASE
)


def _require_json_in_utf8(request: Request) -> None:
    """Refuse a body of which its own headers say that it is to be read in another way than it will be.

    The protocol is AWS JSON 1.1: the only one in Cognito's service model, and the content type of every client that was
    looked at, of AWS's SDKs and of hand-written calls. Others are refused, not put right: who reads the call on its
    way (a firewall, CloudFront, Cognito's own front) may go by the type, and take for CBOR, a form or UTF-16 what is
    checked here as JSON in UTF-8. A parameter that this reader does not know may be one that another reader heeds. None
    at all claims nothing, and passes. Whatever came, Cognito gets our content type.
    """
    for media_type in request.headers.get("content-type", ()):  # each of them: which one a reader heeds is not known
        if media_type != CONTENT_TYPE and not _JSON_IN_UTF8.fullmatch(media_type):
            raise Serialization(f"The content type is not {CONTENT_TYPE} in UTF-8.")
    for encoding in request.headers.get("content-encoding", ()):
        if encoding.lower() not in ("", "identity"):
            raise Serialization("The body is compressed.")


def _require_our_pool(body: Body, settings: Settings) -> None:
    """Refuse what is another pool's: this is no anonymous relay to it.

    Of the tokens only `AccessToken` can be read: refresh tokens are encrypted, and bound to the ClientId beside them;
    sessions are opaque.
    """
    pool = body.get("UserPoolId")
    if pool is not None and pool != settings.user_pool_id:
        raise UnknownPool("User pool does not exist.")
    if is_of_another_pool(body.get("AccessToken"), settings.user_pool_id):
        raise ForeignToken("Invalid Access Token")


def _client_id(body: Body, settings: Settings) -> str:
    client_id = _string(body, "ClientId")
    if client_id not in settings.clients:
        raise UnknownClient("User pool client does not exist.")
    return client_id


def _username(place: Body, key: str) -> str:
    username = _string(place, key)
    try:
        username.encode()
    except UnicodeEncodeError:
        raise InvalidParameter(f"{key} is not valid Unicode.") from None
    return username


def _string(place: Body, key: str) -> str:
    value = place.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidParameter(f"{key} must be a string with content.")
    return value


def _object(place: Body, key: str) -> Body:
    value = place.get(key)
    if not isinstance(value, dict):
        raise InvalidParameter(f"{key} must be an object.")
    return value


def _with_context(slot: Slot, request: Request, settings: Settings) -> Slot:
    """Tell Cognito of the client what the settings say: nobody claims an address, but the fingerprint is kept."""
    kept = fingerprint(slot.body)
    if settings.threat_protection and slot.operation in ADMIN_OPERATIONS:
        return _as_administrator(slot, context_data(request) | kept, settings)
    if settings.propagate_client_ip and OPERATIONS[slot.operation].user_context:
        kept["IpAddress"] = request.client_ip
    if kept:
        slot.body["UserContextData"] = kept
    return slot


def _as_administrator(slot: Slot, context: Body, settings: Settings) -> Slot:
    slot.body["UserPoolId"] = settings.user_pool_id
    slot.body["ContextData"] = context
    if "AuthFlow" in slot.body:
        slot.body["AuthFlow"] = ADMIN_FLOWS.get(slot.body["AuthFlow"], slot.body["AuthFlow"])
    return slot._replace(operation=ADMIN_OPERATIONS[slot.operation])
