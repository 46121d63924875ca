"""`python -m local.demo`: one user's story through every variant, with what went over the wire."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from local import stopping
from local.errors import LocalRunError
from local.fronts.variants import VARIANTS
from local.paths import WORK_DIR, nearby
from local.run import LocalRun, local_run
from local.stopping import Stopped
from local.story import Step, Story
from local.switches import context_of
from local.wire import shape, wire_table

_NARROWEST = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell the story on every variant. Gives the exit code: 0 when all went as expected, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="One user's story, on this machine.")
    parser.add_argument("--work-dir", type=Path, default=WORK_DIR / "demo", help="folder (default: .local/demo)")
    work_dir = parser.parse_args(arguments).work_dir
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _NARROWEST)
    stopping.heed_signals()
    console.print(
        "One user, [bold]from sign-up to sign-out[/bold], on this machine. The proxy is deployed from the synthesized\n"
        "template. Values of passwords, codes, tokens and hashes are not shown, only that they are there.\n"
        "To point an app of your own at the proxy: make local."
    )
    try:
        context = context_of(os.environ)
        verdicts = [_tell(console, name, context, work_dir / name) for name in VARIANTS]
    except Stopped:
        return 130
    except LocalRunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    console.print()
    for line, _ in verdicts:
        console.print(line)
    return 0 if all(good for _, good in verdicts) else 1


def _tell(console: Console, variant: str, context: Mapping[str, str], work_dir: Path) -> tuple[Text, bool]:
    """Tell the story on one variant. Gives the verdict and whether it is good."""
    console.print()
    console.rule(f"variant {variant}", align="left")
    with local_run(
        variant=variant, context=context, work_dir=work_dir, say=lambda line: console.print(Text(line, style="dim"))
    ) as run:
        console.print(
            Text(f"what was changed for the emulator: {nearby(run.changes.file)}", style="dim"), soft_wrap=True
        )
        narrator = Narrator(console, run)
        results = [narrator.take(step) for step in Story(run.outputs).steps()]
    wrong = results.count(False)
    verdict = f"{wrong} not as expected" if wrong else "all as expected"
    return Text(f"{variant}: {len(results)} steps, {verdict}", style="bold red" if wrong else "bold green"), not wrong


class Narrator:
    """Takes the steps of a story and tells what each put on the wire; what was told before it only points at."""

    def __init__(self, console: Console, run: LocalRun) -> None:
        self._console = console
        self._run = run
        self._told: list[object] = []

    def take(self, step: Step) -> bool:
        """Take a step. Gives whether it came out as expected."""
        stopping.checkpoint()
        self._run.journal.clear()
        self._run.viewer_journal.clear()
        outcome = step.outcome()
        good = outcome == step.refused_as
        mark = ("✓", "bold green") if good else ("✗", "bold red")
        self._console.print()
        self._console.print(Text.assemble(mark, f" {len(self._told) + 1:>2} ", (step.title, "bold")))
        self._tell_wire()
        if not good:
            expected = step.refused_as or "success"
            self._console.print(Text(f"    expected {expected}, but got {outcome or 'success'}", style="bold red"))
        return good

    def _tell_wire(self) -> None:
        viewer, cognito = self._run.viewer_journal.calls(), self._run.journal.calls()
        told = (shape(viewer), shape(cognito))
        if told in self._told:
            self._console.print(Text(f"    the same as in step {self._told.index(told) + 1}", style="dim"))
        else:
            self._console.print(wire_table(viewer, cognito))
        self._told.append(told)


if __name__ == "__main__":
    sys.exit(main())
