"""Reading a web ACL and its IP sets from a synthesized template."""

import time
from collections.abc import Mapping
from typing import Any

from local.simulators.waf.actions import Action, read_action
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.ip_set import IpSet
from local.simulators.waf.properties import Properties, understood
from local.simulators.waf.rates import Clock
from local.simulators.waf.statements import Context, read_statement
from local.simulators.waf.web_acl import Rule, WebAcl

WEB_ACL = "AWS::WAFv2::WebACL"
IP_SET = "AWS::WAFv2::IPSet"

_INSPECTION_BYTES = {"KB_16": 16_384, "KB_32": 32_768, "KB_48": 49_152, "KB_64": 65_536}
_WEB_ACL_PROPERTIES = {
    "AssociationConfig",
    "CustomResponseBodies",
    "DefaultAction",
    "Rules",
    "Scope",
    # Nothing of these decides about a request.
    "DataProtectionConfig",
    "Description",
    "Name",
    "Tags",
    "VisibilityConfig",
}
_RULE_PROPERTIES = {"Action", "Name", "OverrideAction", "Priority", "Statement", "VisibilityConfig"}


def load_web_acl(
    template: Mapping[str, Any],
    *,
    logical_id: str | None = None,
    references: Mapping[str, str] | None = None,
    clock: Clock = time.monotonic,
) -> WebAcl:
    """The web ACL of a template, ready to decide.

    Args:
        template: as synthesized, intrinsic functions and all.
        logical_id: which web ACL. Default: the only one.
        references: values of `Ref`s in search strings, by logical id. Default: none.
        clock: seconds, for rates. Default: the machine's monotonic clock.

    Raises:
        FirewallError: there is not exactly one, or something in it is not modelled.
    """
    properties = _chosen(_resources(template, WEB_ACL), logical_id)
    chosen = logical_id or next(iter(_resources(template, WEB_ACL)))
    understood(properties, _WEB_ACL_PROPERTIES, where=chosen)
    context = Context(
        ip_sets={name: IpSet(ip_set["Addresses"]) for name, ip_set in _resources(template, IP_SET).items()},
        references=references or {},
        body_limit=_body_limit(properties),
        clock=clock,
    )
    ordered = sorted(properties.get("Rules", ()), key=lambda rule: int(rule["Priority"]))
    _check_distinct(ordered, where=chosen)
    bodies = properties.get("CustomResponseBodies", {})
    default_action, default_response = read_action(properties["DefaultAction"], bodies, where=chosen)
    return WebAcl(
        logical_id=chosen,
        rules=tuple(_rule(rule, bodies, context) for rule in ordered if not _is_managed(rule)),
        default_action=default_action,
        default_response=default_response,
        ip_sets=context.ip_sets,
        not_evaluated=tuple(str(rule["Name"]) for rule in ordered if _is_managed(rule)),
    )


def _resources(template: Mapping[str, Any], kind: str) -> dict[str, Properties]:
    return {
        name: resource["Properties"] for name, resource in template["Resources"].items() if resource["Type"] == kind
    }


def _chosen(web_acls: Mapping[str, Properties], logical_id: str | None) -> Properties:
    names = ", ".join(web_acls) or "none"
    if logical_id is not None:
        if logical_id not in web_acls:
            raise FirewallError(f"no web ACL {logical_id} in the template; there are: {names}")
        return web_acls[logical_id]
    if len(web_acls) != 1:
        raise FirewallError(f"one web ACL expected in the template, found: {names}; give logical_id")
    return next(iter(web_acls.values()))


def _rule(rule: Properties, bodies: Properties, context: Context) -> Rule:
    name = str(rule["Name"])
    understood(rule, _RULE_PROPERTIES - {"OverrideAction"}, where=name)
    action, response = read_action(rule["Action"], bodies, where=name)
    return Rule(
        name=name,
        matches=read_statement(rule["Statement"], context, where=name),
        action=action,
        response=response if action is Action.BLOCK else None,
    )


def _is_managed(rule: Properties) -> bool:
    understood(rule, _RULE_PROPERTIES, where=str(rule["Name"]))
    return "ManagedRuleGroupStatement" in rule["Statement"]


def _check_distinct(rules: list[Properties], *, where: str) -> None:
    for what in ("Priority", "Name"):
        values = [rule[what] for rule in rules]
        if len(set(values)) != len(values):
            raise FirewallError(f"{where}: two rules have the same {what}")


def _body_limit(properties: Properties) -> int:
    """Bytes of a body that the web ACL's only kind of resource hands to AWS WAF."""
    settings = properties.get("AssociationConfig", {}).get("RequestBody", {})
    limits = {_INSPECTION_BYTES[entry["DefaultSizeInspectionLimit"]] for entry in settings.values()}
    return min(limits, default=_INSPECTION_BYTES["KB_16"])
