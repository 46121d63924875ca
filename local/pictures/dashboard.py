"""A dashboard's JSON as a picture, roughly as CloudWatch shows it."""

import importlib
from pathlib import Path
from typing import Any

from local.pictures.made_up_day import POINTS, lines

_COLUMNS = 24
_INCHES_A_COLUMN, _INCHES_A_ROW = 0.55, 0.42
_SHOWN = 6
"""Names in a legend; CloudWatch lets one scroll."""


def draw(body: dict[str, Any], target: Path) -> None:
    """Draw the widgets where the JSON puts them; the values are made up."""
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot = importlib.import_module("matplotlib.pyplot")
    widgets = body["widgets"]
    height = max(widget["y"] + widget["height"] for widget in widgets)
    figure = pyplot.figure(figsize=(_COLUMNS * _INCHES_A_COLUMN, height * _INCHES_A_ROW), dpi=80)
    for widget in widgets:
        left, bottom = widget["x"] / _COLUMNS, 1 - (widget["y"] + widget["height"]) / height
        box = (
            left + 0.03,
            bottom + 0.9 / height,
            widget["width"] / _COLUMNS - 0.04,
            (widget["height"] - 1.8) / height,
        )
        axes = figure.add_axes(box)
        axes.set_title(widget["properties"]["title"], fontsize=8, loc="left")
        if widget["type"] == "alarm":
            _draw_alarms(axes, widget["properties"]["alarms"])
        else:
            _draw_lines(axes, widget["properties"])
    figure.savefig(target, metadata={"Software": None})
    pyplot.close(figure)


def _draw_alarms(axes: Any, alarms: list[str]) -> None:
    columns = 8
    for place, alarm in enumerate(alarms):
        name = alarm.strip("<>").removeprefix("Monitoring").removeprefix("Alarms")[:-8]
        axes.text(
            (place % columns) / columns,
            0.9 - 0.32 * (place // columns),
            name.removeprefix("Cognito"),
            fontsize=5,
            bbox={"facecolor": "#d5ecd4", "edgecolor": "#5a9e58"},
        )
    axes.axis("off")


def _draw_lines(axes: Any, properties: dict[str, Any]) -> None:
    hours = [12 * at / POINTS for at in range(POINTS)]
    found = list(lines(properties["metrics"]))
    if properties.get("stacked"):
        axes.stackplot(hours, [values for _, values in found], labels=[label for label, _ in found], alpha=0.8)
    else:
        for label, values in found:
            axes.plot(hours, values, label=label, linewidth=0.9)
    for annotation in properties.get("annotations", {}).get("horizontal", ()):
        axes.axhline(annotation["value"], color=annotation.get("color"), linestyle="--", linewidth=0.8)
    axes.set_xlim(0, 12)
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=5)
    handles, labels = axes.get_legend_handles_labels()
    by_height = sorted(range(len(labels)), key=lambda at: -max(found[at][1]))[:_SHOWN]
    axes.legend([handles[at] for at in by_height], [labels[at] for at in by_height], fontsize=4.5, loc="upper left")
