"""Plans made by hand."""

from __future__ import annotations

from typing import Any

from local.rehearsal.plan import Plan, PlannedStack, Resource

SETTINGS = '{"threat_protection":%s,"edge_admin_calls":"%s"}'


def resource(kind: str, *, kept: bool = False, **properties: Any) -> Resource:
    """One resource."""
    return Resource(kind=f"AWS::{kind}", properties=properties, kept=kept)


def plan(*resources: Resource, warnings: tuple[str, ...] = (), name: str = "Stack", region: str | None = None) -> Plan:
    """One stack with a regional proxy's function and these."""
    return _plan("proxy.regional.handler", *resources, warnings=warnings, name=name, region=region)


def edge_plan(*resources: Resource) -> Plan:
    """The same at the edge."""
    return _plan("proxy.edge.handler", *resources)


def distribution(*, signed: bool, admin_calls: str) -> Resource:
    """With the settings in the origin's header, as the construct writes them."""
    settings = {"Fn::Base64": {"Fn::Join": ["", [SETTINGS % (str(signed).lower(), admin_calls)]]}}
    header = {"HeaderName": "x-proxy-settings", "HeaderValue": settings}
    return resource("CloudFront::Distribution", DistributionConfig={"Origins": [{"OriginCustomHeaders": [header]}]})


def _plan(
    handler: str, *resources: Resource, warnings: tuple[str, ...] = (), name: str = "Stack", region: str | None = None
) -> Plan:
    function = resource("Lambda::Function", Handler=handler, MemorySize=512)
    stack = PlannedStack(name=name, region=region, resources=(function, *resources))
    return Plan(stacks=(stack,), warnings=warnings)
