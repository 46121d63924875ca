"""Origin request policies and cache policies: what of a viewer's request goes on to the origin."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.simulators.cloudfront.errors import NotSimulatedError
from local.simulators.cloudfront.template import Properties, one_of, required, truth, understood


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which names pass: `none`, `all`, `whitelist` (only `names`) or `allExcept` (all but `names`)."""

    behavior: str
    names: frozenset[str] = frozenset()
    """In lower case."""

    def passes(self, name: str) -> bool:
        """Whether a header, cookie or query string parameter of this name goes on."""
        if self.behavior in {"none", "all"}:
            return self.behavior == "all"
        return (name.lower() in self.names) == (self.behavior == "whitelist")


@dataclass(frozen=True, kw_only=True)
class OriginRequestPolicy:
    """What goes on to the origin besides what CloudFront always sends."""

    headers: Selection
    cookies: Selection
    query_strings: Selection


_NONE = Selection(behavior="none")
_ALL = Selection(behavior="all")

NO_ORIGIN_REQUEST_POLICY = OriginRequestPolicy(headers=_NONE, cookies=_NONE, query_strings=_NONE)
"""Without a policy, and with caching disabled, nothing of the viewer's request passes."""

MANAGED_ORIGIN_REQUEST_POLICIES: Mapping[str, OriginRequestPolicy] = {
    # AllViewerExceptHostHeader
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": OriginRequestPolicy(
        headers=Selection(behavior="allExcept", names=frozenset({"host"})), cookies=_ALL, query_strings=_ALL
    ),
    # AllViewer
    "216adef6-5c7f-47e4-b989-5492eafa07d3": OriginRequestPolicy(headers=_ALL, cookies=_ALL, query_strings=_ALL),
}
"""By id (using-managed-origin-request-policies)."""

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""Id of the managed cache policy CachingDisabled (using-managed-cache-policies)."""


def read_origin_request_policy(properties: Properties, *, where: str) -> OriginRequestPolicy:
    """A policy of the template's own, from resolved properties."""
    config = required(properties, "OriginRequestPolicyConfig", where=where)
    understood(config, ("Comment", "Name", "HeadersConfig", "CookiesConfig", "QueryStringsConfig"), where=where)
    return OriginRequestPolicy(
        headers=_selection(config, "Header", "Headers", where=where),
        cookies=_selection(config, "Cookie", "Cookies", where=where),
        query_strings=_selection(config, "QueryString", "QueryStrings", where=where),
    )


def check_caching_disabled(properties: Properties, *, where: str) -> None:
    """Raises NotSimulatedError unless a cache policy of the template's own never caches anything."""
    config = required(properties, "CachePolicyConfig", where=where)
    understood(
        config,
        ("Comment", "DefaultTTL", "MaxTTL", "MinTTL", "Name", "ParametersInCacheKeyAndForwardedToOrigin"),
        where=where,
    )
    ttls = [int(config.get(name, 1)) for name in ("MinTTL", "DefaultTTL", "MaxTTL")]
    parameters = config.get("ParametersInCacheKeyAndForwardedToOrigin", {})
    selections = [
        parameters.get(f"{kind}sConfig", {}).get(f"{kind}Behavior", "none")
        for kind in ("Header", "Cookie", "QueryString")
    ]
    compressing = truth(parameters.get("EnableAcceptEncodingGzip")) or truth(
        parameters.get("EnableAcceptEncodingBrotli")
    )
    if any(ttls) or set(selections) != {"none"} or compressing:
        raise NotSimulatedError(f"{where}: caching is not simulated; use the managed policy CachingDisabled")


def _selection(config: Properties, kind: str, names: str, *, where: str) -> Selection:
    part = config.get(f"{kind}sConfig", {})
    understood(part, (f"{kind}Behavior", names), where=f"{where}: {kind}sConfig")
    written = part.get(f"{kind}Behavior", "none")
    one_of(written, ("none", "all", "allViewer", "whitelist", "allExcept"), where=f"{where}: {kind}Behavior")
    behavior = "all" if written == "allViewer" else written
    return Selection(behavior=behavior, names=frozenset(str(name).lower() for name in part.get(names, ())))
