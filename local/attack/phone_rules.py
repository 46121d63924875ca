"""The phone rules of the attacked proxy: as they were deployed, or taken out of what its function is told."""

import json
from typing import Any

from local.run import LocalRun

_KEYS = ("phone_rules", "message_ceilings")
_VARIABLE = "PROXY_SETTINGS"
_HANDLER = "proxy.regional.handler"


class PhoneRulesSwitch:
    """Begins as the run was deployed. Where that has no phone rules, there is nothing to switch."""

    def __init__(self, run: LocalRun) -> None:
        """`run`: of whichever variant; the edge has no such settings in a function's environment."""
        self._lambda = run.client("lambda", region=run.outputs.stack_region)
        self._function = _function_of(run)
        self._deployed: dict[str, str] = self._environment() if self._function else {}
        self._settings: dict[str, Any] = json.loads(self._deployed.get(_VARIABLE, "{}"))
        self._is_on = any(key in self._settings for key in _KEYS)
        self._can_switch = self._is_on

    def use(self, wanted: bool) -> None:  # noqa: FBT001 - a switch
        """Switch them on or off."""
        if not self._can_switch or wanted == self._is_on:
            return
        settings = {key: part for key, part in self._settings.items() if wanted or key not in _KEYS}
        variables = {**self._deployed, _VARIABLE: json.dumps(settings)}
        self._lambda.update_function_configuration(FunctionName=self._function, Environment={"Variables": variables})
        self._is_on = wanted

    def _environment(self) -> dict[str, str]:
        found = self._lambda.get_function_configuration(FunctionName=self._function)
        variables: dict[str, str] = found.get("Environment", {}).get("Variables", {})
        return variables


def _function_of(run: LocalRun) -> str:
    """Name of the proxy's function; empty at the edge."""
    for stack in run.stacks.values():
        for logical_id, resource in stack.template["Resources"].items():
            is_function = resource["Type"] == "AWS::Lambda::Function"
            if is_function and resource["Properties"].get("Handler") == _HANDLER:
                return str(stack.physical_ids[logical_id])
    return ""
