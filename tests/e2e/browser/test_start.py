"""A browser that cannot start says why in one line."""

from pathlib import Path

import pytest

from tests.e2e.browser.browser import OTHER_BROWSER, BrowserError, open_browser
from tests.e2e.browser.site import Site

LIBRARY_IS_MISSING = "error while loading shared libraries: libnss3.so: cannot open shared object file"


def start(site: Site, log_file: Path) -> str:
    with pytest.raises(BrowserError) as raised, open_browser(site, log_file=log_file):
        pass
    return str(raised.value)


def test_names_the_program_that_is_not_there(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OTHER_BROWSER, str(tmp_path / "chromium"))
    message = start(site, tmp_path / "driver.log")
    assert message.startswith("Chromium does not start: ")
    assert message.endswith(f"executable doesn't exist at {tmp_path / 'chromium'}")


def test_repeats_what_the_program_complains_of(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "chromium"
    program.write_text(f'#!/bin/sh\necho "$0: {LIBRARY_IS_MISSING}" >&2\nexit 127\n')
    program.chmod(0o700)
    monkeypatch.setenv(OTHER_BROWSER, str(program))
    assert start(site, tmp_path / "driver.log") == f"Chromium does not start: {LIBRARY_IS_MISSING}"
