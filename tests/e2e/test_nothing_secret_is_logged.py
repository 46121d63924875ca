"""After a whole story, and after calls that fail in every way: what was logged holds nothing that may not be told."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable

import pytest

from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import call
from tests.e2e.setups import PLAIN, SIGNED, on
from tests.e2e.story import Codes, Passwords, Person, steps_of
from tests.leaks import Search

pytestmark = on([*PLAIN, *SIGNED])

SENTINEL = "sentinel-4711"


@pytest.fixture(scope="module")
def person() -> Person:
    """Everything that this person says can be found again in a log."""
    return Person(
        username=f"{SENTINEL}-Name@Example.com",
        passwords=Passwords(
            initial=f"Aa1!{SENTINEL}-initial",
            wrong=f"Aa1!{SENTINEL}-wrong",
            changed=f"Aa1!{SENTINEL}-changed",
            reset=f"Aa1!{SENTINEL}-reset",
        ),
        codes=Codes(wrong=f"{SENTINEL}-code"),
    )


@pytest.fixture(scope="module")
def secrets_told(deployment: Deployment, person: Person) -> dict[str, str]:
    """What the clients and the proxy told each other and Cognito in the story, by what it is."""
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        story = Boto3Story(
            client=cognito, user_pool_id=deployment.user_pool_id, client_id=deployment.client_id, person=person
        )
        reports = {report["step"]: report for report in story.tell(steps_of("boto3"))}
    assert reports["global_sign_out"]["ok"], reports["global_sign_out"]
    _call_badly(deployment, person)
    client_secret = deployment.client_secret()
    seen = {f"token or SRP value {number}": value for number, value in enumerate(sorted(story.seen))}
    hashes = _hashes(deployment, client_secret, [person.username, *story.seen])
    codes = {"confirmation code": person.codes.confirmation, "reset code": person.codes.reset}
    return {"sentinel": SENTINEL, "client secret": client_secret, **codes, **seen, **hashes}


def _hashes(deployment: Deployment, client_secret: str, names: Iterable[str]) -> dict[str, str]:
    """The secret hashes of every name that could have been hashed: the one typed, and the internal one."""
    return {
        f"secret hash {number}": base64.b64encode(
            hmac.digest(client_secret.encode(), (name + deployment.client_id).encode(), hashlib.sha256)
        ).decode()
        for number, name in enumerate(names)
    }


def _call_badly(deployment: Deployment, person: Person) -> None:
    """Calls that end in each of the proxy's ways to fail, with something to hide in each."""
    told = {
        "ClientId": deployment.client_id,
        "Username": person.username,
        "Password": person.passwords.initial,
        "ConfirmationCode": person.codes.wrong,
    }
    document = json.dumps(told).encode()
    for operation, body in (
        ("SignUp", document[:-1]),
        ("SignUp", document + b"\xff"),
        ("SignUp", document.replace(b"Username", b"username")),
        ("SignUp", document.replace(deployment.client_id.encode(), SENTINEL.encode())),
        ("ConfirmSignUp", document.replace(b"{", b'{"UserContextData":7,', 1)),
        ("InitiateAuth", document),
        ("AdminSetUserPassword", document),
        (SENTINEL, document),
        ("ConfirmForgotPassword", document.ljust(2 * 1024 * 1024)),
    ):
        answer = call(deployment.endpoint, operation, body)
        assert 400 <= answer.status < 500, operation
        assert SENTINEL.encode() not in answer.body, operation


def test_log_tells_what_was_called(deployment: Deployment, secrets_told: dict[str, str]) -> None:
    """Otherwise the test below would pass for want of a log."""
    logs = deployment.run.logs()
    for operation in ("SignUp", "InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"):
        assert operation in logs


@pytest.mark.proves("threat-logs")
def test_log_holds_nothing_secret(deployment: Deployment, secrets_told: dict[str, str]) -> None:
    logs = deployment.run.logs()
    leaked = {what for what, value in secrets_told.items() if _stands_in(logs, value)}
    # The sentinel is in the username as well, which by default stands in no log.
    leaked |= {leak.what for leak in Search(secrets_told).leaks("logs", logs.encode())}
    assert not leaked


def _stands_in(logs: str, value: str) -> bool:
    # A code of six digits may be part of a longer number by chance; everything else is long enough not to be.
    pattern = rf"(?<!\w){value}(?!\w)" if value.isdigit() else re.escape(value)
    return re.search(pattern, logs, re.IGNORECASE) is not None
