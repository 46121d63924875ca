"""Where a deployed proxy keeps its settings, and the pin beside them: which Region's Cognito is asked first.

A pin is what `proxy.cognito_regions.Pin` in the function reads: `us-west-2`, or `us-west-2+changes`. At the edge it is
an origin custom header of the distribution, in the regional variant a key of the function's settings document.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import CommandError

WITH_CHANGES = "+changes"

SETTINGS_HEADER = "x-proxy-settings"
PIN_HEADER = "x-proxy-cognito-region"
SETTINGS_VARIABLE = "PROXY_SETTINGS"
PIN_KEY = "pin"

_DISTRIBUTION, _FUNCTION, _ALIAS = "AWS::CloudFront::Distribution", "AWS::Lambda::Function", "AWS::Lambda::Alias"

_CHANGED_MEANWHILE = frozenset({"PreconditionFailed", "InvalidIfMatchVersion", "PreconditionFailedException"})


@dataclass(frozen=True, kw_only=True)
class PinState:
    """What is deployed now."""

    regions: tuple[str, ...]
    """Those of the settings, in their order."""
    primary: str
    """The user pool's own Region."""
    pin: str
    """As it stands there; empty: none."""
    settled: bool
    """Whether AWS has brought the last change everywhere."""


class PinnedProxy(Protocol):
    """One deployed proxy."""

    variant: str
    how_long: str
    """What AWS says of how long a change takes."""

    def state(self) -> PinState:
        """Read it."""
        ...

    def pin(self, text: str) -> None:
        """Write the pin; an empty one takes it away.

        Raises:
            CommandError: somebody else changed the same thing meanwhile, or it cannot be pinned.
        """
        ...


def find_proxy(aws: Aws, stack: str) -> PinnedProxy:
    """The proxy of a stack.

    Raises:
        CommandError: the stack has none.
    """
    resources = list(_resources(aws, stack))
    for kind, name in resources:
        if kind == _DISTRIBUTION:
            return EdgePin(aws.client("cloudfront"), name)
    warm = any(kind == _ALIAS for kind, _ in resources)
    functions = aws.client("lambda")
    for kind, name in resources:
        if kind == _FUNCTION:
            found = RegionalPin(functions, name, stack=stack, warm=warm)
            if found.is_proxy():
                return found
    raise CommandError(f"stack {stack}: no proxy in it; name the stack of an EdgeProxy or a RegionalProxy")


def _resources(aws: Aws, stack: str) -> Iterator[tuple[str, str]]:
    try:
        for page in aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack):
            for resource in page["StackResourceSummaries"]:
                yield resource["ResourceType"], resource.get("PhysicalResourceId", "")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        raise CommandError(f"stack {stack}: not in {aws.region or 'the Region'}; give --region") from None


class EdgePin:
    """The distribution's origin."""

    variant = "edge"
    how_long = "CloudFront brings a change to all its edge locations within minutes, and serves on meanwhile"

    def __init__(self, cloudfront: Any, distribution_id: str) -> None:
        """`distribution_id`: the distribution's."""
        self._cloudfront = cloudfront
        self._id = distribution_id

    def state(self) -> PinState:
        """Read the distribution."""
        distribution = self._cloudfront.get_distribution(Id=self._id)["Distribution"]
        headers = _headers(self._origin(distribution["DistributionConfig"]))
        document = json.loads(b64decode(headers[SETTINGS_HEADER]))
        return _state(document, headers.get(PIN_HEADER, ""), settled=distribution["Status"] == "Deployed")

    def pin(self, text: str) -> None:
        """Write the header with UpdateDistribution, unless the distribution has changed since it was read.

        https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
        """
        got = self._cloudfront.get_distribution_config(Id=self._id)
        config = got["DistributionConfig"]
        origin = self._origin(config)
        items = [item for item in origin["CustomHeaders"]["Items"] if item["HeaderName"].lower() != PIN_HEADER]
        if text:
            items.append({"HeaderName": PIN_HEADER, "HeaderValue": text})
        origin["CustomHeaders"] = {"Quantity": len(items), "Items": items}
        with_tag = {"Id": self._id, "IfMatch": got["ETag"], "DistributionConfig": config}
        _unless_changed(self._cloudfront.update_distribution, with_tag, f"distribution {self._id}")

    def _origin(self, config: Mapping[str, Any]) -> dict[str, Any]:
        for origin in config["Origins"]["Items"]:
            if SETTINGS_HEADER in _headers(origin):
                found: dict[str, Any] = origin
                return found
        raise CommandError(f"distribution {self._id}: none of its origins has the proxy's settings")


class RegionalPin:
    """The function's environment."""

    variant = "regional"
    how_long = "Lambda takes a change within seconds"

    def __init__(self, functions: Any, name: str, *, stack: str, warm: bool) -> None:
        """`functions` is a client of Lambda. `warm`: the API calls a published version, which nobody can change."""
        self._lambda = functions
        self._name = name
        self._stack = stack
        self._warm = warm

    def is_proxy(self) -> bool:
        """Whether it has the proxy's settings."""
        return SETTINGS_VARIABLE in self._variables(self._read())

    def state(self) -> PinState:
        """Read the function."""
        function = self._read()
        document = json.loads(self._variables(function)[SETTINGS_VARIABLE])
        settled = function.get("LastUpdateStatus", "Successful") == "Successful"
        return _state(document, document.get(PIN_KEY, ""), settled=settled)

    def pin(self, text: str) -> None:
        """Write the key with UpdateFunctionConfiguration, unless the function has changed since it was read.

        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
        """
        if self._warm:
            raise CommandError(
                f"stack {self._stack}: its API calls a published version of the function (provisioned concurrency), "
                "which cannot be changed; Route 53 can take the whole Region away instead"
            )
        function = self._read()
        variables = dict(self._variables(function))
        document = json.loads(variables[SETTINGS_VARIABLE])
        document.pop(PIN_KEY, None)
        if text:
            document[PIN_KEY] = text
        variables[SETTINGS_VARIABLE] = json.dumps(document, separators=(",", ":"))
        request = {"FunctionName": self._name, "Environment": {"Variables": variables}}
        if "RevisionId" in function:
            request["RevisionId"] = function["RevisionId"]
        _unless_changed(self._lambda.update_function_configuration, request, f"function {self._name}")

    def _read(self) -> dict[str, Any]:
        function: dict[str, Any] = self._lambda.get_function_configuration(FunctionName=self._name)
        return function

    def _variables(self, function: Mapping[str, Any]) -> dict[str, str]:
        environment = function.get("Environment", {})
        if "Error" in environment:
            raise CommandError(
                f"function {self._name}: its environment cannot be read ({environment['Error'].get('ErrorCode')}); "
                "you need kms:Decrypt on the function's key"
            )
        variables: dict[str, str] = environment.get("Variables", {})
        return variables


def _headers(origin: Mapping[str, Any]) -> dict[str, str]:
    items = origin.get("CustomHeaders", {}).get("Items", ())
    return {item["HeaderName"].lower(): item["HeaderValue"] for item in items}


def _state(document: Mapping[str, Any], pin: str, *, settled: bool) -> PinState:
    return PinState(
        regions=(document["region"], *document.get("failover_regions", ())),
        primary=document["user_pool_id"].rpartition("_")[0],
        pin=pin,
        settled=settled,
    )


def _unless_changed(update: Any, request: Mapping[str, Any], what: str) -> None:
    try:
        update(**request)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _CHANGED_MEANWHILE:
            raise
        raise CommandError(f"{what}: somebody else has just changed it; nothing was changed, run it again") from None
