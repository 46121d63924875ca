"""The sample APIs of a deployment, each behind what API Gateway asks of its callers."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.ports import LOOPBACK, listen, port_of
from local.simulators.api_gateway.cors import Cors
from local.simulators.api_gateway.deployed import check_stage, methods_of, routes_of
from local.simulators.api_gateway.gateway import Gateway
from local.simulators.api_gateway.gateway_responses import GatewayResponses
from local.simulators.api_gateway.http_api import HttpApi
from local.simulators.api_gateway.pool_keys import PoolKeys
from local.simulators.common.journal import Journal
from local.simulators.common.serving import ServerThread

REST_OUTPUT, HTTP_OUTPUT = "RestApiUrl", "HttpApiUrl"
"""Outputs by which a stack says that it has such an API, and under which its address stands in `outputs.json`."""

SIGN_IN_OUTPUT = "SignInUrl"
"""The output of a user pool's domain."""

_REST_API, _HTTP_API = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"


@dataclass(frozen=True, kw_only=True)
class SampleApi:
    """An API that is served."""

    url: str
    """With a slash at its end."""
    journal: Journal
    """What clients sent to it."""


def serve_sample_apis(
    servers: ServerThread, ends: ExitStack, *, emulator: Emulator, stacks: Iterable[DeployedStack]
) -> Mapping[str, SampleApi]:
    """Serve each on a free port, by the thread that serves the proxy, until `servers` stop.

    Gives them by the name of their output; empty when there is none. Raises SimulatorError for what API Gateway's
    simulator does not know, and LocalRunError when a stack has the output but not one API.
    """
    # The keys come from the pool itself: from the emulator, past what stands in front of it.
    keys = PoolKeys(emulator.endpoint)
    served: dict[str, SampleApi] = {}
    for stack in stacks:
        for output, front_of in _FRONTS.items():
            if output in stack.outputs:
                front = front_of(emulator, stack, keys)
                listener = ends.enter_context(listen())
                servers.serve(front.web_application(), listener)
                url = f"http://{LOOPBACK}:{port_of(listener)}{front.path}"
                served[output] = SampleApi(url=url, journal=front.journal)
    return served


def sample_urls(
    served: Mapping[str, SampleApi], *, emulator: Emulator, stacks: Iterable[DeployedStack]
) -> dict[str, str]:
    """Where the samples are on this machine, by the names of their outputs.

    The emulator serves every pool's domain at its own address: `/oauth2/authorize`, `/oauth2/token`, `/login`.
    """
    urls = {output: api.url for output, api in served.items()}
    if any(SIGN_IN_OUTPUT in stack.outputs for stack in stacks):
        urls[SIGN_IN_OUTPUT] = emulator.endpoint
    return urls


def _rest(emulator: Emulator, stack: DeployedStack, keys: PoolKeys) -> Gateway:
    apigateway, api_id = emulator.client("apigateway", region=stack.region), stack.only(_REST_API)
    return Gateway(
        emulator_url=emulator.endpoint,
        api_id=api_id,
        stage=stack.only("AWS::ApiGateway::Stage"),
        journal=Journal(),
        methods=methods_of(apigateway, api_id, keys),
        responses=GatewayResponses.of_api(apigateway, api_id),
    )


def _http(emulator: Emulator, stack: DeployedStack, keys: PoolKeys) -> HttpApi:
    apigatewayv2, api_id = emulator.client("apigatewayv2", region=stack.region), stack.only(_HTTP_API)
    check_stage(apigatewayv2, api_id)
    return HttpApi(
        emulator_url=emulator.endpoint,
        api_id=api_id,
        routes=routes_of(apigatewayv2, api_id, keys),
        journal=Journal(),
        cors=_cors(stack),
    )


def _cors(stack: DeployedStack) -> Cors | None:
    """From the template: of a CORS configuration that CloudFormation sets, the emulator loses what is in it."""
    (api,) = (each for each in stack.template["Resources"].values() if each["Type"] == _HTTP_API)
    properties = api["Properties"].get("CorsConfiguration")
    return Cors.read(properties) if properties else None


_FRONTS: Mapping[str, Callable[[Emulator, DeployedStack, PoolKeys], Gateway | HttpApi]] = {
    REST_OUTPUT: _rest,
    HTTP_OUTPUT: _http,
}
