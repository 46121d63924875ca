"""What anybody gets to see of the endpoint."""

from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.target import ANY_ORIGIN, REGIONAL
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

FOREIGN_ORIGIN = "https://cognito-proxy-smoke.example"
"""No deployment allows it, but by `*`."""

_ASKED_HEADERS = "content-type,x-amz-target,x-amz-user-agent"
_SECURITY_HEADERS = {name.lower(): value for name, value in ANSWER_HEADERS.items()}

_INVALID_TOKEN = {"AccessToken": "cognito-proxy-smoke"}


def get_user(world: World, **headers: str) -> Answer:
    """A call that needs no secret, and that Cognito itself refuses: the token is none."""
    return world.call("GetUser", _INVALID_TOKEN, **headers)


def _reachable(world: World) -> str:
    answer = get_user(world)
    if not answer.has_cognitos_shape:
        raise Failed(f"what answers is not this proxy: {answer.told}")
    return f"answers in Cognito's shape ({answer.status} {answer.error})"


def _function(world: World) -> str:
    answer = get_user(world)
    if (answer.status, answer.error) == (400, "NotAuthorizedException"):
        return f"an invalid token is refused: {answer.told}; by Cognito, or with sealed tokens by the proxy"
    advice = None
    if answer.status == 403:
        advice = "The firewall blocks this machine: take its address off the deny list, or wait until its rate is over."
    elif answer.status >= 500:
        advice = "Look at the function's log; and whether API Gateway, or CloudFront, may invoke the function."
    raise Failed(f"expected Cognito's own 400 NotAuthorizedException, got {answer.told}", advice=advice)


def _preflight(world: World, origin: str) -> Answer:
    return world.http.send(
        world.target.endpoint,
        method="OPTIONS",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": _ASKED_HEADERS,
        },
    )


def _allowed_preflight(world: World) -> str:
    origin = str(world.target.page_origin)
    for asked in dict.fromkeys((origin, *(each for each in world.target.allowed_origins if each != ANY_ORIGIN))):
        _require_grant(_preflight(world, asked), asked)
    return f"granted to {', '.join(world.target.allowed_origins)}"


def _require_grant(answer: Answer, origin: str) -> None:
    granted = answer.headers.get("access-control-allow-origin", ())
    if answer.status not in (200, 204) or len(granted) != 1 or granted[0] not in (origin, ANY_ORIGIN):
        raise Failed(f"{origin}: {answer.status}, access-control-allow-origin: {', '.join(granted) or 'none'}")
    headers = {name.strip().lower() for name in (answer.header("access-control-allow-headers") or "").split(",")}
    missing = [name for name in _ASKED_HEADERS.split(",") if name not in headers and ANY_ORIGIN not in headers]
    if missing:
        raise Failed(f"{origin}: not granted: {', '.join(missing)}")


def _foreign_origin(world: World) -> str:
    if ANY_ORIGIN in world.target.allowed_origins:
        raise NotCheckable("this deployment allows every origin (*), so none is foreign")
    answers = {
        "preflight": _preflight(world, FOREIGN_ORIGIN),
        "answer": get_user(world, origin=FOREIGN_ORIGIN),
    }
    for what, answer in answers.items():
        granted = answer.headers.get("access-control-allow-origin", ())
        if FOREIGN_ORIGIN in granted or ANY_ORIGIN in granted:
            raise Failed(f"{what}: {answer.status}, access-control-allow-origin: {', '.join(granted)}")
    return f"preflight {answers['preflight'].status}, neither it nor an answer is readable"


def _security_headers(world: World) -> str:
    answer = get_user(world)
    wrong = [
        f"{name}: {', '.join(answer.headers.get(name, ())) or 'missing'}"
        for name, value in _SECURITY_HEADERS.items()
        if answer.headers.get(name) != (value,)
    ]
    if wrong:
        raise Failed("; ".join(wrong))
    return ", ".join(_SECURITY_HEADERS)


def _wrong_path(world: World) -> str:
    answer = world.http.call(f"{world.target.endpoint}nowhere", "GetUser", _INVALID_TOKEN)
    if not answer.has_cognitos_shape or answer.status >= 500:
        raise Failed(f"not an error of Cognito's shape: {answer.told}")
    if world.target.variant == REGIONAL and answer.status != 404:
        raise Failed(f"expected 404 UnknownOperationException, got {answer.told}")
    return answer.told


def _get(world: World) -> str:
    answer = world.http.send(world.target.endpoint, method="GET")
    if not answer.has_cognitos_shape or answer.status >= 500:
        raise Failed(f"not an error of Cognito's shape: {answer.told}")
    return answer.told


CHECKS = (
    Check(
        name="endpoint",
        promise="The proxy answers at its endpoint, in Cognito's shape.",
        run=_reachable,
        after=("dns", "tls"),
        advice="Look at the output ProxyEndpoint; behind a domain of your own, at where its record leads.",
        proves=("errors-in-cognitos-shape",),
    ),
)

BEHAVIOUR = (
    Check(
        name="function",
        promise="The function takes a call and carries it to Cognito.",
        run=_function,
        after=("endpoint", "settings", "may-invoke-function", "function-version"),
        advice="Look at the function's log for a line with `problem`.",
    ),
    Check(
        name="preflight-allowed-origin",
        promise="A page of an allowed origin may call.",
        run=_allowed_preflight,
        needs=frozenset({Need.ORIGIN}),
        after=("function",),
        advice="Deploy again with the flag allowed_origins: exact origins, scheme and host, no slash at the end.",
        proves=("exact-origins",),
    ),
    Check(
        name="foreign-origin",
        promise="A page of a foreign origin may not call, and cannot read an answer.",
        run=_foreign_origin,
        after=("function", "response-headers-policy"),
        advice="Deploy again with the flag allowed_origins; at the edge, look at the response headers policy.",
        proves=("exact-origins",),
    ),
    Check(
        name="security-headers",
        promise="No answer is kept in a cache, taken for another type, or asked for without TLS later.",
        run=_security_headers,
        after=("function", "response-headers-policy"),
        advice="Deploy again; at the edge, look at the response headers policy.",
    ),
    Check(
        name="wrong-path",
        promise="A wrong path gets an error of Cognito's shape.",
        run=_wrong_path,
        after=("function",),
        advice="Deploy again: the API's gateway responses are part of the stack.",
        proves=("errors-in-cognitos-shape",),
    ),
    Check(
        name="get-refused",
        promise="GET is refused with an error of Cognito's shape.",
        run=_get,
        after=("function",),
        advice="Deploy again: the web ACL, and behind it API Gateway or the function, refuse it.",
        proves=("post-and-options",),
    ),
)
