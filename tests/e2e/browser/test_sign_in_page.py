"""The page to sign in on, in Chromium: a person's whole way, by mouse and by keyboard, and each refusal in words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from local.page.calls import CallFeed
from local.page.serve import page_config, serve_page
from local.screen.exchanges import Exchanges
from local.story import public_client
from tests.e2e.browser.hands import Hands
from tests.e2e.browser.sign_in_page import SignInPage, Visitor, totp, wrong_totp
from tests.e2e.deployment import Deployment
from tests.e2e.setups import WITH_SAMPLES, on

SIGN_IN = "Sign in"
ACCOUNT = "You are signed in"
CODE = "Enter the code of your authenticator app"
MESSAGE = "Enter the code that was sent to you"


@pytest.fixture
def page(
    request: pytest.FixtureRequest, hands: Hands, bundle: Path, page_listener: socket, deployment: Deployment
) -> Iterator[SignInPage]:
    """The page of the deployment, opened."""
    feed = CallFeed()
    config = page_config(deployment.run.outputs_file)
    pictures = request.config.getoption("--pictures")
    with watched(deployment, feed), serve_page(page_listener, config, calls=feed, folder=bundle) as address:
        page = SignInPage(
            hands=hands,
            address=address,
            deployment=deployment,
            config=config,
            pictures=Path(pictures).resolve() if pictures else None,
        )
        page.open()
        yield page


@contextmanager
def watched(deployment: Deployment, feed: CallFeed) -> Iterator[None]:
    exchanges = Exchanges(feed.take, is_direct=deployment.run.is_direct)
    deployment.run.journal.observe(exchanges.at_cognito)
    deployment.run.viewer_journal.observe(exchanges.at_proxy)
    try:
        yield
    finally:
        deployment.run.journal.observe(lambda _: None)
        deployment.run.viewer_journal.observe(lambda _: None)


@on(WITH_SAMPLES)
@pytest.mark.proves(
    "page-whole-way", "page-secret-shown-once", "page-for-everybody", "page-panel-redacted", oracle="Chromium"
)
def test_new_user_goes_the_whole_way(page: SignInPage) -> None:
    hands, ada = page.hands, Visitor()
    page.look("01-sign-in")
    page.sign_up(ada)
    page.look("03-confirm-your-account")
    confirm_after_a_wrong_code(page, ada)
    page.enter_password(ada, ada.passwords.wrong)
    hands.sees("#problem", "User name or password is wrong.")
    page.look("04-wrong-password")
    page.sign_in(ada, ada.passwords.initial)
    assert "Ada Lovelace" in hands.text("dl")
    page.look("05-signed-in")
    secret = set_up_an_authenticator(page)
    hands.click("Sign out")
    hands.at(SIGN_IN)
    sign_in_with_the_app(page, ada, ada.passwords.initial, secret)
    call_the_apis(page, ada)
    refresh(page)
    change_the_name(page)
    change_the_password(page, ada)
    hands.click("Sign out")
    hands.at(SIGN_IN)
    reset_the_password(page, ada)
    sign_in_with_the_app(page, ada, ada.passwords.reset, secret)
    hands.click("Sign out everywhere")
    hands.sees("#news", "You are signed out on all your devices.")
    shows_what_the_proxy_did(page, ada, secret)
    kept_its_policy(page)


def confirm_after_a_wrong_code(page: SignInPage, ada: Visitor) -> None:
    hands = page.hands
    hands.enter("Confirmation code", ada.codes.wrong)
    hands.click("Confirm")
    hands.sees("#problem", "This code is wrong.")
    assert hands.focused() == "input Confirmation code"
    hands.click("Send another code")
    hands.sees("#news", "A code was sent to ")
    assert hands.text("#problem") == ""
    page.confirm(ada)


def set_up_an_authenticator(page: SignInPage) -> str:
    """Gives the app's secret."""
    hands = page.hands
    hands.click("Second factor")
    hands.at("Second factor")
    page.look("06-second-factor")
    hands.click("Set up an authenticator app")
    hands.at("Set up your authenticator app")
    secret = hands.text("#totp-secret")
    scanned = urlsplit(hands.do("scanned", selector=".qr svg"))
    assert (scanned.scheme, scanned.netloc) == ("otpauth", "totp")
    assert parse_qs(scanned.query)["secret"] == [secret]
    assert hands.do("attributes", selector="main a", name="href") == [scanned.geturl()]
    page.look("07-set-up-an-authenticator-app")
    hands.enter("The six digits that the app shows", wrong_totp(secret))
    hands.click("Continue")
    hands.sees("#problem", "This code is wrong.")
    hands.enter("The six digits that the app shows", totp(secret))
    hands.click("Continue")
    hands.sees("#news", "Your authenticator app is set up.")
    assert "authenticator app" in hands.text("dl")
    assert secret not in hands.do("stored")
    return secret


def sign_in_with_the_app(page: SignInPage, ada: Visitor, password: str, secret: str) -> None:
    hands = page.hands
    page.enter_password(ada, password)
    hands.at(CODE)
    page.look("08-code-of-the-app")
    hands.enter("Six digits", wrong_totp(secret))
    hands.click("Continue")
    hands.sees("#problem", "This code is wrong.")
    hands.enter("Six digits", totp(secret))
    hands.click("Continue")
    hands.at(ACCOUNT)


def call_the_apis(page: SignInPage, ada: Visitor) -> None:
    """Both samples, each with the token that it takes."""
    hands = page.hands
    assert {"restApiUrl", "httpApiUrl"} <= page.config.keys()
    # An access token has no name but the user name.
    for kind, api, name in (("rest", "REST API", "Ada Lovelace"), ("http", "HTTP API", ada.username)):
        hands.click(f"Call the {api}")
        hands.sees("#answer", f"{api}, GET /: 200")
        hands.sees("#answer", f'"Hello, {name}"')
        hands.do("select", label="API", value=api)
        hands.enter("Name", "poem")
        hands.enter("Text", "That brain of mine")
        hands.click("Store")
        hands.sees("#answer", f"{api}, POST /documents/poem: 20")
        hands.enter("Text", "")
        hands.click("Read")
        hands.sees("#answer", f"{api}, GET /documents/poem: 200")
        hands.sees("#answer", "That brain of mine")
        page.look(f"09-answer-of-the-{kind}-api")
        hands.click("List my documents")
        hands.sees("#answer", f"{api}, GET /documents: 200")
        hands.sees("#answer", '"poem"')
        hands.enter("Name", "nothing")
        hands.click("Read")
        hands.sees("#answer", "There is nothing of this name.")


def refresh(page: SignInPage) -> None:
    with page.deployment.forwarded() as operations:
        page.hands.click("Refresh the tokens")
        page.hands.sees("#news", "You have new tokens.")
        assert "GetTokensFromRefreshToken" in operations()


def change_the_name(page: SignInPage) -> None:
    hands = page.hands
    hands.click("Your data")
    hands.at("Your data")
    assert hands.do("value", label="Given name") == "Ada"
    page.look("10-your-data")
    hands.enter("Given name", "Augusta")
    hands.click("Save")
    hands.sees("#news", "Your data is saved.")
    assert "Augusta Lovelace" in hands.text("dl")


def change_the_password(page: SignInPage, ada: Visitor) -> None:
    hands = page.hands
    hands.click("Change password")
    hands.at("Change password")
    page.look("11-change-password")
    hands.enter("Current password", ada.passwords.initial)
    hands.enter("New password", ada.passwords.changed)
    hands.do("press", key="Enter")
    hands.sees("#news", "Your password is changed.")


def reset_the_password(page: SignInPage, ada: Visitor) -> None:
    hands = page.hands
    hands.click("Forgot your password?")
    hands.at("Forgotten password")
    page.look("12-forgotten-password")
    hands.enter("User name or e-mail address", ada.username)
    hands.click("Send a code")
    hands.at("Set a new password")
    page.look("13-set-a-new-password")
    hands.enter("Code", ada.codes.wrong)
    hands.enter("New password", ada.passwords.reset)
    hands.click("Set password")
    hands.sees("#problem", "This code is wrong.")
    hands.enter("Code", ada.codes.reset)
    hands.click("Set password")
    hands.sees("#news", "Your password is changed.")


def shows_what_the_proxy_did(page: SignInPage, ada: Visitor, secret: str) -> None:
    """In the side panel: the additions by name, and nothing that is anybody's secret."""
    hands = page.hands
    hands.sees("#calls li", "SignUp")
    hands.sees("#calls ins", "SecretHash")
    hands.sees("#calls li", "GlobalSignOut")
    page.look("14-what-the-proxy-did", of="#calls li:has(ins) >> nth=0")
    told = hands.text("#calls") + json.dumps(hands.do("requests"))
    client_secret = page.deployment.client_secret()
    for value in (*vars(ada.passwords).values(), *vars(ada.codes).values(), secret, client_secret, "eyJ"):
        assert value not in told


def kept_its_policy(page: SignInPage) -> None:
    """Nothing was called but what the configuration names, and the browser had nothing to stop."""
    allowed = (page.address, *(value for value in page.config.values() if value.startswith("http")))
    assert [url for url in page.hands.do("requests") if not url.startswith(allowed)] == []
    complaints = "\n".join(page.hands.do("complaints"))
    assert "Content Security Policy" not in complaints
    assert "TrustedHTML" not in complaints
    assert "uncaught" not in complaints


@pytest.mark.proves("page-for-everybody", oracle="Chromium")
def test_works_by_keyboard_alone(page: SignInPage) -> None:
    hands, ada = page.hands, Visitor()
    tab_to(hands, "button Create an account")
    hands.press("Enter")
    assert hands.at("Create an account") == "h1 Create an account"
    for value in (ada.username, ada.email, "Ada", "Lovelace", ada.passwords.initial):
        hands.press("Tab")
        hands.do("type", text=value)
    hands.press("Enter")
    assert hands.at("Confirm your account") == "h1 Confirm your account"
    tab_to(hands, "input Confirmation code")
    hands.do("type", text=ada.codes.confirmation)
    hands.press("Enter")
    hands.sees("#news", "Your account is confirmed.")
    assert hands.focused() == "h1 Sign in"
    tab_to(hands, "input Password")
    hands.do("type", text=ada.passwords.initial)
    hands.press("Enter")
    assert hands.at(ACCOUNT) == f"h1 {ACCOUNT}"
    for name in ("Second factor", "Your data", "Change password"):
        tab_to(hands, f"button {name}")
        hands.press("Space")
        assert hands.at(name) == f"h1 {name}"
        tab_to(hands, "button Back")
        hands.press("Enter")
        hands.at(ACCOUNT)
    tab_to(hands, "button Sign out")
    hands.press("Enter")
    hands.at(SIGN_IN)


def tab_to(hands: Hands, what: str) -> None:
    """Each stop on the way has to show where one is."""
    for _ in range(20):
        hands.press("Tab")
        assert hands.do("outlined"), hands.focused()
        if hands.focused() == what:
            return
    raise AssertionError(f"the key Tab does not lead to {what}")


def test_code_by_text_message_is_asked_for_and_sent(page: SignInPage) -> None:
    """The emulator neither asks for one nor takes one, so both words of Cognito are as documented. In between the code
    goes to the proxy, and on with the proof."""
    hands, ada = page.hands, registered(page)
    parameters = {"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******1234"}
    challenge(page, "SMS_MFA", parameters)
    page.enter_password(ada, ada.passwords.initial)
    hands.at(MESSAGE)
    hands.sees("main", "A code was sent to +*******1234 by text message.")
    page.look("15-code-of-a-message")
    hands.enter("Code", "123456")
    with page.deployment.forwarded_calls() as calls:
        hands.click("Continue")
        hands.sees("#problem", "Something that you entered is not accepted.")
        (sent,) = calls()
    assert sent.body["ChallengeName"] == "SMS_MFA"
    assert set(sent.body["ChallengeResponses"]) == {"USERNAME", "SMS_MFA_CODE", "SECRET_HASH"}
    hands.do("answer", operation="RespondToAuthChallenge", body={"AuthenticationResult": tokens_of(page, ada)})
    hands.click("Continue")
    hands.at(ACCOUNT)


def test_user_chooses_among_second_factors(page: SignInPage) -> None:
    hands, ada = page.hands, registered(page)
    challenge(page, "SELECT_MFA_TYPE", {"MFAS_CAN_CHOOSE": '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'})
    page.enter_password(ada, ada.passwords.initial)
    hands.at("Choose a second factor")
    page.look("16-choose-a-second-factor")
    challenge(page, "SMS_MFA", {"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******1234"})
    hands.do("choose", label="In a text message")
    hands.click("Continue")
    hands.at(MESSAGE)


def test_user_pool_can_insist_on_an_authenticator(page: SignInPage) -> None:
    hands, ada = page.hands, registered(page)
    challenge(page, "MFA_SETUP", {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'})
    page.enter_password(ada, ada.passwords.initial)
    hands.at("Set up your authenticator app")
    hands.enter("The six digits that the app shows", totp(hands.text("#totp-secret")))
    hands.click("Continue")
    hands.at(ACCOUNT)


def test_invited_user_chooses_a_password(page: SignInPage) -> None:
    hands, ada = page.hands, invited(page)
    page.enter_password(ada, ada.passwords.initial)
    hands.at("Choose a new password")
    page.look("17-choose-a-new-password")
    hands.enter("New password", ada.passwords.changed)
    hands.click("Continue")
    hands.at(ACCOUNT)
    hands.click("Sign out")
    hands.at(SIGN_IN)
    page.sign_in(ada, ada.passwords.changed)


def test_unconfirmed_user_is_led_to_the_code(page: SignInPage) -> None:
    hands, ada = page.hands, Visitor()
    page.sign_up(ada)
    hands.click("Back to sign-in")
    hands.at(SIGN_IN)
    page.enter_password(ada, ada.passwords.initial)
    hands.at("Confirm your account")
    assert hands.do("value", label="User name") == ada.username
    page.confirm(ada)


def test_session_lasts_over_a_reload_and_ends_with_the_tab(page: SignInPage) -> None:
    ada = registered(page)
    page.sign_in(ada, ada.passwords.initial)
    page.hands.do("reload")
    page.hands.at(ACCOUNT)
    local, session, cookie = json.loads(page.hands.do("stored"))
    assert (local, cookie) == ({}, "")
    assert any(name.endswith(".refreshToken") for name in session)
    page.open()


def test_who_was_signed_out_elsewhere_begins_again(page: SignInPage) -> None:
    ada = registered(page)
    page.sign_in(ada, ada.passwords.initial)
    administrator(page, "admin_user_global_sign_out", ada)
    page.hands.click("Refresh the tokens")
    page.hands.at(SIGN_IN)
    page.hands.sees("#problem", "You are no longer signed in.")


def test_new_address_is_confirmed_and_only_what_changed_is_sent(page: SignInPage) -> None:
    """The emulator sends no code for it, so that answer is Cognito's as documented."""
    hands, ada = page.hands, registered(page)
    page.sign_in(ada, ada.passwords.initial)
    hands.click("Your data")
    hands.at("Your data")
    with page.deployment.forwarded_calls() as calls:
        hands.enter("Family name", "Lovelace")
        hands.click("Save")
        hands.sees("#news", "Your data is saved.")
        (sent,) = (call for call in calls() if call.operation == "UpdateUserAttributes")
    assert [attribute["Name"] for attribute in sent.body["UserAttributes"]] == ["family_name"]
    hands.click("Your data")
    hands.at("Your data")
    hands.enter("E-mail address", f"new-{ada.email}")
    details = {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@e***"}
    hands.do("answer", operation="UpdateUserAttributes", body={"CodeDeliveryDetailsList": [details]})
    hands.click("Save")
    hands.at("Confirm your new address")
    hands.sees("main", "A code was sent to n***@e*** by e-mail.")
    page.look("18-confirm-your-new-address")
    hands.enter("Code", ada.codes.confirmation)
    hands.do("answer", operation="VerifyUserAttribute", body={})
    hands.click("Confirm")
    hands.sees("#news", "Your address is confirmed.")


REFUSALS = [
    ({"status": 400, "body": {"__type": "LimitExceededException", "message": "x"}}, "Too many attempts."),
    ({"status": 429, "body": {"__type": "TooManyRequestsException", "message": "x"}}, "Too many requests from your"),
    ({"status": 403, "body": {"__type": "ForbiddenException", "message": "x"}}, "The firewall refused this request."),
    ({"status": 403, "plain": "<h1>403</h1>"}, "The request was refused before it reached the proxy"),
    ({"status": 403, "body": {"message": "Forbidden"}}, "The request was refused before it reached the proxy"),
    ({"status": 429, "plain": "slow down"}, "Too many requests."),
    ({"status": 418, "plain": "tea"}, "Something went wrong."),
]


@pytest.mark.proves("page-errors-readable", oracle="Chromium")
@pytest.mark.parametrize(("refusal", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_each_refusal_is_said_in_words(page: SignInPage, refusal: dict[str, object], words: str) -> None:
    page.hands.click("Forgot your password?")
    page.hands.at("Forgotten password")
    page.hands.enter("User name or e-mail address", "ada")
    # Amplify tries again what may have been too much.
    for _ in range(3):
        page.hands.do("answer", operation="ForgotPassword", **refusal)
    page.hands.click("Send a code")
    page.hands.sees("#problem", words)
    assert page.hands.do("attributes", selector="#problem", name="role") == ["alert"]


@pytest.mark.proves("page-errors-readable", oracle="Chromium")
def test_no_network_is_said_in_words(page: SignInPage) -> None:
    page.hands.do("offline", **{"is": True})
    page.enter_password(Visitor(), "wrong-1-Password")
    page.hands.sees("#problem", "No answer came.")
    page.hands.do("offline", **{"is": False})


def administrator(page: SignInPage, operation: str, ada: Visitor, **details: object) -> None:
    """Do something to her account that only the pool's administrator can."""
    cognito = page.deployment.run.client("cognito-idp")
    getattr(cognito, operation)(UserPoolId=page.deployment.user_pool_id, Username=ada.username, **details)


def invited(page: SignInPage) -> Visitor:
    """Somebody for whom an account was made, with a password for once."""
    ada = Visitor()
    verified = [{"Name": "email", "Value": ada.email}, {"Name": "email_verified", "Value": "true"}]
    administrator(
        page,
        "admin_create_user",
        ada,
        TemporaryPassword=ada.passwords.initial,
        UserAttributes=verified,
        MessageAction="SUPPRESS",
    )
    return ada


def registered(page: SignInPage) -> Visitor:
    """Somebody who has an account, made without the page."""
    ada = invited(page)
    administrator(page, "admin_set_user_password", ada, Password=ada.passwords.initial, Permanent=True)
    return ada


def tokens_of(page: SignInPage, ada: Visitor) -> dict[str, object]:
    """What Cognito gives for her password alone."""
    cognito = public_client(page.deployment.endpoint, page.deployment.region)
    answer = cognito.initiate_auth(
        ClientId=page.deployment.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": ada.username, "PASSWORD": ada.passwords.initial},
    )
    return dict(answer["AuthenticationResult"])


def challenge(page: SignInPage, name: str, parameters: dict[str, str]) -> None:
    """Let the page's next answer to a challenge be met with another one."""
    page.hands.do(
        "answer",
        operation="RespondToAuthChallenge",
        body={"ChallengeName": name, "Session": "s" * 20, "ChallengeParameters": parameters},
    )
