"""What the synthesized app says: stacks, resources, warnings."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.deployment.assembly import Assembly

_KEPT = frozenset({"Retain", "RetainExceptOnCreate"})
_EDGE_HANDLER = "proxy.edge.handler"
_HANDLERS = frozenset({_EDGE_HANDLER, "proxy.regional.handler"})
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES = {"minute": 1, "hour": 60, "day": 1_440}
_ACKNOWLEDGMENT = re.compile(r"\s*\[ack: [^\]]*\]$")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template."""

    kind: str
    """Its type in CloudFormation."""
    properties: dict[str, Any] = field(default_factory=dict)
    kept: bool = False
    """Whether it stays in the account when its stack is deleted."""


@dataclass(frozen=True, kw_only=True)
class PlannedStack:
    """One stack."""

    name: str
    region: str | None
    """None: wherever one deploys."""
    resources: tuple[Resource, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All of it."""

    stacks: tuple[PlannedStack, ...]
    warnings: tuple[str, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Of all stacks."""
        return tuple(resource for stack in self.stacks for resource in stack.resources)

    @property
    def regions(self) -> tuple[str | None, ...]:
        """Where the stacks go, each once."""
        return tuple(dict.fromkeys(stack.region for stack in self.stacks))

    def of(self, kind: str) -> tuple[Resource, ...]:
        """The resources of one type."""
        return tuple(resource for resource in self.resources if resource.kind == kind)

    @property
    def is_edge(self) -> bool:
        """Whether the proxy runs at the edge."""
        return self._proxy_function.properties.get("Handler") == _EDGE_HANDLER

    @property
    def memory_mb(self) -> int:
        """Of the proxy's function."""
        return int(self._proxy_function.properties.get("MemorySize", 128))

    @property
    def calls_cognito_itself(self) -> bool:
        """Whether the proxy's function waits for Cognito: in a Region always, at the edge for signed calls."""
        generated = self._is_set(r"\"edge_admin_calls\":\"generated\"")
        return not self.is_edge or (generated and self._is_set(r"\"threat_protection\":true"))

    @property
    def logs_requests(self) -> bool:
        """Whether each call has a line, of which metrics are made; else those of failed calls have one, or none."""
        return not (self._is_set(r"\"log\":\"problems\"") or self._is_set(r"\"log\":\"none\""))

    def _is_set(self, words: str) -> bool:
        """Whether these words, as JSON within JSON, stand in the settings document."""
        holders = (*self.of("AWS::CloudFront::Distribution"), self._proxy_function)
        return words in json.dumps([resource.properties for resource in holders])

    @property
    def rules(self) -> tuple[dict[str, Any], ...]:
        """Rules of all web ACLs; a managed group is one."""
        return tuple(rule for acl in self.of("AWS::WAFv2::WebACL") for rule in acl.properties.get("Rules", ()))

    @property
    def managed_groups(self) -> tuple[str, ...]:
        """AWS's managed rule groups, by AWS's names."""
        statements = (rule["Statement"].get("ManagedRuleGroupStatement") for rule in self.rules)
        return tuple(statement["Name"] for statement in statements if statement)

    @property
    def secrets(self) -> int:
        """Secrets and their replicas."""
        return sum(
            1 + len(secret.properties.get("ReplicaRegions", ())) for secret in self.of("AWS::SecretsManager::Secret")
        )

    @property
    def endpoint_zones(self) -> int:
        """Interface endpoints, each as often as it has a subnet, which is one a zone."""
        endpoints = (endpoint.properties for endpoint in self.of("AWS::EC2::VPCEndpoint"))
        return sum(len(each["SubnetIds"]) for each in endpoints if each.get("VpcEndpointType") == "Interface")

    @property
    def alarm_metrics(self) -> int:
        """Metrics that alarms look at."""
        return sum(_metrics(alarm.properties) for alarm in self.of("AWS::CloudWatch::Alarm"))

    @property
    def kept_ready(self) -> int:
        """Execution environments of the proxy's function that are there whether somebody calls or not."""
        return sum(
            alias.properties.get("ProvisionedConcurrencyConfig", {}).get("ProvisionedConcurrentExecutions", 0)
            for alias in self.of("AWS::Lambda::Alias")
        )

    def scheduled_runs(self, minutes: int) -> int:
        """How often functions are run by schedule in so many minutes."""
        schedules = (rule.properties.get("ScheduleExpression", "") for rule in self.of("AWS::Events::Rule"))
        return sum(minutes // _interval(schedule) for schedule in schedules)

    @property
    def _proxy_function(self) -> Resource:
        functions = self.of("AWS::Lambda::Function")
        return next(each for each in functions if each.properties.get("Handler") in _HANDLERS)


def read_plan(folder: Path) -> Plan:
    """From a cloud assembly.

    Raises:
        LocalRunError: it is none.
    """
    stacks = tuple(
        PlannedStack(
            name=stack.name,
            region=stack.region,
            resources=tuple(
                Resource(
                    kind=resource["Type"],
                    properties=resource.get("Properties", {}),
                    kept=resource.get("DeletionPolicy") in _KEPT,
                )
                for resource in stack.template()["Resources"].values()
            ),
        )
        for stack in Assembly(folder).stacks
    )
    return Plan(stacks=stacks, warnings=tuple(dict.fromkeys(_warnings(folder))))


def _warnings(folder: Path) -> Iterator[str]:
    """The CDK keeps them in the manifest, or in a file beside it for each stack."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for artifact in manifest["artifacts"].values():
        yield from _of_metadata(artifact.get("metadata", {}))
        if "additionalMetadataFile" in artifact:
            file = folder / artifact["additionalMetadataFile"]
            yield from _of_metadata(json.loads(file.read_text(encoding="utf-8")))


def _of_metadata(metadata: dict[str, Sequence[dict[str, Any]]]) -> Iterator[str]:
    for entries in metadata.values():
        yield from (_ACKNOWLEDGMENT.sub("", entry["data"]) for entry in entries if entry["type"] == "aws:cdk:warning")


def _metrics(alarm: dict[str, Any]) -> int:
    return sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1


def _interval(schedule: str) -> int:
    """Minutes between two runs.

    Raises:
        ValueError: a schedule that is no rate; the app has none.
    """
    found = _RATE.fullmatch(schedule)
    if found is None:
        raise ValueError(f"schedule {schedule!r} is not a rate")
    return int(found[1]) * _MINUTES[found[2]]
