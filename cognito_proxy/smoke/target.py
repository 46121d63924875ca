"""What is checked: a stack, a bare endpoint, or the run of `make local`."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cognito_proxy.smoke.stack import Clients, DeployedStack, Values, read_stack, stacks_behind

REGIONAL = "regional"
EDGE = "edge"
ANY_ORIGIN = "*"
_ALL_CALLS = "requests"

_DISTRIBUTION = "AWS::CloudFront::Distribution"
_REST_API = "AWS::ApiGateway::RestApi"
_FUNCTION = "AWS::Lambda::Function"
_SETTINGS = "PROXY_SETTINGS"
_SETTINGS_HEADER = "x-proxy-settings"
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".cloudfront.net")


class NotAProxy(Exception):
    """The stack is not that of a proxy; the message says what is missing."""


@dataclass(frozen=True, kw_only=True)
class AppClient:
    """An app client that the proxy serves."""

    client_id: str
    secret_arn: str | None = None
    """None: only the endpoint is known."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One proxy, as it was promised: what the template and the outputs say, not what is found."""

    endpoint: str
    """URL that apps call, with the slash at its end."""
    region: str
    """Of the user pool."""
    upstream: str
    """Cognito's own endpoint there."""
    app_clients: tuple[AppClient, ...]
    user_pool_id: str | None = None
    variant: str | None = None
    """`regional` or `edge`; None: only the endpoint is known."""
    allowed_origins: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings document of the template."""
    stack: DeployedStack | None = None
    """The proxy's; None: only the endpoint is known."""
    others: Mapping[str, DeployedStack] = field(default_factory=dict)
    """The stacks that it reads outputs of, by name."""
    is_local: bool = False
    """A run of `make local`: an emulator stands for AWS."""

    @property
    def host(self) -> str:
        """Host name in the endpoint."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        """Port in the endpoint."""
        return urlsplit(self.endpoint).port or (443 if self.is_https else 80)

    @property
    def is_https(self) -> bool:
        """Whether there is TLS to look at; a local run has none."""
        return urlsplit(self.endpoint).scheme == "https"

    @property
    def has_host_name(self) -> bool:
        """Whether the host is a name in DNS."""
        try:
            ip_address(self.host)
        except ValueError:
            return self.host != "localhost"
        return False

    @property
    def has_own_domain(self) -> bool:
        """Whether the host name is not one of AWS's."""
        return self.has_host_name and not self.host.endswith(_AWS_DOMAINS)

    @property
    def tells_addresses(self) -> bool:
        """Whether Cognito is told the client's address."""
        return bool(self.settings.get("threat_protection") or self.settings.get("propagate_client_ip"))

    @property
    def log_level(self) -> str:
        """Which calls have a line in the function's log: `requests`, `problems` or `none`."""
        return str(self.settings.get("log") or _ALL_CALLS)

    @property
    def logs_requests(self) -> bool:
        """Whether each call has one."""
        return self.log_level == _ALL_CALLS

    @property
    def page_origin(self) -> str | None:
        """An allowed origin to ask from."""
        if ANY_ORIGIN in self.allowed_origins:
            return "https://app.example.com"
        return self.allowed_origins[0] if self.allowed_origins else None

    @property
    def stacks(self) -> tuple[DeployedStack, ...]:
        """The proxy's stack and those that it reads outputs of."""
        return (() if self.stack is None else (self.stack,)) + tuple(self.others.values())

    def values(self, stack: DeployedStack) -> Values:
        """What the values of a stack's template became."""
        return Values(stack, self.others)


def endpoint_target(*, endpoint: str, client_id: str, region: str, origins: Sequence[str]) -> Target:
    """A bare endpoint: what any app knows."""
    return Target(
        endpoint=endpoint if endpoint.endswith("/") else f"{endpoint}/",
        region=region,
        upstream=cognito_endpoint(region),
        app_clients=(AppClient(client_id=client_id),),
        allowed_origins=tuple(origins),
    )


def stack_target(clients: Clients, name: str, *, region: str) -> Target:
    """A stack in AWS.

    Raises:
        NoSuchStack: it is not there.
        NotAProxy: it has no proxy's outputs.
        ClientError: AWS refused.
    """
    return _target(read_stack(clients, name, region=region), clients)


def local_target(clients: Clients, outputs_file: Path) -> Target:
    """The run of `make local`: its own endpoint, and the templates as they were synthesized.

    Raises:
        NoSuchStack: the run has ended.
        NotAProxy: its stack has no proxy's outputs.
    """
    run = json.loads(outputs_file.read_text(encoding="utf-8"))
    template = Path(run["template"])
    stack = read_stack(clients, run["stack"], region=run["stack_region"], template_file=template)
    return _target(stack, clients, local=run, folder=template.parent)


def cognito_endpoint(region: str) -> str:
    """Cognito's own endpoint, in whichever partition the Region is; or the one that AWS's usual variable names."""
    named = os.environ.get(_ENDPOINT_VARIABLE)
    if named:
        return named if named.endswith("/") else f"{named}/"
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://cognito-idp.{region}.{suffix}/"


def _target(
    stack: DeployedStack, clients: Clients, *, local: Mapping[str, str] | None = None, folder: Path | None = None
) -> Target:
    missing = [name for name in ("ProxyEndpoint", "AppClientId", "UserPoolId", "Region") if name not in stack.outputs]
    if missing:
        raise NotAProxy(f"stack {stack.name}: no output {', '.join(missing)}; name the proxy's stack")
    others = {
        name: read_stack(
            clients, name, region=region, template_file=None if folder is None else folder / f"{name}.template.json"
        )
        for name, region in sorted(stacks_behind(stack))
    }
    outputs, region = stack.outputs, stack.outputs["Region"]
    settings = _settings(stack, Values(stack, others))
    return Target(
        endpoint=outputs["ProxyEndpoint"] if local is None else local["endpoint"],
        region=region,
        upstream=cognito_endpoint(region) if local is None else f"{local['upstream']}/",
        app_clients=tuple(_app_clients(outputs)),
        user_pool_id=outputs["UserPoolId"],
        variant=EDGE if any(stack.resources(_DISTRIBUTION)) else REGIONAL if any(stack.resources(_REST_API)) else None,
        allowed_origins=tuple(settings.get("allowed_origins", ())),
        settings=settings,
        stack=stack,
        others=others,
        is_local=local is not None,
    )


def _app_clients(outputs: Mapping[str, str]) -> list[AppClient]:
    """In the outputs' names an app client's id and secret end alike: `AppClientIdIos`, `SecretArnIos`."""
    prefix = "AppClientId"
    endings = sorted(name.removeprefix(prefix) for name in outputs if name.startswith(prefix))
    return [
        AppClient(client_id=outputs[prefix + ending], secret_arn=outputs.get(f"SecretArn{ending}"))
        for ending in endings
    ]


def _settings(stack: DeployedStack, values: Values) -> dict[str, Any]:
    """The settings document as it was synthesized: of several, the first, which has all but further app clients."""
    for _, properties in stack.resources(_FUNCTION):
        text = properties.get("Environment", {}).get("Variables", {}).get(_SETTINGS)
        if text is not None:
            return _parsed(values.text(text))
    for _, properties in stack.resources(_DISTRIBUTION):
        for origin in properties["DistributionConfig"].get("Origins", ()):
            for header in origin.get("OriginCustomHeaders", ()):
                if header["HeaderName"] == _SETTINGS_HEADER:
                    return _parsed(values.text(header["HeaderValue"]))
    raise NotAProxy(f"stack {stack.name}: its template has no settings of a proxy")


def _parsed(text: str) -> dict[str, Any]:
    document = json.loads(text)
    return document if isinstance(document, dict) else {}
