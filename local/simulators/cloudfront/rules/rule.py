"""What a rule is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from local.simulators.cloudfront.event import Request


@dataclass(frozen=True, kw_only=True)
class Result:
    """A handler's answer beside the request that it was given."""

    event: Request
    answer: dict[str, Any]
    """A request to go on, or a generated response; taken from JSON, so of JSON's types only."""


Check = Callable[[Result], Iterable[str]]
"""What a rule looks at."""


@dataclass(frozen=True)
class Rule:
    """One documented restriction on what a function may return, as a row of a table: id, sentence, source, check."""

    rule_id: str
    """Stable name: `subject.what`."""
    sentence: str
    """The restriction in one sentence."""
    source: str
    """Page of the CloudFront Developer Guide, and `(strict)` where the page leaves open what is enforced here."""
    check: Check
    """Yields what breaks the rule: names, lengths and types, never a value of a header or a body."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule that an answer breaks."""

    rule: Rule
    detail: str

    def __str__(self) -> str:
        return f"[{self.rule.rule_id}] {self.rule.sentence}: {self.detail} ({self.rule.source})"


def broken(rules: Iterable[Rule], result: Result) -> list[Violation]:
    """All violations of the rules, in the rules' order."""
    return [Violation(rule=rule, detail=detail) for rule in rules for detail in rule.check(result)]
