"""A distribution's cache behaviours, read from a synthesized template."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from local.simulators.cloudfront.errors import EdgeSimulatorError, NotSimulatedError
from local.simulators.cloudfront.function import EdgeFunction, read_function
from local.simulators.cloudfront.names import ALL_METHODS
from local.simulators.cloudfront.origin import Origin, read_origin
from local.simulators.cloudfront.request_policy import (
    CACHING_DISABLED,
    MANAGED_ORIGIN_REQUEST_POLICIES,
    NO_ORIGIN_REQUEST_POLICY,
    OriginRequestPolicy,
    check_caching_disabled,
    read_origin_request_policy,
)
from local.simulators.cloudfront.resolver import Resolver, resolve
from local.simulators.cloudfront.response_policy import ResponseHeadersPolicy, read_response_headers_policy
from local.simulators.cloudfront.template import (
    Properties,
    one_of,
    referenced,
    required,
    resources_of,
    truth,
    understood,
)

_P = TypeVar("_P")
_DISTRIBUTION_WITHOUT_EFFECT_HERE = (
    "Aliases",
    "Comment",
    "HttpVersion",
    "IPV6Enabled",
    "Logging",
    "PriceClass",
    "ViewerCertificate",
    # Rules of the web ACL are the firewall hook's affair.
    "WebACLId",
)
_BEHAVIOUR = (
    "AllowedMethods",
    "CachePolicyId",
    "CachedMethods",
    "Compress",
    "LambdaFunctionAssociations",
    "OriginRequestPolicyId",
    "ResponseHeadersPolicyId",
    "TargetOriginId",
    "ViewerProtocolPolicy",
)


@dataclass(frozen=True, kw_only=True)
class _PolicyKind(Generic[_P]):
    """One kind of policy that a behaviour may name."""

    member: str
    """Of the behaviour: holds the policy's id."""
    resource_type: str
    read: Callable[..., _P]
    managed: Mapping[str, _P]
    """AWS's own that are simulated, by id."""
    absent: _P
    """What holds without one."""


_ORIGIN_REQUEST_POLICY = _PolicyKind(
    member="OriginRequestPolicyId",
    resource_type="AWS::CloudFront::OriginRequestPolicy",
    read=read_origin_request_policy,
    managed=MANAGED_ORIGIN_REQUEST_POLICIES,
    absent=NO_ORIGIN_REQUEST_POLICY,
)
_RESPONSE_HEADERS_POLICY: _PolicyKind[ResponseHeadersPolicy] = _PolicyKind(
    member="ResponseHeadersPolicyId",
    resource_type="AWS::CloudFront::ResponseHeadersPolicy",
    read=read_response_headers_policy,
    managed={},
    absent=ResponseHeadersPolicy(),
)


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """Everything of a distribution that decides how CloudFront treats a request."""

    distribution_logical_id: str
    allowed_methods: frozenset[str]
    viewer_protocol_policy: str
    """Noted only: on loopback, viewers speak plain HTTP."""
    origin: Origin
    origin_request_policy: OriginRequestPolicy
    response_headers_policy: ResponseHeadersPolicy
    function: EdgeFunction
    """The origin-request function."""
    others: "tuple[tuple[str, Behaviour], ...]" = ()
    """Of the default behaviour: those for paths of their own, by pattern, in order. Default: none."""

    def of(self, path: str) -> "Behaviour":
        """The behaviour for a path: the first whose pattern it matches, else the default one."""
        return next((behaviour for pattern, behaviour in self.others if _matches(pattern, path)), self)


def _matches(pattern: str, path: str) -> bool:
    """`*` stands for any characters, `?` for one; the case counts (distribution-web-values-specify, "Path pattern")."""
    wild = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wild.get(sign) or re.escape(sign) for sign in pattern), path, re.DOTALL) is not None


def read_behaviour(template: Mapping[str, Any], resolver: Resolver) -> Behaviour:
    """The default behaviour of the template's only distribution, with those for paths of their own.

    `template` is the synthesized one, intrinsic functions included; `resolver` gives the values of what it refers to.
    Policies and the function are followed inside the template. Raises EdgeSimulatorError for what CloudFront refuses,
    and NotSimulatedError for everything that this simulator does not understand.
    """
    logical_id, raw = _distribution(template)
    default = _behaviour(template, raw, required(raw, "DefaultCacheBehavior", where=logical_id), resolver, logical_id)
    others = tuple(_other(template, raw, each, resolver, logical_id) for each in raw.get("CacheBehaviors") or ())
    if any(behaviour.function != default.function for _, behaviour in others):
        raise NotSimulatedError(f"{logical_id}: behaviours with different functions are not simulated")
    return replace(default, others=others)


def _other(
    template: Mapping[str, Any], raw: Properties, behaviour: Properties, resolver: Resolver, logical_id: str
) -> tuple[str, Behaviour]:
    pattern = required(behaviour, "PathPattern", where=logical_id)
    rest = {name: value for name, value in behaviour.items() if name != "PathPattern"}
    return "/" + pattern.removeprefix("/"), _behaviour(template, raw, rest, resolver, logical_id)


def _behaviour(
    template: Mapping[str, Any], raw: Properties, behaviour: Properties, resolver: Resolver, logical_id: str
) -> Behaviour:
    understood(behaviour, _BEHAVIOUR, where=f"{logical_id}: cache behaviour")
    _check_cache_policy(template, behaviour, resolver)
    methods = frozenset(resolve(behaviour.get("AllowedMethods", ["GET", "HEAD"]), resolver))
    if not methods <= ALL_METHODS:
        raise EdgeSimulatorError(f"{logical_id}: CloudFront knows no method {', '.join(sorted(methods - ALL_METHODS))}")
    return Behaviour(
        distribution_logical_id=logical_id,
        allowed_methods=methods,
        viewer_protocol_policy=one_of(
            behaviour.get("ViewerProtocolPolicy"),
            ("https-only", "redirect-to-https", "allow-all"),
            where=f"{logical_id}: ViewerProtocolPolicy",
        ),
        origin=_origin(raw, behaviour, resolver, where=logical_id),
        origin_request_policy=_policy(template, behaviour, resolver, _ORIGIN_REQUEST_POLICY),
        response_headers_policy=_policy(template, behaviour, resolver, _RESPONSE_HEADERS_POLICY),
        function=_function(template, behaviour, resolver, where=logical_id),
    )


def _distribution(template: Mapping[str, Any]) -> tuple[str, Properties]:
    distributions = resources_of(template, "AWS::CloudFront::Distribution")
    if len(distributions) != 1:
        raise EdgeSimulatorError(f"the template has {len(distributions)} distributions, exactly one is simulated")
    ((logical_id, resource),) = distributions.items()
    config: Properties = required(resource["Properties"], "DistributionConfig", where=logical_id)
    understood(
        {name: value for name, value in config.items() if value not in ([], {}, "")},
        (*_DISTRIBUTION_WITHOUT_EFFECT_HERE, "CacheBehaviors", "DefaultCacheBehavior", "Enabled", "Origins"),
        where=logical_id,
    )
    if not truth(config.get("Enabled", False)):
        raise EdgeSimulatorError(f"{logical_id}: the distribution is not enabled")
    return logical_id, config


def _origin(config: Properties, behaviour: Properties, resolver: Resolver, *, where: str) -> Origin:
    wanted = resolve(behaviour.get("TargetOriginId"), resolver)
    for raw in config.get("Origins", ()):
        if resolve(raw.get("Id"), resolver) == wanted:
            return read_origin(resolve(raw, resolver))
    raise EdgeSimulatorError(f"{where}: TargetOriginId {wanted!r} is not among its Origins")


def _function(template: Mapping[str, Any], behaviour: Properties, resolver: Resolver, *, where: str) -> EdgeFunction:
    associations = behaviour.get("LambdaFunctionAssociations", [])
    events = [association.get("EventType") for association in associations]
    if events != ["origin-request"]:
        raise NotSimulatedError(
            f"{where}: exactly one origin-request function is simulated, not {', '.join(map(str, events)) or 'none'}"
        )
    understood(associations[0], ("EventType", "IncludeBody", "LambdaFunctionARN"), where=f"{where}: association")
    return read_function(template, associations[0], resolver)


def _check_cache_policy(template: Mapping[str, Any], behaviour: Properties, resolver: Resolver) -> None:
    raw = behaviour.get("CachePolicyId")
    own = _own_policy(template, "AWS::CloudFront::CachePolicy", raw)
    if own is not None:
        check_caching_disabled(resolve(own, resolver), where=f"cache policy {referenced(raw)}")
    elif resolve(raw, resolver) != CACHING_DISABLED:
        raise NotSimulatedError(f"cache policy {raw!r}: caching is not simulated; known: CachingDisabled")


def _policy(template: Mapping[str, Any], behaviour: Properties, resolver: Resolver, kind: _PolicyKind[_P]) -> _P:
    raw = behaviour.get(kind.member)
    if raw is None:
        return kind.absent
    own = _own_policy(template, kind.resource_type, raw)
    if own is not None:
        return kind.read(resolve(own, resolver), where=f"policy {referenced(raw)}")
    policy_id = resolve(raw, resolver)
    if policy_id not in kind.managed:
        raise NotSimulatedError(f"policy {policy_id!r} is not simulated; known: {', '.join(kind.managed) or 'none'}")
    return kind.managed[policy_id]


def _own_policy(template: Mapping[str, Any], kind: str, raw: Any) -> Properties | None:
    resource = resources_of(template, kind).get(referenced(raw) or "")
    return None if resource is None else resource["Properties"]
