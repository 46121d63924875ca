"""The code grant in Chromium, by libraries of OpenID Connect that know nothing of the proxy."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.paths import BIN
from tests.e2e.browser.driver import BrowserError
from tests.e2e.browser.hands import Hands
from tests.e2e.browser.site import Site
from tests.e2e.deployment import Deployment
from tests.e2e.oauth_user import OAuthUser, oauth_user
from tests.e2e.setups import OAUTH, on

pytestmark = on(OAUTH)

LIBRARIES = ("oidcClientTs", "oauth4webapi")


@dataclass(frozen=True, kw_only=True)
class App:
    """The page, in a browser that remembers nothing."""

    hands: Hands
    site: Site
    deployment: Deployment
    library: str

    def open(self, *, origin: str | None = None) -> None:
        config = {
            "endpoint": self.deployment.endpoint.rstrip("/"),
            "issuer": f"https://cognito-idp.{self.deployment.region}.amazonaws.com/{self.deployment.user_pool_id}",
            "client_id": self.deployment.client_id,
            "redirect_uri": f"{self.site.origin}/oauth.html",
            "post_logout_redirect_uri": f"{self.site.origin}/bye.html",
        }
        name = f"oauth-{self.deployment.setup.variant}.json"
        (self.site.folder / name).write_text(json.dumps(config), encoding="utf-8")
        self.hands.open(f"{origin or self.site.origin}/oauth.html?library={self.library}&config={name}")

    def tells(self, step: str) -> Any:
        """What the page tells of a step that is over."""
        try:
            self.hands.sees("#told", f"{step}: {{")
        except BrowserError as error:
            raise AssertionError(f"the page tells {self.hands.text('#told')!r}") from error
        return json.loads(self.hands.text("#told").removeprefix(f"{step}: "))

    def fails(self, step: str, error: str) -> None:
        self.hands.sees("#told", f"{step}: ")
        self.hands.sees("#told", error)


@pytest.fixture(scope="module")
def pages(site: Site) -> Site:
    script = Path(__file__).parent / "oauth_site.mjs"
    subprocess.run([BIN / "node", script, site.folder], check=True, timeout=60)
    return site


@pytest.fixture(scope="module")
def user(deployment: Deployment) -> OAuthUser:
    return oauth_user(deployment)


@pytest.fixture(params=LIBRARIES)
def app(request: pytest.FixtureRequest, hands: Hands, pages: Site, deployment: Deployment) -> App:
    return App(hands=hands, site=pages, deployment=deployment, library=request.param)


@pytest.mark.proves("oauth-libraries", oracle="OIDC libraries")
def test_a_user_signs_in_refreshes_revokes_and_signs_out(app: App, user: OAuthUser) -> None:
    hands = app.hands
    app.open()
    app.hands.sees("#told", "ready")
    hands.click("Sign in here")
    hands.at("Sign in")
    hands.enter("User name", user.username)
    hands.enter("Password", user.password)
    hands.click("Sign in")
    hands.at("An app")
    assert app.tells("comeBack")["email"] == user.email
    hands.click("Refresh")
    assert app.tells("refresh") == {"changed": True}
    hands.click("Revoke")
    app.tells("revoke")
    hands.click("Refresh")
    app.fails("refresh", "invalid_grant")
    hands.click("Sign out")
    hands.at("Bye")
    # Whoever comes next with this browser is asked for a password again.
    assert app.deployment.run.user_pool_domain is not None
    assert ("GET", "/logout", 302) in app.deployment.run.user_pool_domain.stand_in.calls


@pytest.mark.proves("oauth-cors", oracle="Chromium")
def test_a_page_of_another_origin_reads_nothing(app: App) -> None:
    app.open(origin=app.site.foreign_origin)
    complaints = ""
    for _ in range(50):
        complaints = "\n".join(app.hands.do("complaints"))
        if complaints or app.library == "oidcClientTs":
            break
        app.hands.do("focused")
    if app.library == "oidcClientTs":
        app.hands.sees("#told", "ready")
        app.hands.click("Sign in here")
        app.fails("signIn", "Failed to fetch")
        complaints = "\n".join(app.hands.do("complaints"))
    assert "has been blocked by CORS policy" in complaints
