"""`make local` on both variants, used as a newcomer uses it: what is pasted works, and each call has its line."""

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from local.outputs import Outputs
from local.page.serve import is_built
from local.paths import BIN, ROOT
from local.simulators.cognito.edge_contract import CONTENT_TYPE
from local.story import public_client
from tests.local.plain_http import call, post

SECONDS = 200
CLIENTS = ROOT / "tests" / "e2e" / "clients"
FLAGS = ("-c", "threat_protection=true", "-c", "propagate_client_ip=true", "-c", "deny_ips=192.0.2.1")

SDK = """
import {{ CognitoIdentityProviderClient, ForgotPasswordCommand }} from "@aws-sdk/client-cognito-identity-provider";
const client = {line}
await client.send(new ForgotPasswordCommand({{ ClientId: "{client_id}", Username: "{user}" }}));
"""

AMPLIFY = """
import {{ Amplify }} from "aws-amplify";
import {{ signUp }} from "aws-amplify/auth";
{line}
const options = {{ userAttributes: {{ email: "{user}@example.com" }} }};
await signUp({{ username: "{user}", password: process.env.PASSWORD, options }});
"""


@dataclass(kw_only=True)
class Shown:
    """A run, and what its screen says."""

    outputs: Outputs
    lines: list[str]
    password: str = field(default_factory=lambda: f"{secrets.token_urlsafe(18)}aA1!")
    more: threading.Condition

    def wait_for(self, pattern: str, *, times: int = 1) -> re.Match[str]:
        """The first line that matches, once there are so many (at most 30 seconds)."""
        with self.more:
            assert self.more.wait_for(lambda: len(self._matching(pattern)) >= times, 30), (pattern, self.lines)
            return self._matching(pattern)[0]

    def _matching(self, pattern: str) -> list[re.Match[str]]:
        return [match for line in self.lines if (match := re.fullmatch(pattern, line))]

    def pasted(self, beginning: str) -> str:
        """The line to paste that begins so."""
        return next(line for line in self.lines if line.startswith(beginning))

    def node(self, program: str, **values: str) -> None:
        """Run a module beside the installed clients."""
        done = subprocess.run(
            [str(BIN / "node"), "--input-type=module", "-e", program.format(**values)],
            cwd=CLIENTS,
            env={"PATH": os.defpath, "PASSWORD": self.password},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def page() -> None:
    """As `make local` has it, which bundles the page first."""
    if not is_built():
        subprocess.run([BIN / "node", ROOT / "web" / "build.mjs"], check=True, timeout=60)


@pytest.fixture(scope="module", params=["regional", "edge"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, page: None) -> Iterator[Shown]:
    work_dir: Path = tmp_path_factory.mktemp(request.param)
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--variant", request.param, "--work-dir", str(work_dir), *FLAGS],
        cwd=ROOT,
        env={**os.environ, "PORT": "", "VERBOSE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    more = threading.Condition()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with more:
                lines.append(line.rstrip("\n"))
                more.notify_all()

    reader = threading.Thread(target=read)
    with process:
        reader.start()
        try:
            with more:
                assert more.wait_for(lambda: "Stop: Ctrl-C" in lines or process.poll() is not None, SECONDS)
            assert process.poll() is None, (lines, process.stderr and process.stderr.read())
            outputs = Outputs(**json.loads((work_dir / "outputs.json").read_text()))
            yield Shown(outputs=outputs, lines=lines, more=more)
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            finally:
                process.kill()
            reader.join(timeout=30)
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_the_page_is_where_it_says_and_is_told_what_the_proxy_did(shown: Shown) -> None:
    address = shown.wait_for(r"Page to sign in on: (http://127\.0\.0\.1:\d+/)")[1]
    outputs, reader = shown.outputs, build_opener(ProxyHandler({}))
    with reader.open(f"{address}config.json", timeout=30) as answer:
        config = json.load(answer)
    assert (config["endpoint"], config["clientId"]) == (outputs.endpoint, outputs.client_id)
    user = f"dee-{secrets.token_hex(3)}"
    document = {"ClientId": outputs.client_id, "Username": user}
    preflight = {"Origin": address.removesuffix("/"), "Access-Control-Request-Method": "POST"}
    with reader.open(Request(outputs.endpoint, headers=preflight, method="OPTIONS"), timeout=30) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == address.removesuffix("/")
    call(outputs.endpoint, "ForgotPassword", document)
    shown.wait_for(rf".* ForgotPassword {user}: .*")
    with reader.open(f"{address}calls", timeout=30) as answer:
        told = json.load(answer)["calls"]
    (one,) = [one for one in told if one["subject"] == f"ForgotPassword {user}"]
    assert one["what"] == "secret hash and client's address added"


def _secret_hash_and_address(operation: str, user: str) -> str:
    return rf"..:..:..  {operation} {user}: secret hash and client's address added  200  \d+ ms"


def test_the_pasted_curl_signs_alice_up_and_the_code_that_is_shown_confirms_her(shown: Shown) -> None:
    curl, endpoint, *options = shlex.split(shown.pasted("curl "))
    assert (curl, endpoint, options[::2]) == ("curl", shown.outputs.endpoint, ["-H", "-H", "-d"])
    headers = dict(header.split(": ") for header in (options[1], options[3]))
    # Loopback needs no proxy of the machine's.
    with build_opener(ProxyHandler({})).open(Request(endpoint, options[5].encode(), headers), timeout=30) as answer:
        assert answer.status == 200
    shown.wait_for(_secret_hash_and_address("SignUp", "alice"))
    code = shown.wait_for(r"..:..:..  code for alice: (\d{6}) \(sign-up; Cognito would send it by e-mail\)")[1]
    app = public_client(shown.outputs.endpoint, shown.outputs.region)
    app.confirm_sign_up(ClientId=shown.outputs.client_id, Username="alice", ConfirmationCode=code)
    shown.wait_for(_secret_hash_and_address("ConfirmSignUp", "alice"))


def test_the_pasted_javascript_reaches_the_proxy_and_the_codes_that_are_shown_are_taken(shown: Shown) -> None:
    user = f"bea-{secrets.token_hex(3)}"
    shown.node(AMPLIFY, line=shown.pasted("Amplify.configure("), user=user)
    code = shown.wait_for(rf"..:..:..  code for {user}: (\d{{6}}) \(sign-up; .*")[1]
    app = public_client(shown.outputs.endpoint, shown.outputs.region)
    client_id = shown.outputs.client_id
    app.confirm_sign_up(ClientId=client_id, Username=user, ConfirmationCode=code)
    sdk_line = shown.pasted("new CognitoIdentityProviderClient(")
    shown.node(SDK, line=sdk_line, client_id=client_id, user=user)
    reset = shown.wait_for(rf"..:..:..  code for {user}: (\d{{6}}) \(reset; Cognito would send it by e-mail\)")[1]
    changed = f"{shown.password}2"
    app.confirm_forgot_password(ClientId=client_id, Username=user, ConfirmationCode=reset, Password=changed)
    _sign_in_and_refresh(app, client_id, user, changed)
    shown.wait_for(
        rf"..:..:..  InitiateAuth {user}: became AdminInitiateAuth with the client's address; secret hash added .*"
    )
    shown.wait_for(r"..:..:..  GetUser: passed through  200  \d+ ms")
    shown.wait_for(r"..:..:..  InitiateAuth: became GetTokensFromRefreshToken; client secret added  200  \d+ ms")


def _sign_in_and_refresh(app: Any, client_id: str, user: str, password: str) -> None:
    parameters = {"USERNAME": user, "PASSWORD": password}
    tokens = app.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    access, refresh = (tokens["AuthenticationResult"][name] for name in ("AccessToken", "RefreshToken"))
    app.get_user(AccessToken=access)
    app.initiate_auth(ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": refresh})


def test_no_code_for_a_user_that_there_is_not(shown: Shown) -> None:
    call(shown.outputs.endpoint, "ForgotPassword", {"ClientId": shown.outputs.client_id, "Username": "ghost"})
    shown.wait_for(r"..:..:..  no code for ghost: there is no such user .*")


@pytest.mark.parametrize(
    ("operation", "document", "line"),
    [
        ("SignUp", {"ClientId": "nobody's", "Username": "cy"}, r"SignUp cy: refused: unknown client: .*  400  .*"),
        ("AdminDeleteUser", {}, r"AdminDeleteUser: refused: not an operation for public clients  400  .*"),
        ("InitiateAuth", {}, r"InitiateAuth: refused: ClientId must be a string with content  400  .*"),
        ("SignUp", {"ClientId": "x" * 20_000}, r"SignUp: refused: blocked by the firewall's rule BodySize  403  .*"),
    ],
)
def test_why_a_call_was_refused(shown: Shown, operation: str, document: dict[str, Any], line: str) -> None:
    call(shown.outputs.endpoint, operation, document)
    shown.wait_for(f"..:..:..  {line}")


def test_who_goes_round_the_proxy(shown: Shown) -> None:
    document = {"ClientId": shown.outputs.client_id, "Username": "eve", "Password": shown.password}
    call(shown.outputs.upstream, "SignUp", document)
    words = "went round the proxy, straight to Cognito; refused: no proof of the secret"
    shown.wait_for(rf"..:..:..  SignUp eve: {words}  400  \d+ ms")


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("http://localhost:3000", "preflight: pages of http://localhost:3000 may call  200"),
        ("http://localhost:9999", r"preflight refused: pages of http://localhost:9999 may not call .*  403"),
    ],
)
def test_which_pages_may_call(shown: Shown, origin: str, words: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    post(shown.outputs.endpoint, b"", asked, method="OPTIONS")
    shown.wait_for(rf"..:..:..  OPTIONS: {words}  \d+ ms")


def test_over_the_rate(shown: Shown) -> None:
    for _ in range(60):
        if call(shown.outputs.endpoint, "ResendConfirmationCode", {}).status == 429:
            break
    shown.wait_for(
        r"..:..:..  ResendConfirmationCode: refused: over the rate of the firewall's rule RecoveryRateLimit "
        r"\(more: -c recovery_rate_limit=…\)  429  \d+ ms"
    )


def test_calls_at_the_same_moment_have_a_line_each(shown: Shown) -> None:
    names = [f"dot-{number}" for number in range(24)]

    def sign_in(name: str) -> int:
        document = {
            "ClientId": shown.outputs.client_id,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": shown.password},
        }
        return call(shown.outputs.endpoint, "InitiateAuth", document).status

    with ThreadPoolExecutor(8) as callers:
        assert set(callers.map(sign_in, names)) == {400}
    for name in names:
        shown.wait_for(rf"..:..:..  InitiateAuth {name}: became AdminInitiateAuth .*; Cognito: \w+Exception  400  .*")


@pytest.mark.proves("local-shows-no-secret")
def test_nothing_secret_was_shown(shown: Shown) -> None:
    shown.wait_for(r".*became GetTokensFromRefreshToken.*")
    screen = "\n".join(shown.lines)
    assert shown.password not in screen
    assert CONTENT_TYPE in screen
    assert "eyJ" not in screen, "a token"
