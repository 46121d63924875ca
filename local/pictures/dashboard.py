"""A dashboard's JSON over recorded metrics as a picture, roughly as CloudWatch shows it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from local.attack.day import RecordedDay
from local.fronts.metrics import COUNTED
from local.screen.alarm_lines import alarm_name
from local.simulators.cloudwatch.alarms import State
from local.simulators.cloudwatch.graphs import Line, Span, lines

PERIOD = 300
"""Seconds a point: the period of every widget."""

EMPTY, NOTHING = "no data on one machine", "none in this time"
"""In a widget whose metrics a local run cannot have, and in one that nothing was counted for."""

_COLUMNS = 24
_INCHES_A_COLUMN, _INCHES_A_ROW, _DPI = 0.6, 0.44, 90
_CAPTION_ROWS = 1.2
_SHOWN = 6
"""Names in a legend; CloudWatch lets one scroll."""
_ALARMS_IN_A_ROW = 6
_LOOKS = {State.OK: ("#d5ecd4", "#5a9e58"), State.ALARM: ("#f5c6c2", "#b3261e"), None: ("#eeeeee", "#999999")}


def draw(body: Mapping[str, Any], day: RecordedDay, states: Mapping[str, State | None], target: Path) -> None:
    """Draw the widgets where the JSON puts them. `states` are the alarms' at the end; None: it sees nothing here."""
    widgets = body["widgets"]
    rows = max(widget["y"] + widget["height"] for widget in widgets)
    whole = rows + _CAPTION_ROWS
    figure = Figure(figsize=(_COLUMNS * _INCHES_A_COLUMN, whole * _INCHES_A_ROW), dpi=_DPI)
    figure.text(0.028, 1 - 0.6 * _CAPTION_ROWS / whole, _caption(day), fontsize=9, va="center")
    for widget in widgets:
        left, bottom = widget["x"] / _COLUMNS, 1 - (_CAPTION_ROWS + widget["y"] + widget["height"]) / whole
        axes = figure.add_axes(
            (left + 0.028, bottom + 0.8 / whole, widget["width"] / _COLUMNS - 0.036, (widget["height"] - 1.6) / whole)
        )
        axes.set_title(widget["properties"]["title"], fontsize=9, loc="left", fontweight="bold")
        if widget["type"] == "alarm":
            _draw_alarms(axes, widget["properties"]["alarms"], states)
        else:
            _draw_lines(axes, widget["properties"], day)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, format="png", metadata={"Software": None})


def _caption(day: RecordedDay) -> str:
    """What the letters in the graphs stand for."""
    named = ", ".join(f"{letter}: {title}" for letter, _, title in _attacks(day))
    return f"Minutes of a morning that was played on one machine. {named}."


def _attacks(day: RecordedDay) -> list[tuple[str, int, str]]:
    """Letter, begin in seconds and title of each."""
    begun = [(began, title) for began, title in day.marks if title]
    return [(letter, began, title) for letter, (began, title) in zip("ABCDEFGH", begun, strict=False)]


def _draw_alarms(axes: Axes, alarms: Sequence[str], states: Mapping[str, State | None]) -> None:
    for place, alarm in enumerate(alarms):
        state = states[alarm]
        face, edge = _LOOKS[state]
        words = f"{alarm_name(alarm)}: {state or 'not seen here'}"
        axes.text(
            (place % _ALARMS_IN_A_ROW) / _ALARMS_IN_A_ROW,
            0.85 - 0.27 * (place // _ALARMS_IN_A_ROW),
            words,
            fontsize=6.5,
            fontweight="bold" if state is State.ALARM else "normal",
            bbox={"facecolor": face, "edgecolor": edge, "boxstyle": "round,pad=0.35"},
        )
    axes.axis("off")


def _draw_lines(axes: Axes, properties: Mapping[str, Any], day: RecordedDay) -> None:
    span = Span(start=0, end=day.seconds, period=PERIOD)
    found = sorted(lines(properties, day.metrics, span), key=lambda line: -max(_values(line)))
    minutes = [at / 60 for at in span.moments()]
    if not found:
        axes.text(0.5, 0.5, _why_empty(properties), transform=axes.transAxes, ha="center", color="#777777", fontsize=9)
    elif properties.get("stacked"):
        axes.stackplot(minutes, [_values(line) for line in found], labels=[line.label for line in found], alpha=0.85)
    else:
        for line in found:
            axes.plot(minutes, _points(line), label=line.label, linewidth=1.4, marker=".", markersize=3)
    for annotation in properties.get("annotations", {}).get("horizontal", ()):
        axes.axhline(annotation["value"], color=annotation.get("color"), linestyle="--", linewidth=0.8)
    for letter, began, _ in _attacks(day):
        axes.axvline(began / 60, color="#bbbbbb", linewidth=0.6, zorder=0)
        # Low, where no legend is.
        axes.text(began / 60 + 0.5, 0.03, letter, transform=axes.get_xaxis_transform(), fontsize=7, color="#333333")
    axes.set_xlim(0, minutes[-1])
    highest = axes.get_ylim()[1] if any(any(_values(line)) for line in found) else 1.0
    # Above the lines there is room for their names.
    axes.set_ylim(bottom=0, top=highest * (1 + 0.07 * min(len(found), _SHOWN)))
    axes.tick_params(labelsize=6.5)
    axes.spines[["top", "right"]].set_visible(False)
    if found:
        axes.legend(*_legend(axes), fontsize=6.5, loc="upper left", framealpha=0.75)
    else:
        axes.set_yticks([])


def _legend(axes: Axes) -> tuple[list[Any], list[str]]:
    handles, labels = axes.get_legend_handles_labels()
    return handles[:_SHOWN], labels[:_SHOWN]


def _points(line: Line) -> list[float]:
    """A period without data is a gap."""
    return [float("nan") if point is None else point for point in line.points]


def _values(line: Line) -> list[float]:
    """What is stacked needs numbers: nothing counted is nothing."""
    return [point or 0.0 for point in line.points]


def _why_empty(properties: Mapping[str, Any]) -> str:
    """Whether a local run could have counted something for this widget."""
    for row in properties["metrics"]:
        namespace, name = _named(row)
        # Rotations run now and then; what the emulator logs of them is not read.
        if name in COUNTED.get(namespace, ()) and properties["title"] != "Rotations: runs and errors":
            return NOTHING
    return EMPTY


def _named(row: Sequence[Any]) -> tuple[str, str]:
    """Namespace and name of a widget's metric; of a search from its text; of other math nothing."""
    if not isinstance(row[0], dict):
        return str(row[0]), str(row[1])
    schema, _, rest = str(row[0]["expression"]).partition("} MetricName=")
    return schema.partition("{")[2].partition(",")[0], rest.strip('"').partition('"')[0]
