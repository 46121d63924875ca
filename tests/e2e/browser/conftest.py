"""One browser for the whole session."""

from collections.abc import Iterator

import pytest

from tests.e2e.browser.browser import Browser, BrowserError, open_browser
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
