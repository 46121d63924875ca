"""A web ACL's log, in the form of AWS WAF's.

One JSON object a request, with the rule that decided and those that only counted. Bodies are never in it; the headers
and the query that the logging configuration redacts say REDACTED; what its filter drops is not there.

https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
https://docs.aws.amazon.com/waf/latest/developerguide/logging-management-filtering.html
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.common.cloudformation import references
from local.simulators.common.http import HttpRequest
from local.simulators.waf.actions import Action
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.web_acl import Verdict

REDACTED = "REDACTED"

_LOGGING = "AWS::WAFv2::LoggingConfiguration"
_LOG_GROUP = "AWS::Logs::LogGroup"
_COUNTED_ACTIONS = frozenset({"COUNT", "EXCLUDED_AS_COUNT"})

Sink = Callable[[str], None]
"""Takes a line, without its end."""


@dataclass(frozen=True, kw_only=True)
class WafLogging:
    """What a web ACL's logging configuration says."""

    log_group: str | None
    """Logical id of the log group; None: the log goes elsewhere."""
    redacted: frozenset[str]
    """Lower-case names of headers whose values are not logged."""
    rate_based: frozenset[str]
    """Names of the rules that are rates."""
    log_filter: Mapping[str, Any] | None
    """None: every request is logged."""
    redacts_query: bool = False
    """Whether queries are not logged."""

    def keeps(self, verdict: Verdict) -> bool:
        """Whether a request is logged: the first filter whose conditions are met decides, else the default.

        Raises FirewallError for conditions other than on actions.
        """
        if self.log_filter is None:
            return True
        for entry in self.log_filter["Filters"]:
            met = [_is_met(condition, verdict) for condition in entry["Conditions"]]
            if any(met) if entry["Requirement"] == "MEETS_ANY" else all(met):
                return bool(entry["Behavior"] == "KEEP")
        return bool(self.log_filter["DefaultBehavior"] == "KEEP")


def read_logging(template: Mapping[str, Any], *, web_acl: str) -> WafLogging | None:
    """The logging configuration of a web ACL, by its logical id; None: it has none."""
    resources = template["Resources"]
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] != _LOGGING or web_acl not in references(properties["ResourceArn"]):
            continue
        groups = [
            name
            for name in references(properties["LogDestinationConfigs"])
            if resources.get(name, {}).get("Type") == _LOG_GROUP
        ]
        return WafLogging(
            log_group=groups[0] if groups else None,
            redacted=frozenset(
                str(entry["SingleHeader"]["Name"]).lower()
                for entry in properties.get("RedactedFields", ())
                if "SingleHeader" in entry
            ),
            redacts_query=any("QueryString" in entry for entry in properties.get("RedactedFields", ())),
            rate_based=frozenset(
                rule["Name"]
                for rule in resources[web_acl]["Properties"].get("Rules", ())
                if "RateBasedStatement" in rule.get("Statement", {})
            ),
            log_filter=properties.get("LoggingFilter"),
        )
    return None


class WafLog:
    """Writes the lines of one web ACL."""

    def __init__(self, logging: WafLogging, sink: Sink, *, arn: str, source: str) -> None:
        """`source` is what the web ACL is in front of: APIGW or CF."""
        self._logging = logging
        self._sink = sink
        self._arn = arn
        self._source = source

    def write(self, request: HttpRequest, verdict: Verdict) -> None:
        """Write a request's line, unless the filter drops it."""
        if self._logging.keeps(verdict):
            self._sink(json.dumps(self._record(request, verdict), separators=(",", ":")))

    def _record(self, request: HttpRequest, verdict: Verdict) -> dict[str, Any]:
        return {
            "timestamp": int(time.time() * 1000),
            "formatVersion": 1,
            "webaclId": self._arn,
            "terminatingRuleId": verdict.rule or "Default_Action",
            "terminatingRuleType": "RATE_BASED" if verdict.rule in self._logging.rate_based else "REGULAR",
            "action": verdict.action.name,
            "terminatingRuleMatchDetails": [],
            "httpSourceName": self._source,
            "httpSourceId": "-",
            "ruleGroupList": [],
            "rateBasedRuleList": [],
            "nonTerminatingMatchingRules": [
                {"ruleId": name, "action": Action.COUNT.name, "ruleMatchDetails": []} for name in verdict.counted
            ],
            "requestHeadersInserted": None,
            "responseCodeSent": None,
            "httpRequest": {
                "clientIp": request.client_ip,
                "country": "-",
                "headers": [
                    {"name": name, "value": REDACTED if name.lower() in self._logging.redacted else value}
                    for name, value in request.headers
                ],
                "uri": request.path,
                "args": REDACTED if self._logging.redacts_query else request.query,
                "httpVersion": "HTTP/1.1",
                "httpMethod": request.method,
                "requestId": uuid.uuid4().hex,
            },
            "labels": [],
        }


def _is_met(condition: Mapping[str, Any], verdict: Verdict) -> bool:
    if set(condition) != {"ActionCondition"}:
        raise FirewallError(f"logging filter: {', '.join(condition)} is not modelled")
    action = condition["ActionCondition"]["Action"]
    return action == verdict.action.name or (action in _COUNTED_ACTIONS and bool(verdict.counted))
