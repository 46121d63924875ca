"""A deployment on this machine, staged as one in AWS: all checks run on it, and all of them pass.

What answers is the local run: its function, its pool, its secrets, its lists. Over it lie layers, which tell what an
emulator cannot: a host name with TLS, ids of requests in the log, what is attached to what. A test breaks one thing,
in the run or by a layer more, and mends it again.
"""

from __future__ import annotations

import copy
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.local_run import find_local_run
from cognito_proxy.cli.smoke import _lists
from cognito_proxy.smoke.check import Check, Result
from cognito_proxy.smoke.http import Answer, Http
from cognito_proxy.smoke.leftovers import Leftovers
from cognito_proxy.smoke.lists import Lists
from cognito_proxy.smoke.registry import CHECKS
from cognito_proxy.smoke.removers import removers
from cognito_proxy.smoke.run import perform, plan
from cognito_proxy.smoke.stack import ALARM, DASHBOARD, SUBSCRIPTION, DeployedStack
from cognito_proxy.smoke.target import Target, local_target
from cognito_proxy.smoke.verdicts import Verdict
from cognito_proxy.smoke.world import Options, World
from local import LocalRun
from tests.smoke.tls_servers import TlsServers

HOST = "auth.example.com"
ENDPOINT = f"https://{HOST}/"
SHIELD = "PoolShield"
LOG_REGION = "eu-west-1"
ADDRESS = "127.0.0.1"
"""Ours, as the local run sees it."""

USED = {
    "Namespace": "AWS/Usage",
    "MetricName": "CallCount",
    "Dimensions": [
        {"Name": "Service", "Value": "Cognito user pool"},
        {"Name": "Type", "Value": "API"},
        {"Name": "Resource", "Value": "UserCreation"},
        {"Name": "Class", "Value": "None"},
    ],
}
"""A metric of a quota, as ListMetrics tells it."""

LOOK = Options(address=ADDRESS)
USER = Options(address=ADDRESS, user=True)
DENY_ME = Options(address=ADDRESS, deny_me=True)
ALL_OF_IT = Options(address=ADDRESS, user=True, deny_me=True)

Ask = Callable[[], Any]
AwsLayer = Callable[[Mapping[str, Any], Ask], Any]
"""Gets the call's parameters, and what asks the layer below."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, as a check sends it."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """Cognito's; empty if it names none."""
        return self.headers.get("X-Amz-Target", "").rpartition(".")[2]

    @property
    def origin(self) -> str | None:
        """The page's."""
        return self.headers.get("Origin", self.headers.get("origin"))

    @property
    def is_proxied(self) -> bool:
        """Whether it goes to the proxy, and not past it."""
        return self.url.startswith(ENDPOINT)


HttpLayer = Callable[[Asked, Callable[..., Answer]], Answer]
"""Gets the request, and what asks the layer below, with another `url` if need be."""


class _StagedHttp(Http):
    def __init__(self, stage: Stage) -> None:
        super().__init__(user_agent="cognito-proxy-smoke/test", through_proxies=False)
        self._stage = stage

    def send(
        self, url: str, *, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        asked = Asked(url=url, method=method, headers=dict(headers or {}), body=body)
        return self._ask(asked, len(self._stage.http_layers))

    def _ask(self, asked: Asked, depth: int) -> Answer:
        if depth == 0:
            url = asked.url.replace(ENDPOINT, self._stage.run.endpoint)
            return super().send(url, method=asked.method, headers=asked.headers, body=asked.body)

        def below(*, url: str = asked.url) -> Answer:
            return self._ask(replace(asked, url=url), depth - 1)

        return self._stage.http_layers[depth - 1](asked, below)


class _Client:
    """A client of boto3, with layers over its answers."""

    def __init__(self, client: Any, layers: Mapping[str, list[AwsLayer]]) -> None:
        self._client = client
        self._layers = layers

    def __getattr__(self, name: str) -> Any:
        if not self._layers.get(name):
            return getattr(self._client, name)
        return lambda **parameters: self._ask(name, parameters, len(self._layers[name]))

    def _ask(self, name: str, parameters: dict[str, Any], depth: int) -> Any:
        if depth == 0:
            return getattr(self._client, name)(**parameters)
        return self._layers[name][depth - 1](parameters, lambda: self._ask(name, parameters, depth - 1))

    def get_paginator(self, name: str) -> Any:
        if not self._layers.get(name):
            return self._client.get_paginator(name)
        return mock.Mock(paginate=lambda **parameters: [getattr(self, name)(**parameters)])


@dataclass(kw_only=True)
class Stage:
    """One variant, up. What a test does to it, it undoes through `ends`."""

    run: LocalRun
    folder: Path
    servers: TlsServers
    ends: ExitStack = field(default_factory=ExitStack)
    http_layers: list[HttpLayer] = field(default_factory=list)
    aws_layers: dict[str, list[AwsLayer]] = field(default_factory=dict)
    addresses: dict[socket.AddressFamily, list[str]] = field(
        default_factory=lambda: {socket.AF_INET: ["192.0.2.1"], socket.AF_INET6: []}
    )
    """What DNS tells of the host."""
    late_by: float = 0.0
    """By how many seconds the run is later than now."""

    def __post_init__(self) -> None:
        found = find_local_run(self.folder)
        self._aws = Aws(local=found)
        self._strict = Aws(local=replace(found, endpoint_url=self.run.upstream))
        self._clients: dict[tuple[str, str | None], Any] = {}
        target = local_target(self.client, found.file)
        assert target.stack is not None
        self.target: Target = replace(
            target,
            endpoint=ENDPOINT,
            is_local=False,
            settings={**target.settings, "propagate_client_ip": True},
            stack=_with_cloudwatch(target.stack),
            others={name: _with_cloudwatch(other) for name, other in target.others.items()} | {SHIELD: _shield(target)},
        )
        self.servers.ports[HOST] = self.servers.start(host=HOST)
        self.http = _StagedHttp(self)
        self._stage_aws(self.stack.outputs["WebAclArn"])

    @property
    def stack(self) -> DeployedStack:
        """The proxy's."""
        assert self.target.stack is not None
        return self.target.stack

    @property
    def is_edge(self) -> bool:
        """Whether it is the variant with CloudFront."""
        return self.run.outputs.variant == "edge"

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A client of boto3 with all layers; Cognito's is the stricter one, as the command has it."""
        key = service, region
        if key not in self._clients:
            aws = self._strict if service == "cognito-idp" else self._aws
            self._clients[key] = aws.client(service, region=region)
        return _Client(self._clients[key], self.aws_layers)

    # Layers

    def over_http(self, layer: HttpLayer) -> None:
        """Lay one more over what the proxy and Cognito answer."""
        self.http_layers.append(layer)
        self.ends.callback(self.http_layers.pop)

    def over_aws(self, operation: str, layer: AwsLayer) -> None:
        """Lay one more over an operation of AWS, in snake_case."""
        self.aws_layers.setdefault(operation, []).append(layer)
        self.ends.callback(self.aws_layers[operation].pop)

    def edit(self, operation: str, edit: Callable[[Any], object]) -> None:
        """Change what an operation answers; `edit` gets a copy of its own."""

        def layer(_: Mapping[str, Any], ask: Ask) -> Any:
            answer = copy.deepcopy(ask())
            edit(answer)
            return answer

        self.over_aws(operation, layer)

    def _stage_aws(self, web_acl_arn: str) -> None:
        self.http_layers.append(self._with_request_id)
        closed = {"WebACL": {"Name": SHIELD, "Rules": [{"Name": "Proof", "Action": {"Block": {}}}]}}

        def line(asked: Mapping[str, Any], _: Ask) -> Any:
            return {"events": [{"message": asked["filterPattern"].strip('"')}]}

        layers: dict[str, AwsLayer] = {
            "admin_list_user_auth_events": lambda *_: {"AuthEvents": [{"EventContextData": {"IpAddress": ADDRESS}}]},
            "get_web_acl_for_resource": lambda *_: copy.deepcopy(closed),
            "filter_log_events": line,
            "describe_secret": _with_rotation_rules,
            "get_dashboard": lambda *_: {"DashboardBody": "{}"},
            "describe_alarms": lambda asked, _: {"MetricAlarms": [self._alarm(name) for name in asked["AlarmNames"]]},
            "list_subscriptions_by_topic": lambda asked, _: {"Subscriptions": self._subscriptions(asked["TopicArn"])},
            "get_metric_data": lambda *_: {"MetricDataResults": [{"Id": "requests", "Values": [3.0]}]},
            "list_metrics": lambda *_: {"Metrics": [USED]},
        }
        if self.is_edge:
            layers["describe_log_groups"] = lambda asked, _: {
                "logGroups": [{"logGroupName": asked["logGroupNamePrefix"]}]
            }
        else:
            layers["get_stage"] = lambda _, ask: {**ask(), "webAclArn": web_acl_arn}
        for name, layer in layers.items():
            self.aws_layers[name] = [layer]

    def _alarm(self, name: str) -> dict[str, Any]:
        """As CloudWatch tells of one that was made as the template says: in the same shape, with the values put in."""
        for stack in self.target.stacks:
            text = self.target.values(stack).text
            for logical_id, properties in stack.resources(ALARM):
                if stack.physical_ids[logical_id] == name:
                    made: dict[str, Any] = _put_in(properties, text)
                    return {**made, "AlarmName": name, "ActionsEnabled": True, "StateValue": "OK"}
        raise AssertionError(name)

    def _subscriptions(self, topic: str) -> list[dict[str, str]]:
        return [
            {"Protocol": "email", "Endpoint": properties["Endpoint"], "SubscriptionArn": f"{topic}:confirmed"}
            for stack in self.target.stacks
            for _, properties in stack.resources(SUBSCRIPTION)
            if self.target.values(stack).text(properties["TopicArn"]) == topic
        ]

    def _with_request_id(self, asked: Asked, ask: Callable[..., Answer]) -> Answer:
        answer = ask()
        name = "x-amz-cf-id" if self.is_edge else "x-amz-apigw-id"
        return replace(answer, headers={**answer.headers, name: ("id-of-a-request=",)})

    # Runs

    def world(self, options: Options = LOOK) -> World:
        """One run."""
        world = World(
            target=self.target,
            http=self.http,
            options=options,
            clients=self.client,
            lists=self.lists,
            clock=lambda: time.time() + self.late_by,
            # Nothing here becomes true by waiting.
            sleep=lambda _: None,
            # Not all of AWS's: a client for each takes seconds.
            memory={"regions": [LOG_REGION, "us-east-1"]},
        )
        world.leftovers = Leftovers(
            self.folder / "state", removers(self.target, cognito=world.cognito, lists=self.lists)
        )
        return world

    def lists(self) -> Lists:
        """The firewall's."""
        return _lists(mock.Mock(client=self.client), self.target)

    def results(self, options: Options = LOOK, *, checks: Sequence[Check] = CHECKS) -> dict[str, Result]:
        """What a smoke run of these checks gives."""
        world = self.world(options)
        try:
            with self.servers.hosts(HOST), mock.patch.object(socket, "getaddrinfo", self._look_up(socket.getaddrinfo)):
                return {result.check.name: result for result in perform(world, plan(world, checks))}
        finally:
            assert world.leftovers is not None
            assert world.leftovers.remove_own() == []

    def _look_up(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def look_up(host: Any, port: Any, family: Any = 0, *more: Any, **named: Any) -> Any:
            if host != HOST:
                return really(host, port, family, *more, **named)
            if not self.addresses[family]:
                raise socket.gaierror
            return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.addresses[family]]

        return look_up

    def close(self) -> None:
        """End its connections."""
        self.http.close()


def of_verdict(results: Mapping[str, Result], verdict: Verdict) -> set[str]:
    """Names of the checks with that verdict."""
    return {name for name, result in results.items() if result.verdict is verdict}


def _with_cloudwatch(stack: DeployedStack) -> DeployedStack:
    """The same with the alarms of metric math and the dashboard, which the emulator does not make."""
    missing = {
        name: name for kind in (ALARM, DASHBOARD) for name, _ in stack.resources(kind) if name not in stack.physical_ids
    }
    return replace(stack, physical_ids={**stack.physical_ids, **missing})


def _put_in(value: Any, text: Callable[[Any], str]) -> Any:
    """A template's value as AWS tells it: intrinsic functions have become what they stand for."""
    if isinstance(value, list):
        return [_put_in(item, text) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
        return text(value)
    return {name: _put_in(item, text) for name, item in value.items()}


def _shield(target: Target) -> DeployedStack:
    """A stack that puts a web ACL onto the user pool."""
    resources = {
        SHIELD: {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": []}},
        "Association": {"Type": "AWS::WAFv2::WebACLAssociation", "Properties": {"ResourceArn": "of the pool"}},
    }
    return DeployedStack(
        name=SHIELD,
        region=target.region,
        outputs={},
        template={"Resources": resources},
        physical_ids={SHIELD: f"{SHIELD}|id|REGIONAL"},
    )


def _with_rotation_rules(_: Mapping[str, Any], ask: Ask) -> Any:
    answer = ask()
    return {**answer, "RotationRules": {"AutomaticallyAfterDays": 30}} if answer.get("RotationEnabled") else answer
