"""A world for checks without a network: scripted answers of the proxy and of AWS."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.stack import DeployedStack
from cognito_proxy.smoke.target import AppClient, Target
from cognito_proxy.smoke.world import Options, World

POOL = "eu-west-1_AbCdEf123"
CLIENT = "1example23456789"
ENDPOINT = "https://auth.example.com/"
UPSTREAM = "https://cognito-idp.eu-west-1.amazonaws.com/"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-AbCdEf"
ORIGIN = "https://app.example.com"


def error(status: int, kind: str, message: str = "told", **headers: str) -> Answer:
    """One of Cognito's errors."""
    named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return Answer(status=status, headers=named, body=json.dumps({"__type": kind, "message": message}).encode())


def success(document: Mapping[str, Any]) -> Answer:
    """An answer of 200."""
    return Answer(status=200, headers={}, body=json.dumps(document).encode())


@dataclass(kw_only=True)
class FakeHttp:
    """Answers by URL and operation; records what was asked."""

    answer: Callable[[str, str, Mapping[str, Any] | bytes], Answer]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def call(
        self, url: str, operation: str, body: Mapping[str, Any] | bytes, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.asked.append((url, operation))
        return self.answer(url, operation, body)

    def send(
        self, url: str, *, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        self.asked.append((url, method))
        return self.answer(url, method, dict(headers or {}))


@dataclass(kw_only=True)
class FakeAws:
    """Answers by operation in snake_case: a document, an exception to raise, or a function of the parameters."""

    answers: Mapping[str, Any]
    called: list[str] = field(default_factory=list)

    def __call__(self, service: str, *, region: str | None = None) -> Any:
        return _Client(self)


class _Client:
    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self._aws.called.append(operation)
            answer = self._aws.answers[operation]
            answer = answer(**parameters) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, operation: str) -> Any:
        call = getattr(self, operation)
        return type("Pages", (), {"paginate": lambda _, **parameters: [call(**parameters)]})()


def refusal(operation: str, code: str) -> ClientError:
    """What boto3 raises for a refused call."""
    return ClientError({"Error": {"Code": code, "Message": "sentinel-in-a-message"}}, operation)


def payload(document: Any) -> dict[str, Any]:
    """What Invoke gives."""
    return {"Payload": io.BytesIO(json.dumps(document).encode())}


def stack(template: Mapping[str, Any] | None = None, physical_ids: Mapping[str, str] | None = None) -> DeployedStack:
    return DeployedStack(
        name="Proxy",
        region="eu-west-1",
        outputs={"UserPoolId": POOL, "Region": "eu-west-1", "AppClientId": CLIENT, "SecretArn": SECRET_ARN},
        template=template or {"Resources": {}},
        physical_ids=dict(physical_ids or {}),
    )


def target(**changed: Any) -> Target:
    """A proxy known by its stack."""
    known: dict[str, Any] = {
        "endpoint": ENDPOINT,
        "region": "eu-west-1",
        "upstream": UPSTREAM,
        "app_clients": (AppClient(client_id=CLIENT, secret_arn=SECRET_ARN),),
        "user_pool_id": POOL,
        "variant": "regional",
        "allowed_origins": (ORIGIN,),
        "stack": stack(),
    }
    return Target(**known | changed)


def world(
    *,
    answer: Callable[[str, str, Mapping[str, Any] | bytes], Answer] = lambda *_: error(400, "NotAuthorizedException"),
    aws: Mapping[str, Any] | None = None,
    options: Options | None = None,
    now: float = 1_800_000_000.0,
    **of_target: Any,
) -> World:
    """What a check gets."""
    return World(
        target=target(**of_target),
        http=FakeHttp(answer=answer),  # type: ignore[arg-type]
        clients=FakeAws(answers=aws or {}),
        options=options or Options(),
        clock=lambda: now,
        sleep=lambda _: None,
    )


def check(name: str) -> Check:
    """A check by its name."""
    from cognito_proxy.smoke.registry import ALL

    return next(each for each in ALL if each.name == name)
