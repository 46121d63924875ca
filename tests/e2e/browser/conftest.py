"""One browser for the whole session, and the page to sign in on."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.paths import BIN, ROOT
from tests.e2e.browser.browser import Browser, BrowserError, open_browser
from tests.e2e.browser.hands import Hands
from tests.e2e.browser.site import Site


@pytest.fixture(scope="session")
def browser(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, with the pages in place."""
    log_file = tmp_path_factory.mktemp("browser") / "driver.log"
    try:
        with open_browser(site, log_file=log_file) as browser:
            yield browser
    except BrowserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    """Chromium, for a person."""
    try:
        with Hands.started("hands.mjs", log_file=tmp_path_factory.mktemp("hands") / "driver.log") as hands:
            yield hands
    except BrowserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as `make web` bundles it, from the sources of now."""
    folder = tmp_path_factory.mktemp("page") / "dist"
    subprocess.run([BIN / "node", ROOT / "web" / "build.mjs", folder], check=True, timeout=60)
    return folder
