"""The shell commands of a document, by the heading that they stand under."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.docs.markdown import ROOT

CLIENTS = ROOT / "docs" / "clients.md"

_HEADING = re.compile(r"#+ (.+)")


def shell_blocks(document: Path = CLIENTS) -> Mapping[str, list[str]]:
    """What stands between "```sh" and "```"."""
    found: dict[str, list[str]] = {}
    heading, block = "", None
    for line in document.read_text(encoding="utf-8").splitlines(keepends=True):
        if block is not None:
            if line == "```\n":
                found.setdefault(heading, []).append("".join(block))
                block = None
            else:
                block.append(line)
        elif line == "```sh\n":
            block = []
        elif named := _HEADING.fullmatch(line.rstrip("\n")):
            heading = named[1]
    return found
