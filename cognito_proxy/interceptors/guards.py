"""A user's own code around the calls of a proxy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import Annotations, Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.interceptors._guard_files import api_files, guard_files, module_file, own_sources
from cognito_proxy.interceptors._guard_source import GuardSource, read_source
from cognito_proxy.interceptors.failure_policy import FailurePolicy
from cognito_proxy.interceptors.made import Made, Watched, counted
from cognito_proxy_guards import OPERATIONS, Sensitive

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_MAX_NAMES = 25
_FAILURES = "GuardFailures"


@dataclass(frozen=True, kw_only=True)
class Guards:
    """Code of your own that is bundled with the proxy's function and stands around its calls.

    The module has `check`, `seen` or both, written with the package `cognito_proxy_guards`:

        def check(call: Call) -> Reject | None: ...
        def seen(call: Call, outcome: Outcome) -> None: ...

    `check` runs before a call goes on to Cognito and may refuse it, or tell the pool's triggers something. `seen` runs
    when Cognito has answered, before the client has the answer, and changes nothing. What they see of a call besides
    names is what stands here. It is no prison: the code runs in the proxy's process, with the function's role.

    Raises:
        PropertyError: a property is out of its bounds. The code itself is read when the proxy is made.
    """

    code: str | Path
    """The folder whose content is bundled; a relative path begins in the working directory. The modules in it, those
    from elsewhere included (`pip install --target`), are imported by their names. At most 50 MB."""

    module: str
    """The module in the folder that has the functions: `my_guards`, or `my_package.guards`."""

    timeout: Duration | None = None
    """How long each of the functions may take, from 1 millisecond to 10 seconds. Users wait for it on every call.
    Default: 500 milliseconds."""

    on_failure: FailurePolicy = FailurePolicy.OPEN
    """What becomes of a call whose `check` raises, gives something else, overruns its time, or cannot be imported.
    After Cognito's answer nothing fails a call. Default: `FailurePolicy.OPEN`, it goes on."""

    operations: Sequence[str] = ()
    """For which of Cognito's operations they run, by name, such as `SignUp`. Default: all that the proxy offers."""

    attributes: Sequence[str] = ()
    """User attributes whose values they see, such as `email`, where a call sets them. Default: none, only names."""

    metadata: Sequence[str] = ()
    """Entries of the app's `ClientMetadata` whose values they see. Default: none, only names."""

    sees: Sequence[str] = ()
    """Passwords, codes, tokens and the like that they see, by their names in `cognito_proxy_guards.Sensitive`; each
    warns. Default: none."""

    tells: Sequence[str] = ()
    """Entries of `ClientMetadata` that `check` may set for the pool's triggers. What a client sends under these names
    is taken out of every call, so a trigger may rely on them. Default: none."""

    def __post_init__(self) -> None:
        if _MODULE.fullmatch(self.module) is None:
            raise PropertyError(f"module must be a module's dotted name, not {self.module!r}")
        require_duration_between("timeout", self._timeout, Duration.millis(1), Duration.seconds(10))
        _require_known("operations", self.operations, OPERATIONS)
        _require_known("sees", self.sees, frozenset(Sensitive))
        for name in ("attributes", "metadata", "tells"):
            _require_names(name, getattr(self, name))

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:  # noqa: ARG002 - stores nothing
        """Read the code, and gather what is bundled.

        Raises:
            PropertyError: the folder, the module or a function of it is not as described.
        """
        folder = Path(self.code).absolute()
        files = guard_files(folder, self.module)
        source = self._source(folder, files)
        self._warn(scope, source)
        return Made(settings={"guards": self._part(source)}, files=files | api_files(), watched=_watched)

    def has_observer(self) -> bool:
        """Whether the module has `seen`.

        Raises:
            PropertyError: as in `make`.
        """
        folder = Path(self.code).absolute()
        return "seen" in self._source(folder, guard_files(folder, self.module)).functions

    @property
    def _timeout(self) -> Duration:
        return self.timeout or Duration.millis(500)

    def _source(self, folder: Path, files: dict[str, Path]) -> GuardSource:
        return read_source(self.module, module_file(folder, self.module), own_sources(files, self.module))

    def _part(self, source: GuardSource) -> dict[str, Any]:
        optional = {
            "closed": self.on_failure == FailurePolicy.CLOSED,
            **{name: sorted(getattr(self, name)) for name in ("operations", "attributes", "metadata", "sees", "tells")},
        }
        return {
            "module": self.module,
            "functions": list(source.functions),
            "seconds": self._timeout.to_milliseconds() / 1000,
            **{name: value for name, value in optional.items() if value},
        }

    def _warn(self, scope: Construct, source: GuardSource) -> None:
        if self.sees:
            Annotations.of(scope).add_warning_v2(
                "@cognito-proxy:guardSees",
                f"guards: the code in {self.module!r} sees {', '.join(sorted(self.sees))} of users. Whoever can change "
                "it, or reads what it logs or sends, can act as them. Review it as you would the proxy itself.",
            )
        if source.unread is not None:
            Annotations.of(scope).add_warning_v2(
                "@cognito-proxy:guardUnread",
                f"guards: the code was not checked, since this Python cannot read it. {source.unread}",
            )


def _watched(function: lambda_.IFunction) -> tuple[Watched, ...]:
    return (Watched(alarm_id=_FAILURES, metric=counted(function, _FAILURES), what="had guards that failed"),)


def check_observer(guards: Guards | None, *, sees_answers: bool) -> None:
    """Refuse an observer where the proxy's function never sees an answer of Cognito's.

    Raises:
        PropertyError: there is one.
    """
    if guards is not None and not sees_answers and guards.has_observer():
        raise PropertyError(
            f"guards: seen of {guards.module!r} would never run: at the edge CloudFront carries Cognito's answers past "
            "the function, but for sign-ins with threat_protection and edge_admin_calls=GENERATED; name a module "
            "without it"
        )


def _require_known(name: str, values: Sequence[str], known: frozenset[str]) -> None:
    for value in values:
        if value not in known:
            raise PropertyError(f"{name}: {value!r} is none of {', '.join(sorted(known))}")


def _require_names(name: str, values: Sequence[str]) -> None:
    if len(values) > _MAX_NAMES:
        raise PropertyError(f"{name} must hold at most {_MAX_NAMES} names, not {len(values)}")
    for value in values:
        if _NAME.fullmatch(value) is None:
            raise PropertyError(f"{name}: {value!r} is not 1 to 128 letters, digits and _ . : -")
