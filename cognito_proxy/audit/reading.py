"""Asks AWS for a user pool and its app clients: Cognito, and, as far as they may be asked, AWS WAF and CloudWatch.

Nothing is changed. DescribeUserPoolClient answers with the secret; here it only becomes a yes or no, at once.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cognito_proxy.audit.answers import client_of, pool_of
from cognito_proxy.audit.facts import Client, LastUse, Pool, WebAcl
from cognito_proxy.audit.last_use import DAYS, last_uses

# ListUserPoolClients takes 60 at the most (QueryLimit).
_PAGE = 60
_SECRETS = "ListUserPoolClientSecrets"
_NO_ANSWER = (BotoCoreError, ClientError)


class Clients(Protocol):
    """Makes boto3's clients for the pool's Region."""

    def __call__(self, service: str) -> Any:
        """Of one service."""
        ...


class PoolNotFound(Exception):
    """There is no such pool in that Region and account."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read."""

    pool: Pool
    clients: tuple[Client, ...]
    refused: dict[str, Exception] = field(default_factory=dict)
    """What could not be asked, by operation; the audit goes on without it."""


def read(aws: Clients, pool_id: str, *, of_the_proxy: Collection[str], now: datetime, days: int = DAYS) -> Reading:
    """Read a pool and all of its app clients.

    Args:
        aws: makes clients.
        pool_id: the user pool's id.
        of_the_proxy: ids of the app clients that a proxy serves.
        now: the end of the time in which use is looked for.
        days: how far back that goes.

    Raises:
        PoolNotFound: there is no such pool.
        ClientError: Cognito itself refuses to be asked; BotoCoreError: AWS was not reached.
    """
    refused: dict[str, Exception] = {}
    cognito = aws("cognito-idp")
    described = _described_pool(cognito, pool_id)
    web_acl = _web_acl(aws("wafv2"), described.get("Arn", ""), refused)
    clients = [
        client_of(answer, has_secret=has_secret, of_the_proxy=answer["ClientId"] in of_the_proxy)
        for answer, has_secret in _described_clients(cognito, pool_id, refused)
    ]
    try:
        uses = last_uses(aws("cloudwatch"), pool_id, [client.client_id for client in clients], now=now, days=days)
    except _NO_ANSWER as error:
        refused["GetMetricData"] = error
        uses = {}
    unknown = LastUse(known=False, days=days)
    return Reading(
        pool=pool_of(described, web_acl),
        clients=tuple(replace(client, last_use=uses.get(client.client_id, unknown)) for client in clients),
        refused=refused,
    )


def _described_pool(cognito: Any, pool_id: str) -> dict[str, Any]:
    try:
        described: dict[str, Any] = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except cognito.exceptions.ResourceNotFoundException:
        raise PoolNotFound(pool_id) from None
    return described


def _described_clients(
    cognito: Any, pool_id: str, refused: dict[str, Exception]
) -> Iterator[tuple[dict[str, Any], bool]]:
    pages = cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool_id, MaxResults=_PAGE)
    for page in pages:
        for listed in page["UserPoolClients"]:
            try:
                answer = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=listed["ClientId"])
            except cognito.exceptions.ResourceNotFoundException:
                # Deleted since it was listed: gone is closed.
                continue
            described = answer["UserPoolClient"]
            has_secret = bool(described.pop("ClientSecret", "")) or _has_further_secret(cognito, described, refused)
            yield described, has_secret


def _has_further_secret(cognito: Any, described: dict[str, Any], refused: dict[str, Exception]) -> bool:
    """Whether Cognito lists a secret for it.

    Not documented is whether DescribeUserPoolClient goes on to answer with a secret once rotation has replaced the one
    that the app client began with. Better ask than call it open.
    """
    # An operation of January 2026: an older boto3 does not have it.
    ask = getattr(cognito, "list_user_pool_client_secrets", None)
    if ask is None:
        refused[_SECRETS] = LookupError(f"this boto3 is too old to know {_SECRETS}; upgrade it")
        return False
    try:
        listed = ask(UserPoolId=described["UserPoolId"], ClientId=described["ClientId"])
    except _NO_ANSWER as error:
        refused[_SECRETS] = error
        return False
    return bool(listed.get("ClientSecrets"))


def _web_acl(waf: Any, pool_arn: str, refused: dict[str, Exception]) -> WebAcl:
    try:
        answer = waf.get_web_acl_for_resource(ResourceArn=pool_arn)
    except _NO_ANSWER as error:
        refused["GetWebACLForResource"] = error
        return WebAcl(known=False)
    return WebAcl(arn=answer.get("WebACL", {}).get("ARN"))
