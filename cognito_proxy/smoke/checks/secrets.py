"""The app clients' secrets in Secrets Manager. No value is kept or shown: of a document, two ids are compared."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.target import AppClient
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

IDLE_SECONDS = 600.0
"""A rotation that did nothing for so long is stuck; as `cognito-proxy rotate` has it."""

_SCHEDULE = "AWS::SecretsManager::RotationSchedule"


def described(world: World, client: AppClient) -> dict[str, Any]:
    """DescribeSecret of an app client's secret.

    Raises:
        Failed: it is not there.
    """

    def look() -> dict[str, Any]:
        try:
            answer: dict[str, Any] = secrets_manager(world, client).describe_secret(SecretId=client.secret_arn)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise
            raise Failed(f"{client.client_id}: there is no secret {client.secret_arn}") from None
        return answer

    return world.once(f"secret {client.secret_arn}", look)


def secrets_manager(world: World, client: AppClient) -> Any:
    """In the Region of the primary, whichever Region the proxy is in."""
    return world.aws("secretsmanager", region=str(client.secret_arn).split(":")[3])


def ids_in_value(client: Any, secret_id: str) -> tuple[str, str] | None:
    """Pool and app client of the current value; None: it has none, or it is no document of ours."""
    try:
        text = client.get_secret_value(SecretId=secret_id)["SecretString"]
        document = json.loads(text)
        return str(document["user_pool_id"]), str(document["client_id"]) if document["client_secret"] else ""
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
        return None
    except (ValueError, KeyError, TypeError):
        return None


def _stored(world: World) -> Iterator[AppClient]:
    known = [client for client in world.target.app_clients if client.secret_arn is not None]
    if not known:
        raise NotCheckable("the stack has no output SecretArn")
    yield from known


def _for_each(look: Callable[[World, AppClient], str]) -> Callable[[World], str]:
    def run(world: World) -> str:
        return "; ".join(dict.fromkeys(look(world, client) for client in _stored(world)))

    return run


def _there(world: World, client: AppClient) -> str:
    secret = described(world, client)
    if "DeletedDate" in secret:
        raise Failed(f"{client.client_id}: its secret is about to be deleted")
    if not any("AWSCURRENT" in labels for labels in secret.get("VersionIdsToStages", {}).values()):
        raise Failed(f"{client.client_id}: its secret has no current value")
    if _ids(world, client) is None:
        raise Failed(f"{client.client_id}: its secret has no value that the proxy can read")
    return "with a current value"


def _belongs(world: World, client: AppClient) -> str:
    ids = _ids(world, client)
    if ids != (world.user_pool_id, client.client_id):
        raise Failed(f"{client.client_id}: its secret holds a value of {' / '.join(ids or ('nobody',))}")
    return f"of {world.user_pool_id}, each of its own app client"


def _ids(world: World, client: AppClient) -> tuple[str, str] | None:
    return world.once(
        f"ids {client.secret_arn}",
        lambda: ids_in_value(secrets_manager(world, client), str(client.secret_arn)),
    )


def _replicas(world: World, client: AppClient) -> str:
    promised = list(world.target.settings.get("replica_regions", ()))
    if not promised:
        return "none promised"
    found = {status["Region"]: status for status in described(world, client).get("ReplicationStatus", ())}
    for region in promised:
        status = found.get(region, {}).get("Status", "missing")
        if status != "InSync":
            reason = found.get(region, {}).get("StatusMessage", "")
            raise Failed(f"{client.client_id}: replica in {region} {status}{f' ({reason})' if reason else ''}")
    return f"InSync in {', '.join(promised)}"


def _schedule(world: World, client: AppClient) -> str:
    secret = described(world, client)
    promised = _promised_days(world, client)
    if promised is None:
        raise NotCheckable(f"{client.client_id}: no schedule for its secret in the stacks looked at")
    if not secret.get("RotationEnabled"):
        raise Failed(f"{client.client_id}: its secret has no rotation schedule")
    days = secret.get("RotationRules", {}).get("AutomaticallyAfterDays")
    if days is None and world.target.is_local:
        return f"on (every {promised} days; the emulator does not tell)"
    if days != promised:
        raise Failed(f"{client.client_id}: every {days} days, not every {promised}")
    due = secret.get("NextRotationDate")
    if due is not None and due.timestamp() + 2 * 24 * 3600 < world.clock():
        raise Failed(f"{client.client_id}: was to rotate by {due:%Y-%m-%d}")
    return f"every {days} days"


def _promised_days(world: World, client: AppClient) -> int | None:
    for stack in world.target.stacks:
        for _, properties in stack.resources(_SCHEDULE):
            name = world.target.values(stack).text(properties["SecretId"])
            # `Ref` of a secret is its ARN, and the name in the emulator.
            if name in str(client.secret_arn):
                return int(properties["RotationRules"]["AutomaticallyAfterDays"])
    return None


def _no_pending(world: World, client: AppClient) -> str:
    labels = described(world, client).get("VersionIdsToStages", {})
    pending = [version for version, found in labels.items() if "AWSPENDING" in found and "AWSCURRENT" not in found]
    if not pending:
        return "none"
    changed = described(world, client).get("LastChangedDate")
    if changed is not None and world.clock() - changed.timestamp() < IDLE_SECONDS:
        raise NotCheckable(f"{client.client_id}: a rotation is under way; run this again in ten minutes")
    raise Failed(f"{client.client_id}: version {pending[0]} is AWSPENDING, and nothing goes on")


CHECKS = (
    Check(
        name="secret",
        promise="Every app client's secret is in Secrets Manager, with a current value.",
        run=_for_each(_there),
        needs=frozenset({Need.AWS}),
        after=("settings",),
        advice="Deploy again: the seeding puts the first value. After a rotation, restore AWSCURRENT by hand.",
        proves=("secret-for-each-app",),
    ),
    Check(
        name="secret-belongs",
        promise="Every stored secret is of this pool and of its own app client.",
        run=_for_each(_belongs),
        needs=frozenset({Need.AWS}),
        after=("settings", "secret"),
        advice="Put the app client's own document back: somebody wrote another one's into it.",
        proves=("secret-for-each-app",),
    ),
    Check(
        name="secret-replicas",
        promise="At the edge, the secret's replicas have its current value.",
        run=_for_each(_replicas),
        needs=frozenset({Need.AWS, Need.EDGE}),
        after=("secret",),
        advice="`aws secretsmanager describe-secret` says why; until then the function reads the primary, slowly.",
        proves=("secret-read-nearby",),
    ),
    Check(
        name="rotation-schedule",
        promise="Secrets rotate as often as the deployment says.",
        run=_for_each(_schedule),
        needs=frozenset({Need.AWS, Need.ROTATION}),
        after=("secret",),
        advice="Deploy again with rotation_days; where it is overdue, the rotation function's log says why.",
        proves=("rotation-days",),
    ),
    Check(
        name="no-stuck-rotation",
        promise="No rotation is stuck: no version is left AWSPENDING.",
        run=_for_each(_no_pending),
        needs=frozenset({Need.AWS}),
        after=("secret",),
        advice="Run cognito-proxy rotate: it gives up a stuck rotation and begins a new one.",
        proves=("rotation-carried-on",),
    ),
)
