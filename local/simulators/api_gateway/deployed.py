"""Reads what a deployed API asks of its callers, from API Gateway's own APIs."""

from collections.abc import Mapping
from typing import Any, TypeVar

from local.simulators.api_gateway.jwt_authorizer import JwtAuthorizer
from local.simulators.api_gateway.pool_keys import PoolKeys
from local.simulators.api_gateway.routes import ANY, DEFAULT, Route
from local.simulators.api_gateway.user_pool_authorizer import UserPoolAuthorizer
from local.simulators.common.errors import SimulatorError

_MOST = 500
"""The largest page of API Gateway's lists."""

_OF_LAMBDA = ("TOKEN", "REQUEST")
"""Types of authorizers that are functions. The emulator asks them itself, as API Gateway does."""

_CUSTOM = "CUSTOM"
"""The authorization of methods and routes with such an authorizer: nothing is decided here."""

_T = TypeVar("_T")


def methods_of(apigateway: Any, api_id: str, keys: PoolKeys) -> tuple[Route, ...]:
    """The methods of a REST API; `apigateway` is a boto3 client. Raises SimulatorError for what is not simulated."""
    authorizers = {
        item["id"]: None if item["type"] in _OF_LAMBDA else UserPoolAuthorizer.read(item, keys)
        for item in apigateway.get_authorizers(restApiId=api_id, limit=_MOST)["items"]
    }
    resources = apigateway.get_resources(restApiId=api_id, limit=_MOST, embed=["methods"])["items"]
    return tuple(
        _rest_method(name, resource["path"], method, authorizers)
        for resource in resources
        for name, method in resource.get("resourceMethods", {}).items()
    )


def routes_of(apigatewayv2: Any, api_id: str, keys: PoolKeys) -> tuple[Route, ...]:
    """The routes of an HTTP API; `apigatewayv2` is a boto3 client. Raises SimulatorError for what is not simulated."""
    authorizers = {
        item["AuthorizerId"]: None if item["AuthorizerType"] in _OF_LAMBDA else JwtAuthorizer.read(item, keys)
        for item in apigatewayv2.get_authorizers(ApiId=api_id, MaxResults=str(_MOST))["Items"]
    }
    items = apigatewayv2.get_routes(ApiId=api_id, MaxResults=str(_MOST))["Items"]
    return tuple(_http_route(item, authorizers) for item in items)


def check_stage(apigatewayv2: Any, api_id: str) -> None:
    """Raises SimulatorError unless the API's one stage is `$default`."""
    stages = [item["StageName"] for item in apigatewayv2.get_stages(ApiId=api_id, MaxResults=str(_MOST))["Items"]]
    if stages != [DEFAULT]:
        raise SimulatorError(
            f"stages {', '.join(stages) or 'none'} of an HTTP API are not simulated: only {DEFAULT} is"
        )


def _rest_method(
    name: str, path: str, method: Mapping[str, Any], authorizers: Mapping[str, UserPoolAuthorizer | None]
) -> Route:
    kind, wanted = method["authorizationType"], method.get("authorizerId")
    if kind not in ("NONE", "COGNITO_USER_POOLS", _CUSTOM):
        raise SimulatorError(f"method {name} {path}: authorization {kind} is not simulated")
    return Route(
        method=name,
        path=path,
        authorizer=None if kind == "NONE" else _found(wanted, authorizers, f"method {name} {path}", kind),
        scopes=tuple(method.get("authorizationScopes") or ()),
    )


def _http_route(route: Mapping[str, Any], authorizers: Mapping[str, JwtAuthorizer | None]) -> Route:
    key, kind = route["RouteKey"], route.get("AuthorizationType", "NONE")
    if kind not in ("NONE", "JWT", _CUSTOM):
        raise SimulatorError(f"route {key}: authorization {kind} is not simulated")
    method, _, path = key.rpartition(" ")
    return Route(
        method=method if key != DEFAULT else ANY,
        path=path,
        authorizer=None if kind == "NONE" else _found(route.get("AuthorizerId"), authorizers, f"route {key}", kind),
        scopes=tuple(route.get("AuthorizationScopes") or ()),
    )


def _found(wanted: str | None, authorizers: Mapping[str, _T | None], where: str, kind: str) -> _T | None:
    """None for one that the emulator asks; it is there all the same."""
    if wanted is None or wanted not in authorizers or (authorizers[wanted] is None) != (kind == _CUSTOM):
        raise SimulatorError(f"{where}: there is no authorizer {wanted}")
    return authorizers[wanted]
