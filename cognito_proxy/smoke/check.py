"""What a check is, and its result."""

from collections.abc import Callable
from dataclasses import dataclass

from cognito_proxy.smoke.verdicts import Need, Verdict
from cognito_proxy.smoke.world import World


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise, and how it is tried.

    The modules of checks end in tables of them: rows that are alike on purpose, one after the other in the plan.
    """

    name: str
    """In kebab-case; what `--only` and `--skip` take."""
    promise: str
    """What is promised, in one sentence."""
    run: Callable[[World], str]
    """Gives the evidence in one line. Raises Failed or NotCheckable."""
    needs: frozenset[Need] = frozenset()
    """Default: nothing but the endpoint."""
    after: tuple[str, ...] = ()
    """Checks whose failure explains this one's: when one of them failed, this one is skipped."""
    advice: str
    """What to do when it fails."""
    probe: str = ""
    """Number of the probe, `C1`. Default: - it is an ordinary check."""
    is_of_aws: bool = False
    """Whether it is AWS's own behaviour that is promised, so that an emulator's is no proof. Default: False."""
    proves: tuple[str, ...] = ()
    """Names of the promises in README.md and docs/ that it shows to be kept: docs/proofs.md is written from them.
    Default: - of none."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one check."""

    check: Check
    verdict: Verdict
    evidence: str
    """One line, without anything secret."""
    advice: str = ""
    """With `FAILED`: what to do."""
    seconds: float = 0.0
