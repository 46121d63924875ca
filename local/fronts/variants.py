"""What stands in front of the emulator, by variant. A further variant is one further entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.errors import LocalRunError
from local.fronts.edge_front import EdgeFront
from local.fronts.user_pool_domain import DOMAIN_VARIABLE
from local.simulators.api_gateway.gateway import Gateway
from local.simulators.api_gateway.gateway_responses import GatewayResponses
from local.simulators.common.http import Firewall
from local.simulators.common.journal import Journal


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What a front can build upon."""

    emulator: Emulator
    assembly: Assembly
    stacks: Mapping[str, DeployedStack]
    """By name, in the order in which they were deployed."""
    upstream: str
    """URL of the strict Cognito."""
    work_dir: Path
    journal: Journal
    """Where the front notes what clients send."""
    firewall: Firewall | None
    variables: Mapping[str, str]
    """What functions find in their environment besides AWS's endpoints, on this machine only."""
    user_pool_domain: str | None = None
    """Host name of the user pool's domain, which `variables` say the place of. Default: - none is served."""

    def output(self, name: str) -> str:
        """An output of any of the stacks. Raises LocalRunError when none has it."""
        for stack in self.stacks.values():
            if name in stack.outputs:
                return stack.outputs[name]
        raise LocalRunError(f"none of the stacks {', '.join(self.stacks)} has the output {name}")


class Front(Protocol):
    """A server that clients of the proxy connect to."""

    path: str
    """Path of the endpoint, from its first slash to its last."""
    log_files: tuple[Path, ...]
    """Where it writes what functions that it runs itself log."""

    def web_application(self) -> web.Application:
        """The application to serve; what it opened it closes on cleanup."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to deploy the proxy, and what stands for AWS's edge before it."""

    name: str
    build_front: Callable[[Deployment], Front]


def _regional(deployment: Deployment) -> Front:
    stack = next(
        (stack for stack in deployment.stacks.values() if stack.has("AWS::ApiGateway::RestApi")),
        next(iter(deployment.stacks.values())),
    )
    api_id = stack.only("AWS::ApiGateway::RestApi")
    apigateway = deployment.emulator.client("apigateway", region=stack.region)
    # From the template: the emulator's CloudFormation does not hand it on to its API Gateway.
    disabled = any(
        resource["Properties"].get("DisableExecuteApiEndpoint", False)
        for resource in stack.template["Resources"].values()
        if resource["Type"] == "AWS::ApiGateway::RestApi"
    )
    return Gateway(
        emulator_url=deployment.emulator.endpoint,
        api_id=api_id,
        stage=stack.only("AWS::ApiGateway::Stage"),
        journal=deployment.journal,
        responses=GatewayResponses.of_api(apigateway, api_id),
        firewall=deployment.firewall,
        switched_off=f"{api_id}.execute-api.{stack.region}.amazonaws.com" if disabled else None,
    )


def _edge(deployment: Deployment) -> Front:
    stack = next(
        (stack for stack in deployment.stacks.values() if stack.has("AWS::CloudFront::Distribution")),
        list(deployment.stacks.values())[-1],
    )
    return EdgeFront(
        emulator=deployment.emulator,
        assembly=deployment.assembly,
        stack=stack,
        upstream=deployment.upstream,
        journal=deployment.journal,
        log_file=deployment.work_dir / "edge-function.log",
        firewall=deployment.firewall,
        variables=deployment.variables,
        further_origins={}
        if deployment.user_pool_domain is None
        else {deployment.user_pool_domain: deployment.variables[DOMAIN_VARIABLE]},
    )


VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (Variant(name="regional", build_front=_regional), Variant(name="edge", build_front=_edge))
}
"""Every variant that runs on one machine, by name."""


def variant_named(name: str) -> Variant:
    """The variant. Raises LocalRunError naming those that there are."""
    if name not in VARIANTS:
        raise LocalRunError(f"variant {name!r} is not one of: {', '.join(VARIANTS)}")
    return VARIANTS[name]
