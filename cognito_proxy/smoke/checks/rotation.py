"""The rotation function.

It is asked for `endPrevious`, which deletes a secret that was replaced and is no longer needed. So Cognito is asked
first: while an app client has one secret, there is nothing to delete, and the function says `nothing`. With two it is
not asked. A step that does not exist would harm nothing either, but it would ring the rotation's alarm.
"""

import json

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.secrets import described
from cognito_proxy.smoke.http import one_line
from cognito_proxy.smoke.target import AppClient
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World


def answers_nothing(world: World) -> str:
    """The function's answer for each app client that rotates.

    Raises:
        Failed: it does not answer `nothing`.
        NotCheckable: a replaced secret is still there.
    """
    rotating = [client for client in world.target.app_clients if _function(world, client) is not None]
    if not rotating:
        raise Failed("no secret has a rotation function")
    for client in rotating:
        _ask(world, client)
    return f"`nothing`, for {len(rotating)} app client(s)"


def _function(world: World, client: AppClient) -> str | None:
    return described(world, client).get("RotationLambdaARN") if client.secret_arn is not None else None


def _ask(world: World, client: AppClient) -> None:
    listed = world.cognito().list_user_pool_client_secrets(UserPoolId=world.user_pool_id, ClientId=client.client_id)
    if len(listed["ClientSecrets"]) != 1:
        raise NotCheckable(
            f"{client.client_id}: the secret before the current one is still there, and asking could delete it; "
            "run this again after the overlap"
        )
    arn = str(_function(world, client))
    answer = world.aws("lambda", region=arn.split(":")[3]).invoke(
        FunctionName=arn, Payload=json.dumps({"Step": "endPrevious", "SecretId": client.secret_arn}).encode()
    )
    document = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        # The function's own words hold no secret.
        message = document.get("errorMessage") if isinstance(document, dict) else None
        raise Failed(f"{client.client_id}: {one_line(str(message or 'no reason given'))}")
    if not isinstance(document, dict) or document.get("outcome") != "nothing":
        raise Failed(f"{client.client_id}: expected `nothing`, got {one_line(json.dumps(document))}")


CHECKS = (
    Check(
        name="rotation-function",
        promise="The rotation function runs, and may look at its app client and its secret.",
        run=answers_nothing,
        needs=frozenset({Need.AWS, Need.ROTATION}),
        after=("secret", "secret-belongs", "rotation-schedule"),
        advice="Its log says what it lacks; docs/operations.md lists the reasons.",
    ),
)
