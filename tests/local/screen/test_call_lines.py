"""What the screen says of a call."""

import ast
from typing import Any

import pytest

from local.paths import ROOT
from local.screen.call_lines import RATE_FLAGS, Tone, code_words, line_of, shown
from local.screen.codes import SentCode
from local.screen.exchanges import Exchange
from local.simulators.common.http import TurnedAway
from local.simulators.common.journal import Call
from tests.local.sample_calls import a_call, an_exchange

HIDDEN = "<redacted>"
ADA = {"ClientId": "c", "Username": "ada"}
PASSWORD = {"ClientId": "c", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ada"}}
PROVED = {**PASSWORD, "AuthParameters": {"USERNAME": "ada", "SECRET_HASH": HIDDEN}}
ADDRESS = {"IpAddress": "127.0.0.1"}


def _forwarded(before: Call, operation: str, body: Any, **fields: Any) -> Exchange:
    return an_exchange(before, a_call(operation, body), **fields)


def test_is_one_line_with_time_operation_user_words_status_and_milliseconds() -> None:
    line = line_of(_forwarded(a_call("SignUp", ADA), "SignUp", {**ADA, "SecretHash": HIDDEN}))
    assert line.plain == "12:03:11  SignUp ada: secret hash added  200  12 ms"


def test_names_a_path_of_oauth() -> None:
    line = line_of(an_exchange(a_call("", {}, method="GET", oauth_path="/oauth2/authorize", status=302)))
    assert line.subject == "GET /oauth2/authorize"


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (_forwarded(a_call("SignUp", ADA), "SignUp", {**ADA, "SecretHash": HIDDEN}), "secret hash added"),
        (_forwarded(a_call("InitiateAuth", PASSWORD), "InitiateAuth", PROVED), "secret hash added"),
        (
            _forwarded(
                a_call("RespondToAuthChallenge", {"ChallengeResponses": {"USERNAME": "ada"}}),
                "RespondToAuthChallenge",
                {"ChallengeResponses": {"USERNAME": "ada", "SECRET_HASH": HIDDEN}},
            ),
            "secret hash added",
        ),
        (
            _forwarded(a_call("InitiateAuth"), "GetTokensFromRefreshToken", {"ClientSecret": HIDDEN}),
            "became GetTokensFromRefreshToken; client secret added",
        ),
        (
            _forwarded(a_call("InitiateAuth", PASSWORD), "AdminInitiateAuth", {**PROVED, "ContextData": ADDRESS}),
            "became AdminInitiateAuth with the client's address; secret hash added",
        ),
        (
            _forwarded(a_call("SignUp", ADA), "SignUp", {**ADA, "SecretHash": HIDDEN, "UserContextData": ADDRESS}),
            "secret hash and client's address added",
        ),
        (_forwarded(a_call("RevokeToken"), "RevokeToken", {"ClientSecret": HIDDEN}), "client secret added"),
        (_forwarded(a_call("GetUser"), "GetUser", {}), "passed through"),
        (
            _forwarded(a_call("SignUp", {**ADA, "UserContextData": {"IpAddress": "9.9.9.9"}}), "SignUp", ADA),
            "the address that it claimed dropped",
        ),
        (
            _forwarded(
                a_call("SignUp", {**ADA, "UserContextData": {"IpAddress": "9.9.9.9"}}),
                "SignUp",
                {**ADA, "SecretHash": HIDDEN, "UserContextData": ADDRESS},
            ),
            "secret hash added; the address that it claimed replaced",
        ),
        (
            _forwarded(
                a_call("SignUp", {**ADA, "UserContextData": ADDRESS}),
                "SignUp",
                {**ADA, "SecretHash": HIDDEN, "UserContextData": ADDRESS},
            ),
            "secret hash added",
        ),
        (an_exchange(a_call("SignUp", ADA)), "answered"),
        (
            _forwarded(a_call("SignUp", ADA), "SignUp", {**ADA, "SecretHash": HIDDEN}, tried_again=True),
            "secret hash added; tried again with the secret fetched anew",
        ),
    ],
)
def test_says_what_was_added(exchange: Exchange, words: str) -> None:
    line = line_of(exchange)
    assert (line.what, line.tone) == (words, Tone.GOOD)


def test_says_what_cognito_refused() -> None:
    sent = a_call("ConfirmSignUp", ADA, status=400, error_type="CodeMismatchException")
    line = line_of(_forwarded(sent, "ConfirmSignUp", {**ADA, "SecretHash": HIDDEN}))
    assert (line.what, line.tone) == ("secret hash added; Cognito: CodeMismatchException", Tone.REFUSED)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"refusal": "User pool client does not exist."},
            "refused: unknown client: its ClientId is none of this proxy's",
        ),
        (
            {"refusal": "This operation is not offered to public clients."},
            "refused: not an operation for public clients",
        ),
        ({"refusal": "The body is not valid JSON."}, "refused: The body is not valid JSON"),
        ({"error_type": "InternalErrorException"}, "refused: InternalErrorException"),
        ({}, "refused: no reason given"),
        (
            {"turned_away": TurnedAway(by="the firewall", why="DenyList")},
            "refused: blocked by the firewall's rule DenyList",
        ),
        (
            {"turned_away": TurnedAway(by="the firewall", why="SignUpRateLimit")},
            "refused: over the rate of the firewall's rule SignUpRateLimit (more: -c sign_up_rate_limit=…)",
        ),
        (
            {"turned_away": TurnedAway(by="the firewall", why="Ipv6NetworkSignUpRateLimit")},
            "refused: over the rate of the firewall's rule Ipv6NetworkSignUpRateLimit",
        ),
        ({"turned_away": TurnedAway(by="CloudFront", why="the reason")}, "refused by CloudFront: the reason"),
    ],
)
def test_says_why_it_was_refused(fields: dict[str, Any], words: str) -> None:
    line = line_of(an_exchange(a_call("SignUp", ADA, status=400, **fields)))
    assert (line.what, line.tone) == (words, Tone.REFUSED)


def test_knows_the_flag_of_every_rate_that_has_one() -> None:
    """`stacks/flags/firewall.py` makes a flag of each of OperationRates. Read as text: an import starts Node.js."""
    rules = _members("firewall/rules.py", "FirewallRule")
    groups = _members("firewall/rates.py", "OperationRates")
    assert RATE_FLAGS.keys() < set(rules.values())
    assert set(RATE_FLAGS.values()) == {"rate_limit", *(f"{group}_rate_limit" for group in groups)}


def _members(file: str, name: str) -> dict[str, Any]:
    """What stands in a class of the library: name → value; None for a value that is no text."""
    module = ast.parse((ROOT / "cognito_proxy" / file).read_text(encoding="utf-8"))
    (found,) = (node for node in module.body if isinstance(node, ast.ClassDef) and node.name == name)
    members: dict[str, Any] = {}
    for node in found.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=member)], value=ast.Constant(value=value)):
                members[member] = value
            case ast.AnnAssign(target=ast.Name(id=member)):
                members[member] = None
    return members


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"proof_refused": True, "status": 400, "error_type": "NotAuthorizedException"},
            "refused: no proof of the secret",
        ),
        ({"status": 400, "error_type": "NotAuthorizedException"}, "refused: NotAuthorizedException"),
        ({}, "answered"),
    ],
)
def test_says_that_somebody_went_round_the_proxy(fields: dict[str, Any], words: str) -> None:
    line = line_of(an_exchange(a_call("SignUp", ADA, **fields), direct=True))
    assert (line.what, line.tone) == (f"went round the proxy, straight to Cognito; {words}", Tone.DIRECT)


@pytest.mark.parametrize(
    ("fields", "words", "tone"),
    [
        ({}, "no preflight of a page, since it names no Origin", Tone.QUIET),
        ({"origin": "http://localhost:3000"}, "preflight: pages of http://localhost:3000 may call", Tone.QUIET),
        (
            {"origin": "http://localhost:9999", "status": 403},
            "preflight refused: pages of http://localhost:9999 may not call (more: -c allowed_origins=…)",
            Tone.REFUSED,
        ),
    ],
)
def test_says_which_pages_may_call(fields: dict[str, Any], words: str, tone: Tone) -> None:
    line = line_of(an_exchange(a_call("", method="OPTIONS", **fields)))
    assert (line.subject, line.what, line.tone) == ("OPTIONS", words, tone)


def test_a_code_is_one_line() -> None:
    sent = SentCode(user="alice", code="123456", purpose="sign-up", medium="e-mail")
    assert code_words(sent) == "code for alice: 123456 (sign-up; Cognito would send it by e-mail)"


def test_a_code_that_nobody_gets_is_not_told() -> None:
    words = code_words(SentCode(user="alcie", code="", purpose="reset", medium="e-mail"))
    assert words.startswith("no code for alcie: there is no such user")


def test_nothing_that_a_client_sends_can_move_the_cursor_or_fill_the_screen() -> None:
    assert shown("a\x1b[2J\nb") == "a?[2J?b"
    assert shown("x" * 5_000) == "x" * 39 + "…"
    line = line_of(
        an_exchange(
            a_call("S\x1b[1m" + "x" * 500, {"Username": "ada\x1b]0;\x07"}, status=400, error_type="E\n\x1b[0m"),
        )
    )
    assert line.plain.isprintable()
    assert len(line.plain) < 200
