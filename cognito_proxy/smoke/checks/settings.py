"""What the function is told, and whether what calls it may."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.target import EDGE
from cognito_proxy.smoke.verdicts import Failed, Need
from cognito_proxy.smoke.world import World

_HEADER = "x-proxy-settings"
_VARIABLE = "PROXY_SETTINGS"
_NOT_FOUND = "ResourceNotFoundException"


def proxy_function(world: World) -> str:
    """Physical name of the function that is the proxy."""
    for name, properties in world.stack.resources("AWS::Lambda::Function"):
        if str(properties.get("Handler")) in ("proxy.regional.handler", "proxy.edge.handler"):
            return world.stack.physical_ids[name]
    raise Failed(f"stack {world.stack.name} has no function of the proxy")


def distribution_config(world: World) -> dict[str, Any]:
    """The edge's distribution as CloudFront has it."""

    def fetch() -> dict[str, Any]:
        (name, _), *_ = world.stack.resources("AWS::CloudFront::Distribution")
        config: dict[str, Any] = world.aws("cloudfront").get_distribution_config(Id=world.stack.physical_ids[name])
        return dict(config["DistributionConfig"])

    return world.once("distribution", fetch)


def _settings(world: World) -> str:
    documents = list(_documents(world))
    if not documents:
        where = f"origin header {_HEADER}" if world.target.variant == EDGE else f"variable {_VARIABLE}"
        raise Failed(f"the {where} is not there")
    pools = {str(document.get("user_pool_id")) for document in documents}
    if pools != {world.user_pool_id}:
        raise Failed(f"of another user pool: {', '.join(sorted(pools))}")
    served = {name: client for document in documents for name, client in document.get("clients", {}).items()}
    promised = {client.client_id: client.secret_arn for client in world.target.app_clients}
    if missing := sorted(promised.keys() - served):
        raise Failed(f"app clients of the outputs are missing: {', '.join(missing)}")
    if more := sorted(served.keys() - promised):
        raise Failed(f"app clients that no output names: {', '.join(more)}")
    for name, arn in promised.items():
        if arn is not None and served[name].get("secret_arn") != arn:
            raise Failed(f"{name}: another secret than the output's")
    return f"{len(served)} app client(s) of {world.user_pool_id}"


def _documents(world: World) -> Iterator[Mapping[str, Any]]:
    """The settings as the function gets them."""
    if world.target.variant == EDGE:
        for origin in distribution_config(world)["Origins"]["Items"]:
            for header in origin.get("CustomHeaders", {}).get("Items", ()):
                if str(header["HeaderName"]).lower().startswith(_HEADER):
                    yield _parsed(_decoded(str(header["HeaderValue"])))
        return
    function = world.aws("lambda").get_function_configuration(FunctionName=proxy_function(world))
    text = function.get("Environment", {}).get("Variables", {}).get(_VARIABLE)
    if text:
        yield _parsed(text)


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise Failed(f"the origin header {_HEADER} is not base64") from None


def _parsed(text: str | bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Failed("the settings are no JSON object")
    return document


def _may_invoke(world: World) -> str:
    name = proxy_function(world)
    try:
        policy = json.loads(world.aws("lambda").get_policy(FunctionName=name)["Policy"])
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != _NOT_FOUND:
            raise
        raise Failed("nobody may invoke the function") from None
    sources = [
        source
        for statement in policy.get("Statement", ())
        if statement.get("Effect") == "Allow" and "apigateway.amazonaws.com" in str(statement.get("Principal"))
        for source in _sources(statement)
    ]
    (api, _), *_ = world.stack.resources("AWS::ApiGateway::RestApi")
    own = [source for source in sources if world.stack.physical_ids[api] in source]
    missing = [method for method in ("POST", "OPTIONS") if not any(f"/{method}/" in source for source in own)]
    if missing:
        raise Failed(f"API Gateway may not invoke the function for {' and '.join(missing)}")
    return "API Gateway may, for POST and OPTIONS"


def _sources(statement: Mapping[str, Any]) -> Iterator[str]:
    for operator in statement.get("Condition", {}).values():
        for name, value in operator.items():
            if name.lower() == "aws:sourcearn":
                yield from [value] if isinstance(value, str) else value


def _version(world: World) -> str:
    promised = {world.stack.physical_ids[name] for name, _ in world.stack.resources("AWS::Lambda::Version")}
    behaviour = distribution_config(world)["DefaultCacheBehavior"]
    runs = [
        association
        for association in behaviour.get("LambdaFunctionAssociations", {}).get("Items", ())
        if association["EventType"] == "origin-request"
    ]
    if not runs:
        raise Failed("the distribution runs no function")
    arn = str(runs[0]["LambdaFunctionARN"])
    if arn not in promised:
        raise Failed(f"the distribution runs {arn.rpartition(':function:')[2]}, which is not the stack's version")
    if not runs[0].get("IncludeBody"):
        raise Failed("the function does not get the body")
    return arn.rpartition(":function:")[2]


def _policy(world: World) -> str:
    (name, _), *_ = world.stack.resources("AWS::CloudFront::ResponseHeadersPolicy")
    found = distribution_config(world)["DefaultCacheBehavior"].get("ResponseHeadersPolicyId")
    if found != world.stack.physical_ids[name]:
        raise Failed(f"the distribution has {f'another one, {found}' if found else 'none'}")
    return f"the distribution has the stack's ({found})"


CHECKS = (
    Check(
        name="settings",
        promise="The function is told the pool and every app client of the outputs, each with its own secret.",
        run=_settings,
        needs=frozenset({Need.AWS}),
        advice="Deploy again; nobody may edit the function's environment, or the origin's headers, by hand.",
        proves=("secret-for-each-app",),
    ),
    Check(
        name="may-invoke-function",
        promise="API Gateway may invoke the function.",
        run=_may_invoke,
        needs=frozenset({Need.AWS, Need.REGIONAL}),
        advice="Deploy again with a changed description, or restore the AWS::Lambda::Permission with its stack.",
    ),
    Check(
        name="function-version",
        promise="The distribution runs the version of the function that its stack made, and gives it the body.",
        run=_version,
        needs=frozenset({Need.AWS, Need.EDGE}),
        advice="Deploy again: the distribution is part of the stack.",
    ),
    Check(
        name="response-headers-policy",
        promise="The distribution puts the stack's CORS and security headers onto every answer.",
        run=_policy,
        needs=frozenset({Need.AWS, Need.EDGE}),
        advice="Deploy again: the distribution is part of the stack.",
    ),
)
