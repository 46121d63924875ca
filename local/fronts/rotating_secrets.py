"""Rotation by Secrets Manager's own operations: the emulator knows no schedule, and its RotateSecret calls no function.

RotateSecret answers at once and rotates afterwards, as in AWS:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalRunError
from local.fronts.rotation import PENDING, LocalRotation
from local.simulators.common.aws_json import AwsCall, Forward, Refused, json_answer
from local.simulators.common.http import HttpResponse
from local.simulators.common.root_client import ACCOUNT_ID

ATTEMPTS = 3
"""How often a rotation that fails is tried in all; Secrets Manager tries again, too, without saying how often."""

_PAUSE_SECONDS = 2.0
_CLOSE_SECONDS = 5.0


class RotatingSecrets:
    """The secrets that a deployment rotates: what DescribeSecret says of it, and RotateSecret.

    `say` is told when a rotation ends, and why one failed: no secret is in it.
    """

    def __init__(self, rotations: Iterable[LocalRotation], say: Callable[[str], None]) -> None:
        self._rotations = {rotation.arn: rotation for rotation in rotations}
        self._say = say
        self._under_way: set[asyncio.Task[None]] = set()

    def knows(self, call: AwsCall) -> bool:
        """The two operations; that a secret has no rotation is said here, too."""
        return call.service == "secretsmanager" and call.operation in ("DescribeSecret", "RotateSecret")

    async def answer(self, call: AwsCall, forward: Forward) -> HttpResponse:
        """Perform the call."""
        if call.operation == "DescribeSecret":
            return self._described(await forward())
        try:
            return await self._rotate(call)
        except ClientError as error:
            told = error.response["Error"]
            raise Refused(str(told["Code"]), str(told["Message"])) from None

    async def close(self) -> None:
        """Give rotations that are under way five seconds."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_CLOSE_SECONDS)
        for task in self._under_way:
            task.cancel()

    def _described(self, answer: HttpResponse) -> HttpResponse:
        """The emulator's answer, with what a rotation schedule adds to it."""
        if answer.status != 200:
            return answer
        document: dict[str, Any] = json.loads(answer.body)
        rotation = self._rotations.get(document["ARN"])
        if rotation is None:
            return answer
        added = {"RotationEnabled": True, "RotationLambdaARN": _function_arn(rotation)}
        return replace(answer, body=json.dumps(document | added).encode())

    async def _rotate(self, call: AwsCall) -> HttpResponse:
        request = _checked(call.document)
        rotation = self._named(request["SecretId"], call.region)
        version = request.get("ClientRequestToken") or str(uuid.uuid4())
        described = await asyncio.to_thread(rotation.describe)
        pending = [
            found
            for found, labels in described["VersionIdsToStages"].items()
            if PENDING in labels and "AWSCURRENT" not in labels
        ]
        if pending:
            raise Refused(
                "InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted."
            )
        await asyncio.to_thread(rotation.begin, version)
        task = asyncio.create_task(self._perform(rotation, described["Name"], version))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return json_answer({"ARN": rotation.arn, "Name": described["Name"], "VersionId": version})

    async def _perform(self, rotation: LocalRotation, name: str, version: str) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await asyncio.to_thread(rotation.perform, version)
            except (LocalRunError, BotoCoreError, ClientError) as error:
                self._say(f"rotation of {name}, attempt {attempt} of {ATTEMPTS}: {error}")
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self._say(f"rotation of {name}: version {version} is current")
                return

    def _named(self, secret_id: str, region: str) -> LocalRotation:
        for arn, rotation in self._rotations.items():
            # A name stands in the ARN before six random signs.
            if arn.split(":")[3] == region and secret_id in (arn, arn.split(":")[6].rpartition("-")[0]):
                return rotation
        raise Refused("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")


def _checked(document: Any) -> Mapping[str, Any]:
    """The request, as far as it is modelled: who rotates at once, and changes no settings."""
    modelled = {"SecretId", "ClientRequestToken", "RotateImmediately"}
    if not isinstance(document, dict) or not isinstance(document.get("SecretId"), str):
        raise Refused("InvalidParameterException", "SecretId is required")
    if not document.keys() <= modelled or document.get("RotateImmediately", True) is not True:
        raise Refused("InvalidParameterException", f"only {', '.join(sorted(modelled))} are modelled here")
    return document


def _function_arn(rotation: LocalRotation) -> str:
    return f"arn:aws:lambda:{rotation.arn.split(':')[3]}:{ACCOUNT_ID}:function:{rotation.function}"
