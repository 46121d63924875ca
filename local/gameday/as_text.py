"""The day as a table, and what was promised of it."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.gameday.day import Scene
from local.gameday.load import REFRESH, SIGN_IN


def tell(scenes: Sequence[Scene], console: Console) -> None:
    """Print what happened in each scene, and whether it is what was promised."""
    table = Table(title="A Region goes away, and comes back", title_justify="left")
    for heading in ("scene", "seconds", "signed in", "refreshed", "failed", "kept"):
        table.add_column(heading, justify="left" if heading in ("scene", "failed", "kept") else "right")
    for scene in scenes:
        table.add_row(
            scene.name,
            f"{scene.seconds:.0f}",
            str(scene.succeeded[SIGN_IN]),
            str(scene.succeeded[REFRESH]),
            _counted(scene.failed) or "none",
            "no" if scene.broken else "yes",
        )
    console.print(table)
    for scene in scenes:
        console.print(Text(f"{scene.name}: promised is that {scene.promise.value}."))
        if scene.may_fail:
            what = "sign-in was" if scene.may_fail == 1 else "sign-ins were"
            console.print(Text(f"  {scene.may_fail} {what} under way at the moment of a switch"))
        for note in scene.notes:
            console.print(Text(f"  {note}"))
        for broken in scene.broken:
            console.print(Text(f"  NOT KEPT: {broken}", style="bold red"))


def _counted(failed: Counter[str]) -> str:
    return ", ".join(f"{count} of {what}" for what, count in failed.items())
