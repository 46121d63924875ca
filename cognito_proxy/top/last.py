"""The last run of `cognito-proxy top`, for `ip block --from-top` and `--row`: a file in the user's state folder.

It holds addresses, which are personal data: only its owner may read it, and the next run replaces it.
"""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cognito_proxy.smoke.leftovers import state_folder
from cognito_proxy.top.look import Answer
from cognito_proxy.top.questions import Kind, Subject
from cognito_proxy.top.rows import Finding, Row
from cognito_proxy.top.running import Window

MOST_SECONDS = 3600
"""After an hour it is not used any more: addresses change hands."""

_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Last:
    """What the last run named."""

    at: datetime
    proxy: Mapping[str, str]
    """Which proxy it was about, by `proxy_key`."""
    subject: Subject
    window: Window
    rows: Sequence[Row]


def proxy_key(*, stack: str, region: str, local: bool) -> dict[str, str]:
    """What tells one proxy from another."""
    return {"stack": stack, "region": region, "where": "this machine" if local else "AWS"}


def last_file() -> Path:
    """Where it is."""
    return state_folder().parent / "top" / "last.json"


def keep(answer: Answer, *, proxy: Mapping[str, str], at: datetime, file: Path | None = None) -> None:
    """Replace the file, in one step.

    Raises:
        OSError: it cannot be written.
    """
    file = file or last_file()
    document = {
        "version": _VERSION,
        "at": at.isoformat(),
        "proxy": dict(proxy),
        "subject": answer.subject.value,
        "since": answer.window.since.isoformat(),
        "until": answer.window.until.isoformat(),
        "rows": [row.fields for row in answer.rows],
    }
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Made readable for its owner alone.
    handle, partial = tempfile.mkstemp(dir=file.parent, prefix=".last.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream, indent=2)
        Path(partial).replace(file)
    finally:
        Path(partial).unlink(missing_ok=True)


def last(file: Path | None = None) -> Last | None:
    """The last run; None: there is none, or it is not one of this version's."""
    try:
        return _read(json.loads((file or last_file()).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None


def _read(document: Mapping[str, Any]) -> Last:
    if document["version"] != _VERSION:
        raise ValueError(document["version"])
    return Last(
        at=_moment(document["at"]),
        proxy={str(key): str(value) for key, value in document["proxy"].items()},
        subject=Subject(document["subject"]),
        window=Window(since=_moment(document["since"]), until=_moment(document["until"])),
        rows=[
            Row(who=str(row["who"]), kind=Kind(row["kind"]), findings=_findings(row["findings"]))
            for row in document["rows"]
        ],
    )


def _findings(rows: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    if not rows:
        raise ValueError("a row without evidence")
    return tuple(
        Finding(count=int(each["count"]), measure=str(each["measure"]), query=str(each["query"])) for each in rows
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
