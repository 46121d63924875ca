"""A report as a picture: what share of each attack reached Cognito, by what stands before it."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from local.attack.results import USUAL, Outcome, Played, Report, Setting

# From dark to light and with hatching, so that they differ in grey as well.
_LOOKS = {
    Setting.DIRECT: ("#202020", ""),
    Setting.PROXY: ("#707070", ""),
    Setting.FIREWALL: ("#a8c4e0", "///"),
    Setting.BLOCKS: ("#ffffff", "..."),
    Setting.PHONE_RULES: ("#4f7fb0", "xxx"),
}
_WIDTH, _ROW, _DPI = 8.0, 0.95, 100
_BAR = 0.19


def draw(report: Report, file: Path) -> None:
    """Write it as a PNG. Names of scenarios and numbers stand in it, and nothing about the machine."""
    figure = Figure(figsize=(_WIDTH, 1.3 + _ROW * len(report.played)), dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    shown = [setting for setting in Setting if any(setting in played.settings for played in report.played)]
    for setting in shown:
        _bars(axes, report.played, setting)
    axes.set_yticks(range(len(report.played)), [played.title.replace(", ", "\n") for played in report.played])
    axes.invert_yaxis()
    axes.set_xlim(0, 128)
    axes.set_xticks(range(0, 101, 25))
    axes.set_xlabel("share of the attack's calls that reached Cognito, percent")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        loc="outside upper center",
        ncols=min(len(shown), 3) if len(shown) > len(USUAL) else len(shown),
        fontsize=8,
        frameon=False,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, format="png", metadata={"Software": None, "Title": f"make attack, variant {report.variant}"})


def _bars(axes: Axes, played: tuple[Played, ...], setting: Setting) -> None:
    found = [(row, one.outcomes[setting]) for row, one in enumerate(played) if setting in one.outcomes]
    rows = [row + _offset(played[row].settings, setting) for row, _ in found]
    shares = [100 * outcome.reached / outcome.sent for _, outcome in found]
    color, hatch = _LOOKS[setting]
    bars = axes.barh(
        rows,
        shares,
        height=_BAR,
        label=setting.caption,
        facecolor=color,
        hatch=hatch,
        edgecolor="#202020",
        linewidth=0.6,
    )
    axes.bar_label(bars, [_label(outcome) for _, outcome in found], padding=3, fontsize=7)


def _offset(settings: tuple[Setting, ...], setting: Setting) -> float:
    """Where in its row a bar is; five of them are a little narrower apart than high."""
    step = min(_BAR, 0.9 / len(settings))
    return (settings.index(setting) - (len(settings) - 1) / 2) * step


def _label(outcome: Outcome) -> str:
    hurt = f", {outcome.hurt} ordinary user{'s' if outcome.hurt > 1 else ''} hurt" if outcome.hurt else ""
    return f"{outcome.reached} of {outcome.sent}{hurt}"
