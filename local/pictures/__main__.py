"""`make pictures`: draw the dashboard of the regional variant into docs/images/."""

import json
import sys
from pathlib import Path
from typing import Any

from aws_cdk import App

import app as deployment_plan
from local.pictures.dashboard import draw
from local.pictures.plain_text import plain_text

_FLAGS = {"rotation_days": "30", "app_clients": "web,ios"}
_TARGET = Path(__file__).parents[2] / "docs" / "images" / "dashboard.png"


def main() -> int:
    """Draw it."""
    made = App(context=_FLAGS)
    deployment_plan.plan(made)
    (stack,) = made.synth().stacks
    resources: dict[str, Any] = stack.template["Resources"]
    (body,) = (
        resource["Properties"]["DashboardBody"]
        for resource in resources.values()
        if resource["Type"] == "AWS::CloudWatch::Dashboard"
    )
    _TARGET.parent.mkdir(exist_ok=True)
    draw(json.loads(plain_text(body)), _TARGET)
    print(_TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
