"""The page where the proxy asks for a human check: the widget gives a token, and a refusal begins it anew."""

from collections.abc import Iterator
from pathlib import Path
from socket import socket

import pytest

from local.fronts.human_check import HumanCheckFront
from local.page.serve import page_config, serve_page
from tests.e2e.browser.hands import Hands
from tests.e2e.browser.sign_in_page import SignInPage, Visitor
from tests.e2e.deployment import Deployment
from tests.e2e.setups import HUMAN_CHECK, on

pytestmark = on((HUMAN_CHECK,))


@pytest.fixture
def page(hands: Hands, bundle: Path, page_listener: socket, deployment: Deployment) -> Iterator[SignInPage]:
    config = page_config(deployment.run.outputs_file)
    with serve_page(page_listener, config, folder=bundle) as address:
        page = SignInPage(hands=hands, address=address, deployment=deployment, config=config, pictures=None)
        page.open()
        yield page


@pytest.fixture
def check(deployment: Deployment) -> HumanCheckFront:
    assert deployment.run.human_check is not None
    return deployment.run.human_check


@pytest.mark.proves("human-check-page", oracle="Chromium")
def test_person_signs_up_and_in_past_the_check(page: SignInPage, check: HumanCheckFront) -> None:
    hands, ada = page.hands, Visitor()
    verified = len(check.stand_in.verified)
    ready(page)
    page.look("sign-in with a human check")
    sign_up(page, ada)
    ready(page)
    hands.click("Send another code")
    hands.sees("#news", "A code was sent to ")
    page.confirm(ada)
    ready(page)
    page.enter_password(ada, ada.passwords.wrong)
    hands.sees("#problem", "User name or password is wrong.")
    ready(page)
    page.sign_in(ada, ada.passwords.initial)
    assert check.stand_in.verified[verified:] == [True] * 4
    kept_its_policy(page, check)


@pytest.mark.proves("human-check-page", oracle="Chromium")
def test_a_refusal_is_said_and_begins_the_check_anew(page: SignInPage, check: HumanCheckFront) -> None:
    hands, ada = page.hands, Visitor()
    ready(page)
    check.provider.forget()
    page.enter_password(ada, ada.passwords.initial)
    hands.sees("#problem", "The check that you are a human did not succeed.")
    hands.sees("#problem", "HumanCheckFailedException")
    page.look("a refused human check")
    ready(page)
    page.enter_password(ada, ada.passwords.initial)
    hands.sees("#problem", "User name or password is wrong.")


def sign_up(page: SignInPage, ada: Visitor) -> None:
    hands = page.hands
    hands.click("Create an account")
    hands.at("Create an account")
    hands.enter("User name", ada.username)
    hands.enter("E-mail address", ada.email)
    hands.enter("Password", ada.passwords.initial)
    ready(page)
    hands.click("Create account")
    hands.at("Confirm your account")


def ready(page: SignInPage) -> None:
    """Wait until the widget has given its token, as a person does who looks at it."""
    page.hands.do("has", selector="[data-human-check][data-done]", text="")


def kept_its_policy(page: SignInPage, check: HumanCheckFront) -> None:
    allowed = (page.address, page.deployment.endpoint, check.url)
    assert [url for url in page.hands.do("requests") if not url.startswith(allowed)] == []
    complaints = "\n".join(page.hands.do("complaints"))
    assert "Content Security Policy" not in complaints
    assert "uncaught" not in complaints
