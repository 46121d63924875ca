"""The pool's app clients, and whether the proxy has the right secret of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.refusals import confirmation
from cognito_proxy.smoke.cognito_texts import tells_of_right_hash, tells_of_wrong_hash
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_CLIENT = "AWS::Cognito::UserPoolClient"


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What is kept of an app client's description."""

    has_secret: bool
    flows: frozenset[str]


def _answer(world: World) -> str:
    told = []
    for client in world.target.app_clients:
        answer = world.call("ConfirmSignUp", confirmation(world, client.client_id))
        if not tells_of_right_hash(answer):
            raise Failed(f"{client.client_id}: {answer.told}", advice=_advice(answer))
        told.append(f"{client.client_id}: {answer.error}")
    return f"Cognito took the hash ({'; '.join(told)})"


def _advice(answer: Answer) -> str | None:
    if tells_of_wrong_hash(answer):
        return (
            "The stored secret is not the app client's: look at its rotation, and rotate (cognito-proxy rotate); "
            "without a rotation, put the app client's own secret into Secrets Manager."
        )
    if answer.status >= 500:
        return "The function cannot read its secret: its role needs secretsmanager:GetSecretValue; look at its log."
    return None


def _have_secrets(world: World) -> str:
    without = [client.client_id for client in world.target.app_clients if not _has_secret(world, client.client_id)]
    if without:
        raise Failed(f"without a secret: {', '.join(without)}")
    return f"{len(world.target.app_clients)} with a secret"


def _no_public_client(world: World) -> str:
    own = {client.client_id for client in world.target.app_clients}
    others = [client for client in _clients_of_pool(world) if client["ClientId"] not in own]
    public = [
        f"{client['ClientId']} ({client.get('ClientName') or 'without a name'})"
        for client in others
        if not _has_secret(world, client["ClientId"])
    ]
    if public:
        raise Failed(f"public: {', '.join(public)}")
    return f"{len(others)} other app client(s), all with a secret" if others else "no other app client"


def _clients_of_pool(world: World) -> list[dict[str, Any]]:
    pages = world.cognito().get_paginator("list_user_pool_clients").paginate(UserPoolId=world.user_pool_id)
    return [client for page in pages for client in page["UserPoolClients"]]


def _allow_flows(world: World) -> str:
    promised = dict(_promised_flows(world))
    if not promised:
        raise NotCheckable("the app clients are made elsewhere, so what they should allow is not known")
    for client_id, flows in promised.items():
        if missing := sorted(flows - _seen(world, client_id).flows):
            raise Failed(f"{client_id}: not allowed: {', '.join(missing)}")
    return ", ".join(sorted(frozenset.union(*promised.values()))) or "none promised"


def _promised_flows(world: World) -> Iterator[tuple[str, frozenset[str]]]:
    """Client ids and ExplicitAuthFlows of the app clients that the stacks make."""
    own = {client.client_id for client in world.target.app_clients}
    for stack in world.target.stacks:
        for name, properties in stack.resources(_CLIENT):
            client_id = stack.physical_ids.get(name)
            if client_id in own:
                yield str(client_id), frozenset(properties.get("ExplicitAuthFlows", ()))


def _has_secret(world: World, client_id: str) -> bool:
    return _seen(world, client_id).has_secret


def _seen(world: World, client_id: str) -> _Seen:
    """What the checks need of an app client; its secret's value is not kept."""

    def look() -> _Seen:
        answer = world.cognito().describe_user_pool_client(UserPoolId=world.user_pool_id, ClientId=client_id)
        client = answer["UserPoolClient"]
        return _Seen(has_secret=bool(client.get("ClientSecret")), flows=frozenset(client.get("ExplicitAuthFlows", ())))

    return world.once(f"app client {client_id}", look)


CHECKS = (
    Check(
        name="app-clients-have-secrets",
        promise="Every app client behind the proxy has a secret.",
        run=_have_secrets,
        needs=frozenset({Need.AWS}),
        advice="Cognito cannot add a secret to an app client that was made without one: make a new one.",
    ),
    Check(
        name="app-client-flows",
        promise="Every app client allows the ways to sign in that the deployment gave it.",
        run=_allow_flows,
        needs=frozenset({Need.AWS}),
        advice="Somebody edited the app client. Deploy again with a change to it, or put the flow back by hand.",
    ),
    Check(
        name="no-public-client",
        promise="No other app client of the pool lets anybody in past the proxy.",
        run=_no_public_client,
        needs=frozenset({Need.AWS}),
        advice="Delete the app client, or move its app to the proxy first; `cognito-proxy audit` says what it lets do.",
    ),
)

BEHAVIOUR = (
    Check(
        name="app-clients-answer",
        promise="The proxy adds the right proof of the secret, for every app client.",
        run=_answer,
        after=("function", "app-clients-have-secrets", "secret", "secret-belongs"),
        advice="Look at the function's log, and at the secret's rotation.",
        proves=("proof-added", "secret-for-each-app"),
    ),
)
