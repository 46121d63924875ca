"""Where flags come from: the context (`-c name=value`, cdk.json), and the file that the flag `config` names.

The CDK merges `-c` and cdk.json before the app sees them, and keeps the last of two `-c` with one name
(aws-cdk, parseStringContextListToObject): no app can tell. What the file says, the app reads itself.
"""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacks.flags.errors import FlagError, shown
from stacks.flags.table import FLAGS

CONFIG = "config"
"""The flag that names a file with flags."""

# Keys of the CDK command line.
_CDK_OWN = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})


def read_flags(context: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
    """Every flag that is given, parsed. A relative path in `config` begins in `folder`.

    Raises:
        FlagError: one is unknown, empty or wrong, or stands in both places with different values.
    """
    ours = {name: value for name, value in context.items() if _is_ours(name)}
    config = ours.pop(CONFIG, None)
    given = _parsed(ours, where="")
    if config is None:
        return given
    stored = _file(config, folder)
    where = f" in {config}"
    parsed = _parsed(stored, where=where)
    for name in parsed.keys() & given.keys():
        if parsed[name] != given[name]:
            raise FlagError(
                f"{name}: {shown(ours[name])} with -c or in cdk.json, {shown(stored[name])}{where}; give one of them"
            )
    return parsed | given


def _parsed(flags: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    for name in flags:
        if name not in FLAGS:
            raise FlagError(_unknown(name, where))
    try:
        return {name: FLAGS[name].read(name, value) for name, value in flags.items()}
    except FlagError as error:
        raise FlagError(f"{error} (read{where})" if where else str(error)) from None


def _file(config: Any, folder: Path) -> dict[str, Any]:
    if not isinstance(config, str) or not config.strip():
        raise FlagError(f"{CONFIG}: {shown(config)} is not allowed; allowed is a file with a JSON object of flags")
    path = folder / config.strip()
    try:
        flags = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_doubles)
    except OSError as error:
        raise FlagError(f"{CONFIG}: {shown(config)} cannot be read: {error.strerror} ({path})") from None
    except (ValueError, RecursionError) as error:
        raise FlagError(f"{CONFIG}: {shown(config)} is no JSON object of flags: {error}") from None
    if not isinstance(flags, dict):
        raise FlagError(f"{CONFIG}: {shown(config)} is no JSON object of flags, but {shown(flags)}")
    return flags


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} stands there twice")
    return dict(pairs)


def _is_ours(name: str) -> bool:
    """Keys of CDK and of its libraries hold one of these signs: `aws:cdk:…`, `@aws-cdk/…`, `vpc-provider:…`."""
    return not any(sign in name for sign in ":/@") and name not in _CDK_OWN


def _unknown(name: str, where: str) -> str:
    known = list(FLAGS) if where else [*FLAGS, CONFIG]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"known flags are {', '.join(known)}"
    return f"{name}: unknown flag{where}; {hint}"
