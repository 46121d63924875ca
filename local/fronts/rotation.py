"""Rotation on one machine: what Secrets Manager and the clean-up schedule do in AWS, and the emulator does not.

The emulator's CloudFormation has no rotation schedule, and its RotateSecret calls no function but makes a copy of the
value current. So this begins a rotation as Secrets Manager does, with an empty version labelled AWSPENDING, and has the
deployed function, with its synthesized role, do the four steps:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.errors import LocalRunError

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
"""In the order in which Secrets Manager calls them."""

PENDING = "AWSPENDING"
"""The label of the version that a rotation makes."""

_SCHEDULE = "AWS::SecretsManager::RotationSchedule"


class LocalRotation:
    """Rotates one deployed secret."""

    def __init__(self, *, secrets_manager: Any, functions: Any, secret_id: str, function: str) -> None:
        self._secrets_manager = secrets_manager
        self._functions = functions
        self.function = function
        """Name of the rotation function."""
        self.arn: str = secrets_manager.describe_secret(SecretId=secret_id)["ARN"]
        """Of the secret that it rotates."""

    def rotate(self) -> str:
        """Replace the secret. Gives the version that is current then. Raises LocalRunError when a step fails."""
        version = str(uuid.uuid4())
        self.begin(version)
        self.perform(version)
        return version

    def describe(self) -> Any:
        """What the emulator tells of the secret: no value."""
        return self._secrets_manager.describe_secret(SecretId=self.arn)

    def begin(self, version: str) -> None:
        """Stage an empty version, as Secrets Manager does before it calls the function.

        In Secrets Manager a label is on one version at a time; in the emulator the earlier version would keep it.
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        earlier = [name for name, labels in self.describe()["VersionIdsToStages"].items() if PENDING in labels]
        self._secrets_manager.put_secret_value(SecretId=self.arn, ClientRequestToken=version, VersionStages=[PENDING])
        for name in earlier:
            if name != version:
                self._secrets_manager.update_secret_version_stage(
                    SecretId=self.arn, VersionStage=PENDING, MoveToVersionId=version, RemoveFromVersionId=name
                )

    def perform(self, version: str) -> None:
        """Have the function do the four steps; doing it again is safe. Raises LocalRunError when a step fails."""
        for step in STEPS:
            self._invoke({"Step": step, "ClientRequestToken": version})

    def end_previous(self, *, at_once: bool = False) -> str:
        """One run of the clean-up, or with `at_once` what `cognito-proxy rotate --leaked` asks for.

        Gives `ended`, `waiting` or `nothing`. Raises LocalRunError when it fails.
        """
        return str(self._invoke({"Step": "endPreviousNow" if at_once else "endPrevious"})["outcome"])

    def _invoke(self, event: dict[str, str]) -> Any:
        payload = json.dumps(event | {"SecretId": self.arn}).encode()
        answer = self._functions.invoke(FunctionName=self.function, Payload=payload)
        document = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise LocalRunError(f"{event['Step']} failed: {document.get('errorMessage', 'no reason given')}")
        return document


def rotations(emulator: Emulator, stacks: Iterable[DeployedStack]) -> dict[str, LocalRotation]:
    """The rotation of every secret that has a schedule, by the schedule's logical id."""
    return {
        name: LocalRotation(
            secrets_manager=emulator.client("secretsmanager", region=stack.region),
            functions=emulator.client("lambda", region=stack.region),
            secret_id=stack.physical_ids[resource["Properties"]["SecretId"]["Ref"]],
            function=stack.physical_ids[resource["Properties"]["RotationLambdaARN"]["Fn::GetAtt"][0]],
        )
        for stack in stacks
        for name, resource in stack.template["Resources"].items()
        if resource["Type"] == _SCHEDULE
    }
