"""Every kind of template in one folder, to compare two versions of the project: `make templates OUT=folder`.

What changes with the code of a function alone is left out: asset hashes, and the logical ids of function versions.
So `diff --recursive` of two such folders is empty when an upgrade changes nothing but code.
"""

import json
import sys
from pathlib import Path

from aws_cdk import App
from aws_cdk.assertions import Template

import app as deployment_plan
from tests.app.flag_sets import FLAG_SETS
from tests.constructs.synthesized import masked


def main(folder: Path) -> int:
    """Write `<set of flags>/<stack>.json` for each set; an older content of the folder stays, so take an empty one."""
    for name, flags in FLAG_SETS.items():
        app = App(context=dict(flags))
        deployment_plan.plan(app)
        target = folder / name.replace(" ", "-")
        target.mkdir(parents=True, exist_ok=True)
        for artifact in app.synth().stacks:
            template = masked(Template.from_json(artifact.template))
            (target / f"{artifact.stack_name}.json").write_text(json.dumps(template, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
