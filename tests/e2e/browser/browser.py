"""Chromium, driven by one Node.js process (`driver.mjs`): one page for each story."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.browser.driver import OTHER_BROWSER, BrowserError, Driver
from tests.e2e.browser.site import Site
from tests.e2e.deployment import Deployment
from tests.e2e.story import Person, Report

__all__ = ["OTHER_BROWSER", "Browser", "BrowserError", "Telling", "open_browser"]

_ANSWER_SECONDS = 70
"""More than the driver gives a job."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A story as a page told it."""

    reports: tuple[Report, ...]
    """One for each step, in order."""
    shown: str
    """The text that a user sees on the page afterwards."""
    complaints: str
    """What the browser wrote to its console."""

    @property
    def errors(self) -> list[str | None]:
        """Name of each step's error; None for a step that succeeded."""
        return [report.get("error_name") for report in self.reports]


class Browser(Driver):
    """A browser that is up."""

    def tell(
        self,
        client: str,
        *,
        origin: str,
        deployment: Deployment,
        person: Person,
        steps: tuple[str, ...],
    ) -> Telling:
        """Open a page of `origin` in which the client takes the steps.

        Raises:
            BrowserError: the page failed, which is something else than a step that fails.
        """
        config = deployment.as_config() | person.as_config() | {"steps": steps}
        self.write({"url": f"{origin}/page.html?client={client}", **config})
        reports: list[Report] = []
        while "finished" not in (line := self.next_line(_ANSWER_SECONDS)):
            reports.append(line)
        if not line["finished"]:
            raise BrowserError(f"{client} in Chromium: {line['reason']}")
        return Telling(reports=tuple(reports), shown=line["shown"], complaints="\n".join(line["console"]))


@contextmanager
def open_browser(site: Site, *, log_file: Path) -> Iterator[Browser]:
    """Put the pages into the site's folder and start the browser; both end with the block.

    `log_file` takes what the driver writes to stderr; its folder is the browser's home.
    Raises BrowserError with the reason when nothing starts.
    """
    with Browser.started("driver.mjs", [str(site.folder)], log_file=log_file) as browser:
        yield browser
