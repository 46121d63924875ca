"""What a client gets when the firewall says no: Cognito's own errors, readable by the page that asked.

A response of AWS WAF is fixed text: it cannot repeat the origin of the request at hand. So:

- one allowed origin: its name stands in the response, as the proxy would answer;
- several, or `*`: the response allows `*`. That is safe here, since it says nothing about anybody (it is the same text
  for every caller), carries no cookie, and browsers refuse `*` for requests with credentials; what a page of a foreign
  origin learns is that it was blocked. Cognito's own endpoint answers `*` to everything. The alternative, one rule for
  each origin, multiplies every rule and its cost;
- none: no CORS headers, since no page is meant to call.

A page sees a block only if its preflight passed. Preflights are therefore neither blocked nor counted with the calls
that they precede: while an address is denied or floods with OPTIONS, AWS WAF answers its preflights itself (204), so
that the page gets to send the call and to read its 403 or 429, and the function is spared.

Our own rules' blocks have the headers of all other answers, too. Those of the managed groups do not: a web ACL may hold
100 response headers in all, each of their rules has a response of its own (16 by default, 52 with every group), and a
fixed text about nobody may be cached or taken for what it is not. (What AWS's rules answer by themselves has none.)
https://docs.aws.amazon.com/waf/latest/developerguide/limits.html

No error type among the headers: the SDKs find it in the body's `__type`. No `vary`, since nothing varies. No
`retry-after`: the AWS SDKs obey it within the call, and a user would watch a page hang for the whole window.
"""

import json
from collections.abc import Sequence

from aws_cdk import Token
from aws_cdk import aws_wafv2 as wafv2

from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from cognito_proxy.common.origins import fixed_origin
from cognito_proxy.common.property_error import PropertyError

FORBIDDEN = "forbidden"
TOO_MANY_REQUESTS = "too-many-requests"
TOO_MANY_OAUTH_REQUESTS = "too-many-oauth-requests"

_BODIES = {
    FORBIDDEN: (403, "ForbiddenException", "Request not allowed."),
    TOO_MANY_REQUESTS: (429, "TooManyRequestsException", "Too many requests. Try again in a few minutes."),
}
_OAUTH_BODIES = {
    TOO_MANY_OAUTH_REQUESTS: (429, "temporarily_unavailable", "Too many requests. Try again in a few minutes."),
}
# `*` covers what an SDK of tomorrow adds, the names serve browsers that do not know `*` here.
_PREFLIGHT_HEADERS = (
    "amz-sdk-invocation-id,amz-sdk-request,aws-waf-token,cache-control,content-type,x-amz-target,x-amz-user-agent,*"
)
# Short: the address may be off the list in a minute, and then the proxy's own answer counts.
_PREFLIGHT_MAX_AGE_SECONDS = 60
_MAX_HEADER_VALUE = 255

Acl = wafv2.CfnWebACL


def custom_response_bodies(*, oauth: bool = False) -> dict[str, Acl.CustomResponseBodyProperty]:
    """The bodies that the web ACL keeps, by key; with `oauth`, also one in the shape of RFC 6749, section 5.2."""
    texts = {key: {"__type": error, "message": message} for key, (_, error, message) in _BODIES.items()}
    if oauth:
        _, error, message = _OAUTH_BODIES[TOO_MANY_OAUTH_REQUESTS]
        texts[TOO_MANY_OAUTH_REQUESTS] = {"error": error, "error_description": message}
    return {
        key: Acl.CustomResponseBodyProperty(content_type="APPLICATION_JSON", content=json.dumps(text))
        for key, text in texts.items()
    }


def static_origin(allowed_origins: Sequence[str]) -> str | None:
    """What fixed responses say in `access-control-allow-origin`: the only origin, `*` for several, None for none.

    Raises:
        PropertyError: the only origin is longer than a header value of AWS WAF may be (255 characters).
    """
    origin = fixed_origin(allowed_origins)
    if origin is not None and not Token.is_unresolved(origin) and len(origin) > _MAX_HEADER_VALUE:
        raise PropertyError(
            f"allowed_origins: {origin!r} has {len(origin)} characters; at most {_MAX_HEADER_VALUE} fit"
        )
    return origin


def block_with(body_key: str, *, origin: str | None, answer_headers: bool = True) -> Acl.BlockActionProperty:
    """Block with one of the bodies, readable for pages of `origin` unless it is None.

    Args:
        body_key: FORBIDDEN, TOO_MANY_REQUESTS or TOO_MANY_OAUTH_REQUESTS.
        origin: What `static_origin` gives.
        answer_headers: With the headers of all answers. Default: True.
    """
    status, _, _ = (_BODIES | _OAUTH_BODIES)[body_key]
    headers = {name.lower(): value for name, value in ANSWER_HEADERS.items()} if answer_headers else {}
    if origin is not None:
        headers["access-control-allow-origin"] = origin
    return Acl.BlockActionProperty(
        custom_response=Acl.CustomResponseProperty(
            response_code=status,
            custom_response_body_key=body_key,
            response_headers=_headers(headers) if headers else None,
        )
    )


def answer_preflight(*, origin: str) -> Acl.BlockActionProperty:
    """Block, in AWS WAF's words, but with the answer that lets the page send its call and read the block of that."""
    headers = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": _PREFLIGHT_HEADERS,
        "access-control-max-age": str(_PREFLIGHT_MAX_AGE_SECONDS),
    }
    return Acl.BlockActionProperty(
        custom_response=Acl.CustomResponseProperty(response_code=204, response_headers=_headers(headers))
    )


def _headers(headers: dict[str, str]) -> list[Acl.CustomHTTPHeaderProperty]:
    return [Acl.CustomHTTPHeaderProperty(name=name, value=value) for name, value in headers.items()]
