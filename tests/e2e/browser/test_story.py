"""A user's whole story in a real browser, whose preflights and whose rules for pages nobody imitates."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.site import Site
from tests.e2e.deployment import Deployment
from tests.e2e.story import Person, Report, Step, steps_of

CLIENTS = ("amplify", "identity_js")


@dataclass(frozen=True, kw_only=True)
class ToldStory:
    """What a client reported from its page, and what the proxy answered meanwhile."""

    reports: Mapping[str, Report]
    shown: str
    statuses: Mapping[str, set[int]]
    """By HTTP method."""


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, deployment: Deployment, browser: Browser, site: Site) -> ToldStory:
    client: str = request.param
    steps = tuple(step.name for step in steps_of(client))
    deployment.run.viewer_journal.clear()
    telling = browser.tell(client, origin=site.origin, deployment=deployment, person=Person(), steps=steps)
    statuses: dict[str, set[int]] = {}
    for call in deployment.run.viewer_journal.calls():
        statuses.setdefault(call.method, set()).add(call.status)
    return ToldStory(
        reports={report["step"]: report for report in telling.reports}, shown=telling.shown, statuses=statuses
    )


CLIENT_STEPS = [
    pytest.param(client, step, id=f"{client}-{step.name}") for client in CLIENTS for step in steps_of(client)
]


@pytest.mark.proves("sdks-unchanged", oracle="Chromium")
@pytest.mark.parametrize(("told", "step"), CLIENT_STEPS, indirect=["told"], scope="module")
def test_page_takes_the_step(told: ToldStory, step: Step) -> None:
    report = told.reports[step.name]
    if step.error:
        assert (report["ok"], report.get("error_name")) == (False, step.error)
        return
    assert report["ok"], f"{report.get('error_name')}: {report.get('error_message')}"
    assert {name: report.get(name) for name in step.facts} == dict(step.facts)


@pytest.mark.parametrize("told", CLIENTS, indirect=True, scope="module")
def test_browser_asked_before_it_called_and_was_let(told: ToldStory) -> None:
    assert set(told.statuses) == {"OPTIONS", "POST"}
    assert told.statuses["OPTIONS"] <= {200, 204}


@pytest.mark.parametrize("told", CLIENTS, indirect=True, scope="module")
def test_page_shows_cognitos_words_for_a_wrong_password(told: ToldStory) -> None:
    assert "sign_in_with_wrong_password: NotAuthorizedException: Incorrect username or password." in told.shown


@pytest.mark.parametrize("client", CLIENTS)
def test_page_of_a_foreign_origin_gets_nothing_through(
    deployment: Deployment, browser: Browser, site: Site, client: str
) -> None:
    steps = ("sign_up", "sign_in_with_password")
    with deployment.forwarded() as operations:
        telling = browser.tell(client, origin=site.foreign_origin, deployment=deployment, person=Person(), steps=steps)
        assert operations() == []
    assert telling.errors == ["NetworkError", "NetworkError"]
    assert "blocked by CORS policy" in telling.complaints
