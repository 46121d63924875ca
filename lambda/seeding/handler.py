"""CloudFormation custom resource: a secret that holds the client secret of an app client.

The answer carries no data and nothing here logs, so the secret goes from Cognito to Secrets Manager and nowhere else.
"""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_calls.custom_resource import RESERVE_SECONDS, answer
from aws_calls.errors import CallFailed
from aws_calls.service import Service
from aws_calls.time_left import LambdaContext, TimeLeft


class SeedingError(Exception):
    """What CloudFormation shows as the reason; it holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppClientSecret:
    """Which app client's secret belongs into which secret of Secrets Manager."""

    user_pool_id: str
    client_id: str
    secret_arn: str

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> AppClientSecret:
        """Read the custom resource's properties.

        Raises:
            SeedingError: one is missing.
        """
        try:
            return cls(
                user_pool_id=properties["UserPoolId"],
                client_id=properties["ClientId"],
                secret_arn=properties["SecretArn"],
            )
        except KeyError as missing:
            raise SeedingError(f"The property {missing} is missing") from None


def handler(event: dict[str, Any], context: LambdaContext | None) -> None:
    """Create, update or delete; CloudFormation is told the outcome, whatever it is."""
    try:
        _fulfil(event, context)
    except CallFailed as failure:
        _answer(event, "FAILED", str(failure))
    except SeedingError as error:
        _answer(event, "FAILED", str(error))
    except Exception as error:  # an unanswered request keeps the deployment waiting
        _answer(event, "FAILED", f"Unexpected {type(error).__name__}")
    else:
        _answer(event, "SUCCESS", "")


def seed(wanted: AppClientSecret, cognito: Service, secrets_manager: Service) -> None:
    """Put the app client's secret, unless the secret already has a value for this app client.

    Such a value may come from a rotation, and Cognito may by now describe another one: it is left alone.

    Raises:
        CallFailed: Cognito or Secrets Manager refused or was not reached.
        SeedingError: the app client has no secret.
    """
    if _is_for(wanted, _current_value(wanted, secrets_manager)):
        return
    ids = {"UserPoolId": wanted.user_pool_id, "ClientId": wanted.client_id}
    described = cognito.call("DescribeUserPoolClient", ids)
    client_secret = described["UserPoolClient"].get("ClientSecret")
    if not client_secret:
        raise SeedingError(f"The app client {wanted.client_id} has no secret")
    value = {
        "user_pool_id": wanted.user_pool_id,
        "client_id": wanted.client_id,
        "client_secret": client_secret,
        # The key of the hashes in the proxy's log. Not made of the client secret, which Cognito tells to whoever may
        # describe the app client: docs/decisions/0011-what-is-logged.md.
        "log_key": secrets.token_hex(32),
    }
    put = {
        "SecretId": wanted.secret_arn,
        # Names the new version, so that sending it again makes no second one. SDKs make it up, the API wants one:
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        "ClientRequestToken": str(uuid.uuid4()),
        "SecretString": json.dumps(value),
    }
    secrets_manager.call("PutSecretValue", put)


def _fulfil(event: Mapping[str, Any], context: LambdaContext | None) -> None:
    if event["RequestType"] == "Delete":
        return  # the secret is a resource of its own, which CloudFormation deletes
    wanted = AppClientSecret.from_properties(event["ResourceProperties"])
    region, time_left = os.environ["AWS_REGION"], TimeLeft.of(context, reserve=RESERVE_SECONDS)
    with (
        Service("cognito-idp", region=region, time_left=time_left) as cognito,
        Service("secretsmanager", region=region, time_left=time_left) as secrets_manager,
    ):
        seed(wanted, cognito, secrets_manager)


def _current_value(wanted: AppClientSecret, secrets_manager: Service) -> str | None:
    try:
        value: str | None = secrets_manager.call("GetSecretValue", {"SecretId": wanted.secret_arn}).get("SecretString")
    except CallFailed as failure:
        if failure.code != "ResourceNotFoundException":
            raise
        return None  # a new secret has no version AWSCURRENT
    return value


def _is_for(wanted: AppClientSecret, value: str | None) -> bool:
    try:
        document = json.loads(value or "null")
    except ValueError:
        return False
    return (
        isinstance(document, dict)
        and document.get("user_pool_id") == wanted.user_pool_id
        and document.get("client_id") == wanted.client_id
        and bool(document.get("client_secret"))
    )


def _answer(event: Mapping[str, Any], status: str, reason: str) -> None:
    answer(event, status, reason, physical_id=f"{event['LogicalResourceId']}-client-secret")
