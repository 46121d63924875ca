"""cfn-lint within this process, where its rules are loaded once: as a command it needs two seconds to come up."""

from functools import cache

from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner

IGNORES = "W3005"
"""CDK names the role as a dependency of its function, which refers to it anyway."""


@cache
def findings(template: str) -> tuple[str, ...]:
    """What `cfn-lint --ignore-checks W3005` says of a template's text. One that was seen before is not read again."""
    document, errors = decode_str(template)
    return tuple(map(str, errors or _linter().validate_template(document)))


@cache
def _linter() -> Runner:
    return Runner(ConfigMixIn(ignore_checks=[IGNORES]))
