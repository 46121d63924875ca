"""Web ACL capacity units (WCU) from AWS's documented costs.

Up to 1,500 are in the price of a web ACL, 5,000 is the most. This is an upper bound: AWS charges a transformation of
the same component once where several statements of a web ACL share it, and does not say how exactly it optimizes.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-match.html and the pages of the statements
("If you use the request component JSON body, double the base cost WCUs"; a rate-based rule: "For each custom
aggregation key that you specify, add 30 WCUs");
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from collections.abc import Mapping

from local.simulators.waf.properties import Properties, looked_up, only_entry

INCLUDED = 1_500
"""WCU of a web ACL without extra charge."""

_POSITIONAL: Mapping[str, int] = {
    "EXACTLY": 2,
    "STARTS_WITH": 2,
    "ENDS_WITH": 2,
    "CONTAINS": 10,
    "CONTAINS_WORD": 10,
}
_MANAGED: Mapping[str, int] = {
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
}
_TRANSFORMATION = 10
_CUSTOM_KEY = 30
_FIXED: Mapping[str, int] = {
    "AndStatement": 0,
    "IPSetReferenceStatement": 1,
    "NotStatement": 0,
    "OrStatement": 0,
    "RateBasedStatement": 2,
    "SizeConstraintStatement": 1,
}
_NESTED_IN = ("Statement", "ScopeDownStatement")


def web_acl_capacity(web_acl: Properties) -> int:
    """WCU of a web ACL, at most; takes the properties of its resource."""
    return sum(rule_capacity(rule) for rule in web_acl.get("Rules", ()))


def rule_capacity(rule: Properties) -> int:
    """WCU of a rule, at most.

    Raises:
        FirewallError: a statement or managed group whose cost is not known here.
    """
    return _statement(rule["Statement"], where=str(rule["Name"]))


def _statement(statement: Properties, *, where: str) -> int:
    kind, properties = only_entry(statement, where=where)
    nested = [*properties.get("Statements", ()), *(properties[key] for key in _NESTED_IN if key in properties)]
    return _own_cost(kind, properties, where=where) + sum(_statement(inner, where=where) for inner in nested)


def _own_cost(kind: str, properties: Properties, *, where: str) -> int:
    transformations = sum(_TRANSFORMATION for t in properties.get("TextTransformations", ()) if t["Type"] != "NONE")
    match kind:
        case "ByteMatchStatement":
            base = int(looked_up(properties["PositionalConstraint"], _POSITIONAL, where=where))
            return base * (2 if "JsonBody" in properties["FieldToMatch"] else 1) + transformations
        case "ManagedRuleGroupStatement":
            return int(looked_up(properties["Name"], _MANAGED, where=where))
        case "SizeConstraintStatement" if "JsonBody" in properties["FieldToMatch"]:
            return 2 * _FIXED[kind] + transformations
        case "RateBasedStatement":
            return _FIXED[kind] + _CUSTOM_KEY * len(properties.get("CustomKeys", ()))
    return int(looked_up(kind, _FIXED, where=where)) + transformations
