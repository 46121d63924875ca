"""`make rehearse`: the app's own line for wrong flags, a page for right ones, and no need of AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.rehearsal import command
from tests.needs import ROOT


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = command.main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(autouse=True)
def _signals_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command.stopping, "heed_signals", lambda: None)


def test_a_page_as_text_and_for_a_browser(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever the machine has: nothing of it is used.
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    file = tmp_path / "new" / "page.html"
    flags = ("-c", "user_pool_id=eu-west-1_AbCdEf123", "-c", "alarm_email=ops@example.com")
    code, out, err = run(capsys, *flags, "--html", str(file))
    assert (code, err) == (0, "")
    assert "Stack CognitoProxyRegional, in eu-west-1" in out
    assert out.endswith(f"The same for a browser: {file}\n")
    assert "Stack CognitoProxyRegional, in eu-west-1" in file.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [tmp_path / "new"]


@pytest.mark.proves("rehearsal-wrong-flag")
def test_wrong_flags_get_the_apps_own_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = run(capsys, "-c", "rate_limit=5", "--html", str(tmp_path / "page.html"))
    assert (code, out) == (1, "")
    assert err == (
        "error: rate_limit: '5' is not allowed; allowed is a whole number of requests from 10 to 2,000,000,000\n"
    )
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["-c", "variant"], 2, "error: argument -c: 'variant' is not NAME=VALUE"),
        (
            ["-c", "variant=edge", "-c", "variant=regional"],
            1,
            "error: variant: given twice, as 'edge' and as 'regional'",
        ),
        (["--nothing"], 2, "error: unrecognized arguments: --nothing"),
    ],
)
def test_wrong_arguments_get_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, line: str
) -> None:
    got, out, err = run(capsys, *arguments)
    assert (got, out) == (code, "")
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_make_has_the_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "python -m local.rehearsal $(ARGS)" in makefile
