"""Rules as a template has them, against rules as AWS WAF's API tells them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

_WORDS = {"Allow": "allows", "Block": "blocks", "Count": "counts"}


def rule_differences(promised: Sequence[Mapping[str, Any]], live: Sequence[Mapping[str, Any]]) -> list[str]:
    """One sentence for each rule that is not as promised; empty: all are.

    What the API adds by itself (defaults) is no difference. What only CloudFormation knows (ARNs of IP sets) is not
    compared; which IP set is meant, the check of the lists tells.
    """
    by_name = {str(rule["Name"]): rule for rule in live}
    wanted = {str(rule["Name"]): rule for rule in promised}
    missing = [f"{name} is missing" for name in wanted if name not in by_name]
    more = [f"{name} is not of this deployment" for name in by_name if name not in wanted]
    changed = [told for name in wanted if name in by_name for told in _changes(name, wanted[name], by_name[name])]
    order = _order(wanted.values()), _order(rule for rule in live if rule["Name"] in wanted)
    moved = ["the order is another one"] if not missing and order[0] != order[1] else []
    return missing + changed + more + moved


def _order(rules: Any) -> list[str]:
    return [str(rule["Name"]) for rule in sorted(rules, key=lambda rule: int(rule["Priority"]))]


def _changes(name: str, promised: Mapping[str, Any], live: Mapping[str, Any]) -> list[str]:
    wanted, found = _decision(promised), _decision(live)
    if wanted != found:
        return [f"{name} {found} where it {wanted}"]
    for part in ("Action", "OverrideAction", "Statement"):
        if part in promised and not _holds(promised[part], live.get(part)):
            return [f"{name}: its {'response' if part == 'Action' else 'statement'} is another one"]
    return []


def _decision(rule: Mapping[str, Any]) -> str:
    """What it does with what it matches."""
    if "Action" in rule:
        return next((word for key, word in _WORDS.items() if key in rule["Action"]), "does something else")
    return "counts" if "Count" in rule.get("OverrideAction", {}) else "lets its group decide"


def _holds(promised: Any, live: Any) -> bool:
    """Whether the live value has everything that was promised."""
    match promised:
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Join": _} | {"Fn::Sub": _}:
            return live is not None
        case dict():
            if not isinstance(live, Mapping):
                return False
            found = {str(key).lower(): value for key, value in live.items()}
            return all(
                _holds(value, found.get(str(key).lower())) if value is not None else True
                for key, value in promised.items()
            )
        case list():
            return isinstance(live, Sequence) and len(live) == len(promised) and all(map(_holds, promised, live))
    return _scalar(promised) == _scalar(live)


def _scalar(value: Any) -> str:
    """The API gives search strings as bytes; a template may write a number or a truth as text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).lower() if isinstance(value, bool) else str(value)
