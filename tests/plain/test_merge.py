"""Small templates by switches, merged, and evaluated again for every combination."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from local.deployment.conditions import resolved
from stacks.plain.merge import ENDING, WAITS_FOR, CannotMerge, Merge
from stacks.plain.switches import Switch, differs, equals, ref

A = Switch(name="A", conditions={"AOn": equals(ref("A"), "1")})
B = Switch(name="B", conditions={"BOn": differs(ref("B"), "0"), "BTwice": equals(ref("B"), "2")})
C = Switch(name="C", conditions={"COn": equals(ref("C"), "1")})
SWITCHES = (A, B, C)
PARAMETERS = {name: {"Type": "String", "Default": "0"} for name in "ABC"}

Make = Callable[[int, int, int], dict[str, Any]]


def _item(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": "T", "Properties": properties, **more}


def _nested(a: int, b: int, c: int) -> dict[str, Any]:
    return {"One": _item({"Deep": {"Same": 1, "Only": a} if a else {"Same": 1}, "Three": b, "Pair": a * 10 + b + c})}


def _lists(a: int, b: int, c: int) -> dict[str, Any]:
    rules: list[dict[str, Any]] = [
        {"Name": "first"},
        *([{"Name": "a", "By": b}] * a),
        {"Name": "mid"},
        *([{"Name": "c"}] * c),
    ]
    priorities = [{**rule, "Priority": place} for place, rule in enumerate(rules)]
    return {"One": _item({"Rules": priorities, "Plain": ["x", *(["y"] if b else []), "z"], "Even": [a, b]})}


def _texts(a: int, b: int, c: int) -> dict[str, Any]:
    told = '{"same":1' + ',"a":true' * a + (f',"b":[{b}]' if b else "") + ',"c":"' * c
    parts = [told, {"Ref": "AWS::Region"}, '"}'] if c else told + "}"
    return {
        "One": _item({"Text": {"Fn::Join": ["", parts]} if c else parts, "Whole": "ab"[a]}),
        "Two": _item({"Coded": {"Fn::Base64": parts if isinstance(parts, str) else {"Fn::Join": ["", parts]}}}),
    }


def _absent(a: int, b: int, c: int) -> dict[str, Any]:
    made: dict[str, Any] = {"Always": _item({"N": 1})}
    if a:
        made["WithA"] = _item({"Waits": b, "Extra": {"By": c}} if c else {"Waits": b})
    if b == 2 or c:
        made["Either"] = _item({"Both": {"Ref": "WithA"} if a else "none"})
    return made


def _depending(a: int, b: int, c: int) -> dict[str, Any]:
    made = {"First": _item({})} | ({"Second": _item({})} if a else {})
    return {**made, "Last": _item({"N": c}, DependsOn=list(made))}


MAKERS = (_nested, _lists, _texts, _absent, _depending)


def _merge(make: Make) -> dict[str, Any]:
    def template_of(states: tuple[int, ...]) -> dict[str, Any]:
        resources = make(*states)
        outputs = {"Out": {"Value": states[0]}} if states[1] else {}
        return {"Description": "d", "Resources": resources, "Outputs": outputs}

    return {"Parameters": PARAMETERS, **Merge(SWITCHES, template_of).template()}


@pytest.mark.parametrize("make", MAKERS)
def test_it_comes_to_each_combination_again(make: Make) -> None:
    merged = _merge(make)
    for a, b, c in product((0, 1), (0, 1, 2), (0, 1)):
        told = resolved(merged, {"A": str(a), "B": str(b), "C": str(c)})
        assert _as_numbers(_with_dependencies(told["Resources"])) == _as_numbers(_with_dependencies(make(a, b, c)))
        assert told["Outputs"] == ({"Out": {"Value": a}} if b else {})


def test_what_is_the_same_has_no_condition() -> None:
    merged = _merge(lambda a, b, c: {"One": _item({"Same": [1, {"x": "y"}]})})
    assert merged["Resources"] == {"One": _item({"Same": [1, {"x": "y"}]})}


def test_a_conditional_dependency_is_a_reference_that_may_be_conditional() -> None:
    last = _merge(_depending)["Resources"]["Last"]
    assert last["DependsOn"] == ["First"]
    assert last["Metadata"] == {WAITS_FOR: [{"Fn::If": ["AOn", {"Ref": "Second"}, {"Ref": "AWS::NoValue"}]}]}


def test_a_resource_with_endings_is_one_for_each() -> None:
    def make(a: int, b: int, c: int) -> dict[str, Any]:
        ending = f"{a}{min(b, 1)}"
        return {
            "Deploy": _item({}, Metadata={ENDING: ending}),
            "Stage": _item({"Of": {"Ref": "Deploy"}}, DependsOn=["Deploy"]),
        }

    merged = _merge(make)
    for a, b in product((0, 1), (0, 1, 2)):
        resources = resolved(merged, {"A": str(a), "B": str(b)})["Resources"]
        name = f"Deploy{a}{min(b, 1)}"
        assert set(resources) == {name, "Stage"}
        assert resources["Stage"]["Properties"]["Of"] == {"Ref": name}


def test_refuses_a_type_that_differs() -> None:
    with pytest.raises(CannotMerge, match=r"One\.Type differs"):
        _merge(lambda a, b, c: {"One": {"Type": "TU"[a], "Properties": {}}})


def test_asks_for_few_combinations_only() -> None:
    many = [Switch(name=f"S{place}", conditions={f"S{place}On": equals(ref(f"S{place}"), "1")}) for place in range(10)]
    merge = Merge(many, lambda states: {"Description": "d", "Resources": {"One": _item({"N": states[0]})}})
    merge.template()
    assert merge.asked < 30 < 2 ** len(many)


def _with_dependencies(resources: dict[str, Any]) -> dict[str, Any]:
    shown = {}
    for name, resource in resources.items():
        rest = {key: value for key, value in resource.items() if key not in ("Metadata", "DependsOn")}
        waits = [each["Ref"] for each in resource.get("Metadata", {}).get(WAITS_FOR, [])]
        shown[name] = rest | {"DependsOn": sorted([*resource.get("DependsOn", []), *waits])}
    return shown


def _as_numbers(value: Any) -> Any:
    """Joins of plain text are text."""
    return resolved({"Resources": value}, {})["Resources"]
