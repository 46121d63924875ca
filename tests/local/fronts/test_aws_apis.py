"""What stands in for AWS's own APIs on one machine: as strict as they are, and for the emulator's root only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.fronts.rotating_secrets import RotatingSecrets
from local.fronts.rotation import LocalRotation
from local.ports import LOOPBACK, listen, port_of
from local.simulators.aws_apis.front import AwsFront
from local.simulators.common.aws_json import AwsCall, Refused
from local.simulators.common.http import HttpResponse
from local.simulators.common.serving import ServerThread
from local.simulators.waf.api import Waf
from local.simulators.waf.stand_in import WafStandIn
from tests.refusing import refusing_port

REGION = "eu-west-1"
DESCRIPTION = "Edit by hand"


@pytest.fixture
def waf() -> Waf:
    return Waf(region=REGION)


def client(endpoint: str, service: str, *, key: str = "test", region: str = REGION) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key="test",
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )  # type: ignore[call-overload]


def refusal(waf: Waf, operation: str, **request: Any) -> str:
    with pytest.raises(Refused) as caught:
        waf.answer(operation, request)
    return caught.value.code


def test_an_update_needs_the_token_of_what_it_replaces(waf: Waf) -> None:
    kept = waf.add_ip_set("Deny", "IPV4", DESCRIPTION)
    key = {"Name": "Deny", "Scope": "REGIONAL", "Id": kept.id}
    token = waf.answer("GetIPSet", key)["LockToken"]
    update = key | {"Addresses": ["192.0.2.1/32"], "LockToken": token}
    after = waf.answer("UpdateIPSet", update)["NextLockToken"]
    assert refusal(waf, "UpdateIPSet", **update) == "WAFOptimisticLockException"
    shown = waf.answer("GetIPSet", key)
    assert (shown["LockToken"], shown["IPSet"]["Addresses"]) == (after, ["192.0.2.1/32"])
    # An update replaces the description, too.
    assert "Description" not in shown["IPSet"]


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        (["192.0.2.1"], "WAFInvalidParameterException"),
        (["192.0.2.1/24"], "WAFInvalidParameterException"),
        (["2001:db8::/32"], "WAFInvalidParameterException"),
        (["example.com/32"], "WAFInvalidParameterException"),
        (["192.0.2.1/32"] * 2, "WAFDuplicateItemException"),
        ([f"10.{n // 250}.{n % 250}.1/32" for n in range(10_001)], "WAFLimitsExceededException"),
        ("192.0.2.1/32", "WAFInvalidParameterException"),
    ],
)
def test_an_ip_set_takes_what_aws_waf_takes(waf: Waf, addresses: Any, code: str) -> None:
    kept = waf.add_ip_set("Deny", "IPV4")
    request = {"Name": "Deny", "Scope": "REGIONAL", "Id": kept.id, "LockToken": kept.token}
    assert refusal(waf, "UpdateIPSet", **request, Addresses=addresses) == code
    assert kept.addresses == ()


def test_what_is_not_there_is_refused(waf: Waf) -> None:
    kept = waf.add_ip_set("Deny", "IPV4")
    for wrong in ({"Name": "Other"}, {"Scope": "CLOUDFRONT"}, {"Id": "other"}):
        key = {"Name": "Deny", "Scope": "REGIONAL", "Id": kept.id} | wrong
        assert refusal(waf, "GetIPSet", **key) == "WAFNonexistentItemException"
    assert refusal(waf, "GetWebACL", Name="a", Scope="REGIONAL", Id="b") == "WAFNonexistentItemException"
    assert refusal(waf, "ListTagsForResource", ResourceARN=kept.arn) == "WAFNonexistentItemException"
    assert refusal(waf, "DeleteIPSet", Id=kept.id) == "WAFInvalidOperationException"


@pytest.fixture
def endpoint(waf: Waf) -> Iterator[str]:
    """The front, without an emulator behind it."""
    servers = ServerThread()
    with refusing_port() as port, listen() as listener:
        front = AwsFront(emulator_url=f"http://{LOOPBACK}:{port}", stand_ins=[WafStandIn(waf)])
        try:
            servers.serve(front.web_application(), listener)
            yield f"http://{LOOPBACK}:{port_of(listener)}"
        finally:
            servers.stop()


@pytest.mark.parametrize(
    ("key", "region", "code"),
    [
        ("AKIAIOSFODNN7EXAMPLE", REGION, "AccessDeniedException"),
        ("test", "us-east-1", "WAFNonexistentItemException"),
    ],
)
def test_a_stand_in_is_for_the_root_in_its_region(waf: Waf, endpoint: str, key: str, region: str, code: str) -> None:
    kept = waf.add_ip_set("Deny", "IPV4")
    name = {"Name": "Deny", "Scope": "REGIONAL", "Id": kept.id}
    caller, other = client(endpoint, "wafv2"), client(endpoint, "wafv2", key=key, region=region)
    try:
        assert caller.get_ip_set(**name)["IPSet"]["Addresses"] == []
        with pytest.raises(ClientError) as caught:
            other.get_ip_set(**name)
    finally:
        caller.close()
        other.close()
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("service", ["cloudformation", "dynamodb"])
def test_an_emulator_that_is_gone_is_an_error_in_every_protocol(endpoint: str, service: str) -> None:
    caller = client(endpoint, service)
    try:
        with pytest.raises(ClientError) as caught:
            caller.describe_limits() if service == "dynamodb" else caller.describe_stacks()
    finally:
        caller.close()
    assert caught.value.response["Error"]["Code"] == "503"


class Secrets:
    """Secrets Manager with one secret, as `LocalRotation` calls it."""

    def __init__(self) -> None:
        self.labels: dict[str, list[str]] = {"a": ["AWSCURRENT"]}
        self.steps: list[str] = []
        self.failing = 0

    def describe_secret(self, **_: Any) -> dict[str, Any]:
        return {"ARN": ARN, "Name": "web", "VersionIdsToStages": self.labels}

    def put_secret_value(self, **request: Any) -> None:
        self.labels[request["ClientRequestToken"]] = request["VersionStages"]

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.steps.append(json.loads(request["Payload"])["Step"])
        if self.failing:
            self.failing -= 1
            return {"FunctionError": "Unhandled", "Payload": BytesIO(b'{"errorMessage": "Cognito is busy"}')}
        return {"Payload": BytesIO(b"null")}


ARN = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:web-AbCdEf"


class Rotating:
    """The stand-in, and what was said."""

    def __init__(self) -> None:
        self.secrets, self.said = Secrets(), list[str]()
        rotation = LocalRotation(
            secrets_manager=self.secrets, functions=self.secrets, secret_id=ARN, function="rotation"
        )
        self.stand_in = RotatingSecrets([rotation], self.said.append)

    def call(self, operation: str, document: Any, emulator: dict[str, Any] | None = None) -> Any:
        """Answer a call, and wait for what it began."""

        async def forward() -> HttpResponse:
            return HttpResponse(status=200, headers=(), body=json.dumps(emulator).encode())

        async def answer() -> HttpResponse:
            call = AwsCall(
                access_key="test", region=REGION, service="secretsmanager", operation=operation, document=document
            )
            assert self.stand_in.knows(call)
            answered = await self.stand_in.answer(call, forward)
            await self.stand_in.close()
            return answered

        return json.loads(asyncio.run(answer()).body)


@pytest.fixture
def rotating(monkeypatch: pytest.MonkeyPatch) -> Rotating:
    monkeypatch.setattr("local.fronts.rotating_secrets._PAUSE_SECONDS", 0.01)
    return Rotating()


@pytest.mark.parametrize("secret_id", [ARN, "web"])
def test_a_rotation_is_the_four_steps_of_the_function(rotating: Rotating, secret_id: str) -> None:
    answered = rotating.call("RotateSecret", {"SecretId": secret_id, "ClientRequestToken": "b" * 32})
    assert answered == {"ARN": ARN, "Name": "web", "VersionId": "b" * 32}
    assert rotating.secrets.steps == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    assert rotating.said == [f"rotation of web: version {'b' * 32} is current"]


def test_a_rotation_that_fails_is_tried_again_and_told(rotating: Rotating) -> None:
    rotating.secrets.failing = 1
    rotating.call("RotateSecret", {"SecretId": ARN})
    assert rotating.secrets.steps[:2] == ["createSecret", "createSecret"]
    assert rotating.said[0] == "rotation of web, attempt 1 of 3: createSecret failed: Cognito is busy"
    assert rotating.said[1].endswith(" is current")


def test_a_rotation_that_goes_on_failing_ends(rotating: Rotating) -> None:
    rotating.secrets.failing = 99
    rotating.call("RotateSecret", {"SecretId": ARN})
    assert len(rotating.said) == 3


@pytest.mark.parametrize(
    ("document", "labels", "code"),
    [
        ({"SecretId": "other"}, {}, "InvalidRequestException"),
        ({"SecretId": ARN}, {"b": ["AWSPENDING"]}, "InvalidRequestException"),
        ({"SecretId": ARN, "RotateImmediately": False}, {}, "InvalidParameterException"),
        ({"SecretId": ARN, "RotationLambdaARN": "x"}, {}, "InvalidParameterException"),
        ({}, {}, "InvalidParameterException"),
        (None, {}, "InvalidParameterException"),
    ],
)
def test_a_rotation_that_secrets_manager_would_refuse(
    rotating: Rotating, document: Any, labels: dict[str, list[str]], code: str
) -> None:
    rotating.secrets.labels |= labels
    with pytest.raises(Refused) as caught:
        rotating.call("RotateSecret", document)
    assert (caught.value.code, rotating.secrets.steps) == (code, [])


def test_a_description_names_the_function_where_there_is_one(rotating: Rotating) -> None:
    described = rotating.call("DescribeSecret", {"SecretId": "web"}, {"ARN": ARN, "RotationEnabled": False})
    assert described["RotationEnabled"] is True
    assert described["RotationLambdaARN"] == f"arn:aws:lambda:{REGION}:000000000000:function:rotation"
    other = {"ARN": "other", "RotationEnabled": False}
    assert rotating.call("DescribeSecret", {"SecretId": "other"}, other) == other
