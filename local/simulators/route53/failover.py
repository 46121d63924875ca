"""Which of two failover records a query gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.simulators.common.errors import SimulatorError
from local.simulators.route53.health_check import HealthCheck

TTL_SECONDS = 60.0
"""How long resolvers keep the answer for an alias record, unless the target says otherwise."""


@dataclass(frozen=True, kw_only=True)
class FailoverRecord:
    """A record of type A with failover."""

    name: str
    role: str
    set_identifier: str

    @classmethod
    def read(cls, template: Mapping[str, Any]) -> "FailoverRecord":
        """The one of a template. Raises SimulatorError when there is not exactly one, or it has no health check."""
        found = [
            resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Route53::RecordSet" and resource["Properties"]["Type"] == "A"
        ]
        if len(found) != 1:
            raise SimulatorError(f"{len(found)} records of type A in a template, and exactly one was expected")
        (record,) = found
        if record.get("Failover") not in ("PRIMARY", "SECONDARY") or "HealthCheckId" not in record:
            raise SimulatorError("only failover records with a health check are modelled")
        return cls(name=record["Name"], role=record["Failover"], set_identifier=record["SetIdentifier"])


class FailoverName:
    """A name with a primary and a secondary record."""

    def __init__(self, records: Sequence[FailoverRecord], health: Mapping[str, HealthCheck]) -> None:
        """`health`: by what tells the records apart. Raises SimulatorError for records that are no pair of one name."""
        by_role = {record.role: record for record in records}
        same_name = {record.name for record in records}
        if len(records) != 2 or len(by_role) != 2 or len(same_name) != 1:
            raise SimulatorError("a primary and a secondary record of one name were expected")
        if len({record.set_identifier for record in records}) != 2:
            raise SimulatorError("records of one name need different values of SetIdentifier")
        self._primary = by_role["PRIMARY"].set_identifier
        self._secondary = by_role["SECONDARY"].set_identifier
        self._health = health

    def answer(self) -> str:
        """The record, by what tells it apart: the healthy primary, else the healthy secondary, else the primary.

        "If all the primary resources are unhealthy, Route 53 begins to include only the healthy secondary resources";
        where both records are unhealthy, it answers with the primary one.
        """
        if not self._health[self._primary].healthy and self._health[self._secondary].healthy:
            return self._secondary
        return self._primary
