"""A report as tables for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from local.attack.results import Outcome, Played, Report, Setting

CAVEATS = """\
The firewall here counts exactly and at once. On AWS it estimates, and usually reacts within 30 seconds, at times after
minutes: a real flood gets further.
The functions log addresses here (log_plain=true). By default they log keyed hashes, and then top names less to block.
Cognito's quotas and its lock-out after wrong passwords are not modelled: what reaches it can hurt ordinary users.
"""
"""What the numbers do not show. "Usually, this delay is below 30 seconds", and "up to several minutes":
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-caveats.html
"""

_SHOWN_BLOCKS = 3


def tell(report: Report, console: Console) -> None:
    """Print it."""
    for played in report.played:
        console.print()
        console.print(_table(played))
        if blocks := played.outcomes.get(Setting.BLOCKS):
            console.print(_blocked(blocks), style="dim")
    console.print()
    console.print(
        f"Straight at Cognito with the proxy's own app client: {report.bypass_sent - report.bypass_passed} of "
        f"{report.bypass_sent} calls refused, since they lack the secret hash."
    )
    for line in _remarks(report):
        console.print(line)


def _table(played: Played) -> Table:
    table = Table(title=f"{played.title}: {played.what}", title_justify="left", title_style="bold")
    table.add_column("what stands before Cognito")
    for head in ("sent", "reached Cognito", "of these, second half", played.gain, "users hurt", "their calls refused"):
        table.add_column(head, justify="right")
    if played.price is not None:
        table.add_column("spent, e.g.", justify="right")
    for setting in played.settings:
        outcome = played.outcomes.get(setting)
        table.add_row(setting.caption, *(_cells(outcome, played.price) if outcome else ["not played"]))
    return table


def _cells(outcome: Outcome, price: float | None) -> list[str]:
    spent = [] if price is None else [f"${outcome.gained * price:.2f}"]
    return [
        str(outcome.sent),
        str(outcome.reached),
        f"{outcome.reached_later} of {outcome.sent_later}",
        str(outcome.gained),
        f"{outcome.hurt} of {outcome.users}",
        str(outcome.refused),
        *spent,
    ]


def _blocked(outcome: Outcome) -> str:
    if not outcome.blocked:
        return "top names nobody whom one can block."
    default = "the same" if outcome.blocked_by_default == outcome.blocked else _few(outcome.blocked_by_default)
    return f"Blocked after the first half: {_few(outcome.blocked)}. Without log_plain: {default}."


def _few(blocked: Sequence[str]) -> str:
    more = len(blocked) - _SHOWN_BLOCKS
    return (", ".join(blocked[:_SHOWN_BLOCKS]) or "nobody") + (f" and {more} more" if more > 0 else "")


def _remarks(report: Report) -> Iterator[str]:
    yield CAVEATS.rstrip()
    for played in report.played:
        if (rules := played.outcomes.get(Setting.PHONE_RULES)) and rules.uncounted:
            yield (
                f"{played.title}: {rules.uncounted} calls passed uncounted, since the table did not answer in time: is "
                "the machine busy?"
            )
        if played.price is not None:
            yield (
                f"{played.title}: no message is sent here; each sign-up that Cognito took stands for one. The dollars "
                f"are an example, ${played.price} each; numbers that fraud is about cost many times that."
            )
    if report.not_evaluated:
        yield f"Not evaluated, since AWS alone knows what is in them: {', '.join(report.not_evaluated)}."
    yield f"Played in {report.seconds:.0f} seconds."
    if not report.complete:
        yield "The time was up before all was played: play fewer with --only, or on a machine with less to do."
