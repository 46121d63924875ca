"""What must be refused: calls past the proxy, and calls that it is not there for."""

from collections.abc import Callable
from typing import Any

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.cognito_texts import IS_NO_HASH, tells_of_right_hash
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.verdicts import Failed, Need
from cognito_proxy.smoke.world import World, refused

_CODE = "000000"
_NO_CLIENT_ID = "cognito-proxy-smoke"
"""What no app client can be called. Cognito itself would refuse it otherwise, with InvalidParameterException, since it
has a hyphen: a client id is `[\\w+]+`.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html"""


def confirmation(world: World, client_id: str) -> dict[str, Any]:
    """ConfirmSignUp for a user that does not exist: nothing is sent, no trigger runs, nobody is changed."""
    return {"ClientId": client_id, "Username": world.nobody, "ConfirmationCode": _CODE}


def _direct(world: World) -> str:
    told = []
    for client in world.target.app_clients:
        answer = world.call_cognito("ConfirmSignUp", confirmation(world, client.client_id))
        if tells_of_right_hash(answer):
            raise Failed(f"{client.client_id} is public: a call past the proxy got as far as {answer.told}")
        blocked = (answer.status, answer.error) == (403, "ForbiddenException")
        if not blocked and not (answer.error == "NotAuthorizedException" and IS_NO_HASH in answer.message):
            raise Failed(f"{client.client_id}: refused, but not for want of a hash: {answer.told}")
        told.append("blocked by the pool's web ACL" if blocked else answer.told)
    return "; ".join(dict.fromkeys(told))


def _foreign_client(world: World, **headers: str) -> Answer:
    return world.call("ConfirmSignUp", confirmation(world, "cognitoproxysmoke00000000"), **headers)


def _foreign_client_refused(world: World) -> str:
    told = refused(_foreign_client(world), error="ResourceNotFoundException")
    # Cognito says the same of a client id that it does not know: this one tells who has refused.
    refused(world.call("ConfirmSignUp", confirmation(world, _NO_CLIENT_ID)), error="ResourceNotFoundException")
    return told


def _administrator(world: World, **headers: str) -> Answer:
    return world.call("AdminGetUser", {"UserPoolId": "none", "Username": world.nobody}, **headers)


def _unknown(world: World, **headers: str) -> Answer:
    return world.call("CognitoProxySmoke", {}, **headers)


def _malformed(world: World, **headers: str) -> Answer:
    return world.call("ConfirmSignUp", b'{"ClientId": ', **headers)


_REFUSALS: dict[str, tuple[Callable[..., Answer], str]] = {
    "foreign client id": (_foreign_client, "ResourceNotFoundException"),
    "administrator operation": (_administrator, "UnknownOperationException"),
    "unknown operation": (_unknown, "UnknownOperationException"),
    "malformed body": (_malformed, "SerializationException"),
}


def _refuses(what: str) -> Callable[[World], str]:
    send, error = _REFUSALS[what]
    return lambda world: refused(send(world), error=error)


def _readable(world: World) -> str:
    origin = str(world.target.page_origin)
    for what, (send, _) in _REFUSALS.items():
        granted = send(world, origin=origin).headers.get("access-control-allow-origin", ())
        if len(granted) != 1 or granted[0] not in (origin, "*"):
            raise Failed(f"{what}: access-control-allow-origin: {', '.join(granted) or 'missing'}")
    return f"{', '.join(_REFUSALS)}: readable from {origin}"


CHECKS = (
    Check(
        name="direct-call-refused",
        promise="Whoever calls Cognito directly for a proxied app client is refused for want of a secret hash.",
        run=_direct,
        after=("app-clients-have-secrets",),
        advice="Give the app client a secret: Cognito cannot add one to an app client that exists, so make a new one.",
        proves=("direct-calls-refused", "threat-direct-call", "ids-go-together"),
    ),
    Check(
        name="foreign-client-refused",
        promise="A client id that is not configured is refused.",
        run=_foreign_client_refused,
        after=("function",),
        advice="Look at what stands in front of the function: it answers this itself.",
        proves=("threat-other-pool", "ids-go-together"),
    ),
    Check(
        name="administrator-operation-refused",
        promise="Administrator operations are refused.",
        run=_refuses("administrator operation"),
        after=("function",),
        advice="Look at what stands in front of the function: it answers this itself.",
        proves=("strict-door", "threat-administrator"),
    ),
    Check(
        name="unknown-operation-refused",
        promise="Operations that the proxy does not know are refused.",
        run=_refuses("unknown operation"),
        after=("function",),
        advice="Look at what stands in front of the function: it answers this itself.",
        proves=("everything-else-refused",),
    ),
    Check(
        name="malformed-body-refused",
        promise="A body that is no JSON is refused.",
        run=_refuses("malformed body"),
        after=("function",),
        advice="Look at what stands in front of the function: it answers this itself.",
        proves=("strict-door",),
    ),
    Check(
        name="refusals-readable",
        promise="A page of an allowed origin can read every refusal.",
        run=_readable,
        needs=frozenset({Need.ORIGIN}),
        after=("function", "preflight-allowed-origin", "response-headers-policy"),
        advice="Deploy again with the flag allowed_origins; at the edge, look at the response headers policy.",
        proves=("errors-in-cognitos-shape",),
    ),
)
