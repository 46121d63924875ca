"""The authorizer: an event of API Gateway's in, its answer out. Nothing is logged, and no error quotes a token.

Three kinds of events: a REST API's of type TOKEN, a REST API's (or an HTTP API's in format 1.0) of type REQUEST, and an
HTTP API's in format 2.0, which gets the simple answer.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from os import environ
from typing import Any

from proxy.seal_keys import SealKeys
from sealing.envelope import Opened, SealRefused
from token_authorizer.rules import Verdict, context_of, judge
from token_authorizer.settings import Settings, parse_settings

SETTINGS = "AUTHORIZER_SETTINGS"
"""The environment variable."""

KEY_SECONDS = 300.0
"""How long the keys are used before they are read again."""

_CALL_SECONDS = 4.0
_INIT_SECONDS = 1.5
_SCHEME = "bearer "


class Unauthorized(Exception):
    """Answered with 401 by a REST API, to which the text says so: "Unauthorized", and nothing else.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """


def handler(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:  # noqa: ARG001 - Lambda's form
    """Judge a call.

    Raises:
        Unauthorized: a REST API's call has no token that is good.
        Exception: any other; the keys or the settings are not there. API Gateway answers 500.
    """
    settings = _settings(environ.get(SETTINGS, ""))
    is_simple = event.get("version") == "2.0"
    try:
        deadline = time.monotonic() + _CALL_SECONDS
        opened = _keys(settings.secret_arn).open(_token_in(event), deadline=deadline, report=_no_report)
        verdict = judge(opened.claims, settings, str(event.get("routeKey", "")) if is_simple else "")
    except SealRefused:
        opened, verdict = Opened("", {}), Verdict.FOREIGN
    if is_simple:
        passes = verdict is Verdict.PASSES
        return {"isAuthorized": passes, "context": context_of(opened.claims)} if passes else {"isAuthorized": False}
    if verdict is Verdict.FOREIGN:
        raise Unauthorized("Unauthorized")
    return _policy(opened, str(event["methodArn"]), allow=verdict is Verdict.PASSES)


@cache
def _settings(text: str) -> Settings:
    return parse_settings(text)


@cache
def _keys(arn: str) -> SealKeys:
    return SealKeys(arn, ttl_seconds=KEY_SECONDS)


def _no_report(_text: str) -> None:
    """A failure that matters ends the call, and Lambda logs it."""


def _token_in(event: Mapping[str, Any]) -> str:
    """The token alone or after `Bearer `; empty where there is none."""
    value = event.get("authorizationToken")
    if value is None:
        headers = {str(name).lower(): value for name, value in (event.get("headers") or {}).items()}
        value = headers.get("authorization")
    text = value if isinstance(value, str) else ""
    return text[len(_SCHEME) :] if text[: len(_SCHEME)].lower() == _SCHEME else text


def _policy(opened: Opened, method_arn: str, *, allow: bool) -> dict[str, Any]:
    """For the whole stage, since API Gateway may keep it for the token's next calls of other methods.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
    """
    api, _, rest = method_arn.partition("/")
    stage = rest.partition("/")[0]
    return {
        "principalId": str(opened.claims.get("sub", "")),
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow" if allow else "Deny",
                    "Resource": f"{api}/{stage}/*",
                }
            ],
        },
        "context": context_of(opened.claims) if allow else {},
    }


def prepare() -> None:
    """In Lambda's INIT phase: have the keys at hand before the first call. Nothing escapes."""
    if "AWS_LAMBDA_RUNTIME_API" in environ:
        with suppress(Exception):
            keys = _keys(_settings(environ.get(SETTINGS, "")).secret_arn)
            keys.prefetch(deadline=time.monotonic() + _INIT_SECONDS)


prepare()
