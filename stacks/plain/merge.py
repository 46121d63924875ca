"""Templates of many combinations of switches as one: what differs becomes Conditions and Fn::If. Pure.

`Merge` asks for a combination's template when it needs it. First it asks for probes: everything off, everything on, and
from each of these every single switch in each other state; and every two of the switches that bring resources. A value
of the template depends on the switches by which two probes differ that are alike otherwise. For those all combinations
are asked, and a decision is made of them; the other switches do not matter to that value. An interaction that only
shows where further switches are on would be missed so: `tests/plain` compares with the app's templates over
combinations that hold every pair of states and more.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from stacks.plain.stand_ins import parts_of, text_of
from stacks.plain.switches import Switch

Template = dict[str, Any]
States = tuple[int, ...]
"""The state of each switch, in their order."""


class _Mark:
    """A value that no template has."""


ABSENT = _Mark()
"""The template has nothing there."""
UNASKED = _Mark()
"""What holds the place is not there, so it does not matter what would be."""

NO_VALUE = {"Ref": "AWS::NoValue"}
_FIXED = ("Type", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy")
"""What CloudFormation takes no Fn::If in, or what must not differ."""


ENDING = "LogicalIdEnding"
"""In a resource's Metadata: how its logical id ends. Such a resource becomes one for each ending that there is."""


WAITS_FOR = "WaitsFor"
"""In a resource's Metadata: references to what it waits for, as far as that is there."""


class CannotMerge(Exception):
    """Something differs between combinations that a template cannot say by conditions."""


class Merge:
    """One merge of the templates that `template_of` gives."""

    def __init__(self, switches: Sequence[Switch], template_of: Callable[[States], Template]) -> None:
        self._switches = tuple(switches)
        self._template_of = template_of
        self._templates: dict[States, Template] = {}
        self._conditions: dict[str, Any] = {}
        for switch in switches:
            self._conditions.update(switch.conditions)
        self._probes = self._all_probes()

    @property
    def asked(self) -> int:
        """How many templates were asked for."""
        return len(self._templates)

    def template(self) -> Template:
        """Description, Conditions, Resources and Outputs for all combinations.

        Raises:
            CannotMerge: an attribute differs that takes no condition.
        """
        resources = {name: self._resource(name) for name in self._names("Resources")}
        outputs = {name: self._output(name) for name in self._names("Outputs")}
        for name in [name for name, resource in resources.items() if ENDING in resource.get("Metadata", {})]:
            resources = self._apart(resources, name)
        for resource in resources.values():
            _wait(resource, resources)
        description = self._template((0,) * len(self._switches))["Description"]
        return {
            "Description": description,
            "Mappings": {name: self._mapping(name) for name in self._names("Mappings")},
            "Conditions": self._conditions,
            "Resources": resources,
            "Outputs": outputs,
        }

    def _apart(self, resources: Template, name: str) -> Template:
        """One resource for each ending of its logical id, and references to the one that there is."""
        resource = {key: value for key, value in resources[name].items() if key != "Metadata"}
        ending = resources[name]["Metadata"][ENDING]
        separate: Template = {}
        for other, item in resources.items():
            if other != name:
                separate[other] = _referring(item, name, ending)
                continue
            for each in _endings(ending):
                condition = self.condition(_when(ending, each), name=f"{name}{each}")
                separate[name + each] = {"Type": resource["Type"], "Condition": condition, **resource}
        return separate

    def _template(self, states: States) -> Template:
        if states not in self._templates:
            self._templates[states] = self._template_of(states)
        return self._templates[states]

    def _all_probes(self) -> tuple[States, ...]:
        off = (0,) * len(self._switches)
        on = tuple(len(switch.steps) for switch in self._switches)
        found = {off: None, on: None}
        for index, switch in enumerate(self._switches):
            for base, state in product((off, on), switch.states):
                found[_with(base, index, state)] = None
        for one, other in combinations(self._with_others(), 2):
            for states in product(self._switches[one].states, self._switches[other].states):
                found[_with(_with(off, one, states[0]), other, states[1])] = None
        return tuple(found)

    def _with_others(self) -> list[int]:
        """Switches that bring resources, in which others may decide about something."""
        off = (0,) * len(self._switches)
        names = self._template(off)["Resources"].keys()
        return [
            index
            for index, switch in enumerate(self._switches)
            if not switch.alone
            and any(self._template(_with(off, index, state))["Resources"].keys() != names for state in switch.states)
        ]

    def _names(self, section: str) -> list[str]:
        return _in_one_order([list(self._template(probe).get(section, {})) for probe in self._probes])

    def _resource(self, name: str) -> Template:
        view = _View(self, lambda states: self._template(states)["Resources"].get(name, ABSENT))
        merged: Template = {}
        for key in view.names():
            part = view.at(key)
            if key in _FIXED:
                merged[key] = part.only(f"{name}.{key}")
            elif key == "DependsOn":
                # All that there ever are; `_wait` sees to those that are not always there.
                merged[key] = sorted({each for value in part.seen() for each in _listed(value)})
            else:
                merged[key] = part.merged()
        return self._conditional(view, merged)

    def _mapping(self, name: str) -> Template:
        mapping: Template = _View(
            self, lambda states: self._template(states).get("Mappings", {}).get(name, ABSENT)
        ).only(name)
        return mapping

    def _output(self, name: str) -> Template:
        view = _View(self, lambda states: self._template(states).get("Outputs", {}).get(name, ABSENT))
        merged = {key: view.at(key).merged() for key in view.names()}
        return self._conditional(view, merged)

    def _conditional(self, view: "_View", merged: Template) -> Template:
        condition = view.presence()
        if condition is None:
            return merged
        return (
            {"Type": merged.pop("Type"), "Condition": condition, **merged}
            if "Type" in merged
            else {
                "Condition": condition,
                **merged,
            }
        )

    def depends_on(self, value_of: Callable[[States], Any]) -> list[int]:
        """The switches that a value depends on, as far as the probes show."""
        values = {probe: value_of(probe) for probe in self._probes}
        found = set()
        for one, other in _neighbours(self._probes):
            index = next(place for place in range(len(one)) if one[place] != other[place])
            a, b = values[one], values[other]
            if index not in found and UNASKED not in (a, b) and a != b:
                found.add(index)
        return sorted(found)

    def probes_of(self, value_of: Callable[[States], Any]) -> list[Any]:
        """The value in each probe."""
        return [value_of(probe) for probe in self._probes]

    def decision(self, value_of: Callable[[States], Any], join: Callable[[str, Any, Any], Any]) -> Any:
        """The value by the states of the switches that it depends on; `join` makes one of a condition and two."""
        relevant = self.depends_on(value_of)
        # The other switches do not matter, but for whether there is a place for the value at all.
        base = next(probe for probe in self._probes if value_of(probe) is not UNASKED)
        return self._decided(value_of, relevant, base, join)

    def _decided(
        self,
        value_of: Callable[[States], Any],
        rest: Sequence[int],
        states: States,
        join: Callable[[str, Any, Any], Any],
    ) -> Any:
        if not rest:
            return value_of(states)
        index, *further = rest
        switch = self._switches[index]
        branches = [self._decided(value_of, further, _with(states, index, state), join) for state in switch.states]
        return _chain(branches, switch.steps, join)

    def condition(self, says: Any, *, name: str | None = None) -> str:
        """The name of the Condition that says this; it is made if there is none."""
        if isinstance(says, str):
            return says
        name = name or _name(says)
        self._conditions[name] = _expression(says)
        return name


def _chain(branches: Sequence[Any], steps: Sequence[str], join: Callable[[str, Any, Any], Any]) -> Any:
    """The value by a switch's state: a decision at each step, the first one outside."""
    value = branches[-1]
    for branch, step in zip(reversed(branches[:-1]), reversed(steps), strict=True):
        value = _either(step, value, branch, join)
    return value


def _either(condition: str, one: Any, other: Any, join: Callable[[str, Any, Any], Any]) -> Any:
    if one is UNASKED or one == other:
        return other
    if other is UNASKED:
        return one
    return join(condition, one, other)


def _wait(resource: Template, resources: Template) -> None:
    """Let a resource wait for others, of which some may not be there.

    DependsOn takes no Fn::If, and a name in it that a condition leaves out is an error for cfn-lint (E3005). A
    reference in Metadata makes CloudFormation wait, too, and may stand in a Fn::If.
    """
    wanted = resource.pop("DependsOn", [])
    alike = (None, resource.get("Condition"))
    always = [name for name in wanted if resources[name].get("Condition") in alike]
    sometimes = [name for name in wanted if name not in always]
    if always:
        resource["DependsOn"] = always
    if sometimes:
        resource["Metadata"] = {
            WAITS_FOR: [{"Fn::If": [resources[name]["Condition"], {"Ref": name}, NO_VALUE]} for name in sometimes]
        }


class _View:
    """One place in all templates."""

    def __init__(self, merge: Merge, value_of: Callable[[States], Any]) -> None:
        self._merge = merge
        self._source = value_of
        self._values: dict[States, Any] = {}

    def value(self, states: States) -> Any:
        if states not in self._values:
            self._values[states] = self._source(states)
        return self._values[states]

    def seen(self) -> list[Any]:
        """The values that there are."""
        return [value for value in self._merge.probes_of(self.value) if not isinstance(value, _Mark)]

    def names(self) -> list[str]:
        """Of a mapping, in one order."""
        return _in_one_order([list(value) for value in self.seen()])

    def at(self, key: Any, get: Callable[[Any, Any], Any] | None = None) -> "_View":
        """A place within this one. Where this one is not there, it does not matter what would be."""
        get = get or (lambda value, wanted: value.get(wanted, ABSENT))

        def value_of(states: States) -> Any:
            value = self.value(states)
            return UNASKED if isinstance(value, _Mark) else get(value, key)

        return _View(self._merge, value_of)

    def only(self, what: str) -> Any:
        """The one value that there is.

        Raises:
            CannotMerge: there are several.
        """
        values = self.seen()
        if any(value != values[0] for value in values):
            raise CannotMerge(f"{what} differs: {json.dumps(values[0])} and others")
        return values[0]

    def presence(self) -> str | None:
        """The Condition under which it is there. None: always."""
        says = self._merge.decision(self._is_there, _decide_truth)
        return None if says is True else self._merge.condition(says)

    def _is_there(self, states: States) -> Any:
        value = self.value(states)
        return UNASKED if value is UNASKED else value is not ABSENT

    def merged(self) -> Any:
        """The value for all combinations; NO_VALUE where it is not there."""
        values = self._merge.probes_of(self.value)
        known = [value for value in values if not isinstance(value, _Mark)]
        if all(value == known[0] for value in known):
            whole = known[0]
        elif all(isinstance(value, dict) and value.keys() == {"Fn::Base64"} for value in known):
            whole = {"Fn::Base64": self.at("Fn::Base64").merged()}
        elif all(isinstance(value, dict) and not _is_function(value) for value in known):
            whole = {key: self.at(key).merged() for key in self.names()}
        elif all(isinstance(value, list) for value in known):
            whole = self._merged_list(known)
        elif all(map(_is_long_text, known)) and len(self._merge.depends_on(self.value)) > _FEW:
            whole = self._merged_text(known)
        else:
            return self._decided()
        if not any(value is ABSENT for value in values):
            return whole
        return self._merge.decision(
            self._is_there,
            lambda condition, one, other: _if(
                condition,
                whole if one is True else (NO_VALUE if one is False else one),
                whole if other is True else (NO_VALUE if other is False else other),
            ),
        )

    def _merged_list(self, known: Sequence[list[Any]]) -> Any:
        if len({len(value) for value in known}) == 1 and not all(map(_named, known)):
            return [self.at(index, lambda value, at: value[at]).merged() for index in range(len(known[0]))]
        try:
            order = _in_one_order([list(_keyed(value)) for value in known])
        except CannotMerge:
            return self._decided()
        return [self.at(key, lambda value, wanted: _keyed(value).get(wanted, ABSENT)).merged() for key in order]

    def _merged_text(self, known: Sequence[Any]) -> Any:
        """A text that many switches change: which of its pieces there are is decided for each piece."""
        try:
            order = _in_one_order([list(_pieces(value)) for value in known])
        except CannotMerge:
            return self._decided()
        parts: list[Any] = []
        for key in order:
            piece = self.at(key, lambda value, wanted: _pieces(value).get(wanted, ABSENT)).merged()
            parts += parts_of(_empty_for_no_value(piece))
        return text_of(parts)

    def _decided(self) -> Any:
        value = self._merge.decision(self.value, _decide_value)
        return NO_VALUE if isinstance(value, _Mark) else value


def _decide_value(condition: str, one: Any, other: Any) -> Any:
    one, other = (NO_VALUE if value is ABSENT else value for value in (one, other))
    if NO_VALUE in (one, other) or not (_is_text(one) and _is_text(other)):
        return _if(condition, one, other)
    return _text_if(condition, one, other)


def _if(condition: str, one: Any, other: Any) -> Any:
    return one if one == other else {"Fn::If": [condition, one, other]}


def _text_if(condition: str, one: Any, other: Any) -> Any:
    """Texts that begin or end alike differ in between only."""
    a, b = parts_of(one), parts_of(other)
    before, a, b = _common(a, b)
    after, a, b = _common(a[::-1], b[::-1], reverse=True)
    middle = {"Fn::If": [condition, text_of(a[::-1]), text_of(b[::-1])]}
    return text_of([*before, middle, *after[::-1]])


def _common(one: list[Any], other: list[Any], *, reverse: bool = False) -> tuple[list[Any], list[Any], list[Any]]:
    """The parts with which both begin, and what is left of each. Long texts are cut where they begin to differ."""
    shared: list[Any] = []
    one, other = list(one), list(other)
    while one and other and one[0] == other[0]:
        shared.append(one.pop(0))
        other.pop(0)
    if one and other and isinstance(one[0], str) and isinstance(other[0], str):
        a, b = (text[::-1] if reverse else text for text in (one[0], other[0]))
        count = next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        if count > _WORTH_CUTTING:
            head, a, b = a[:count], a[count:], b[count:]
            head, one[0], other[0] = (text[::-1] if reverse else text for text in (head, a, b))
            shared.append(head)
    return shared, one, other


_WORTH_CUTTING = 60


def _endings(ending: Any) -> list[str]:
    match ending:
        case {"Fn::If": [_, one, other]}:
            return list(dict.fromkeys((*_endings(one), *_endings(other))))
    return [ending]


def _when(ending: Any, wanted: str) -> Any:
    """Under which conditions it is that one."""
    match ending:
        case {"Fn::If": [condition, one, other]}:
            return _either(condition, _when(one, wanted), _when(other, wanted), _decide_truth)
    return bool(ending == wanted)


def _referring(value: Any, name: str, ending: Any) -> Any:
    """The value with references to whichever of `name` there is; `DependsOn` names them all."""
    match value:
        case {"Ref": target} if target == name:
            return _reference(name, ending)
        case dict():
            return {
                key: [each for one in _listed(item) for each in _all_of(one, name, ending)]
                if key == "DependsOn"
                else _referring(item, name, ending)
                for key, item in value.items()
            }
        case list():
            return [_referring(item, name, ending) for item in value]
    return value


def _reference(name: str, ending: Any) -> Any:
    match ending:
        case {"Fn::If": [condition, one, other]}:
            return {"Fn::If": [condition, _reference(name, one), _reference(name, other)]}
    return {"Ref": f"{name}{ending}"}


def _all_of(target: str, name: str, ending: Any) -> list[str]:
    return [f"{name}{each}" for each in _endings(ending)] if target == name else [target]


def _decide_truth(condition: str, one: Any, other: Any) -> Any:
    """A decision between truths as a nested expression: names, ("not", x), ("and", x, y), ("or", x, y)."""
    match one, other:
        case True, False:
            says: Any = condition
        case False, True:
            says = ("not", condition)
        case True, _:
            says = ("or", condition, other)
        case _, True:
            says = ("or", ("not", condition), one)
        case _, False:
            says = ("and", condition, one)
        case False, _:
            says = ("and", ("not", condition), other)
        case _:
            says = ("or", ("and", condition, one), ("and", ("not", condition), other))
    return says


def _name(says: Any) -> str:
    match says:
        case str():
            return says
        case ("not", inner):
            return f"Not{_name(inner)}"
        case (word, one, other):
            return f"{_name(one)}{word.capitalize()}{_name(other)}"
    raise TypeError(says)


def _expression(says: Any) -> Any:
    match says:
        case str():
            return {"Condition": says}
        case ("not", inner):
            return {"Fn::Not": [_expression(inner)]}
        case (word, one, other):
            return {f"Fn::{word.capitalize()}": [_expression(one), _expression(other)]}
    raise TypeError(says)


def _is_function(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and _is_function(value) and value != NO_VALUE)


def _is_long_text(value: Any) -> bool:
    return _is_text(value) and len(_pieces(value)) > 1


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _identity(item: Any) -> str:
    if isinstance(item, dict):
        for name in ("Name", "Id", "Sid"):
            if isinstance(item.get(name), str):
                return f"{name} {item[name]}"
    return json.dumps(item, sort_keys=True)


def _named(items: Sequence[Any]) -> bool:
    return all(isinstance(item, dict) and isinstance(item.get("Name"), str) for item in items)


def _keyed(items: Sequence[Any]) -> dict[tuple[str, int], Any]:
    """Items by what they are, and by which of several alike."""
    found: dict[tuple[str, int], Any] = {}
    for item in items:
        name, number = _identity(item), 0
        while (name, number) in found:
            number += 1
        found[name, number] = item
    return found


_FEW = 2
_PIECE = re.compile(r"(?=[,}\]])")


def _pieces(text: Any) -> dict[tuple[str, int], Any]:
    """A JSON text, cut before each comma and each bracket that closes."""
    parts = parts_of(text)
    return _keyed([piece for part in parts for piece in (_PIECE.split(part) if isinstance(part, str) else [part])])


def _empty_for_no_value(piece: Any) -> Any:
    match piece:
        case {"Ref": "AWS::NoValue"}:
            return ""
        case {"Fn::If": [condition, one, other]}:
            return {"Fn::If": [condition, _empty_for_no_value(one), _empty_for_no_value(other)]}
    return piece


def _in_one_order(orders: Iterable[Sequence[Any]]) -> list[Any]:
    """All names in an order that keeps each given one.

    Raises:
        CannotMerge: there is none.
    """
    distinct = list(dict.fromkeys(tuple(order) for order in orders))
    waiting = list(dict.fromkeys(name for order in sorted(distinct, key=len, reverse=True) for name in order))
    before: dict[Any, set[Any]] = {name: set() for name in waiting}
    for order in distinct:
        for place, name in enumerate(order[1:], 1):
            before[name].add(order[place - 1])
    done: dict[Any, None] = {}
    while waiting:
        free = next((name for name in waiting if before[name] <= done.keys()), None)
        if free is None:
            raise CannotMerge("the order differs between combinations")
        waiting.remove(free)
        done[free] = None
    return list(done)


def _with(states: States, index: int, state: int) -> States:
    return (*states[:index], state, *states[index + 1 :])


def _neighbours(probes: Sequence[States]) -> Iterator[tuple[States, States]]:
    """Pairs that differ in one switch."""
    for place, one in enumerate(probes):
        for other in probes[place + 1 :]:
            if sum(a != b for a, b in zip(one, other, strict=True)) == 1:
                yield one, other
