"""The table that shows what the proxy made of a call."""

from io import StringIO
from typing import Any

from rich.console import Console

from local.simulators.common.journal import Call
from local.wire import wire_table


def _call(operation: str, body: dict[str, Any], *, signed: bool = False) -> Call:
    return Call(
        operation=operation,
        method="POST",
        status=200,
        error_type="",
        header_names=(),
        signed=signed,
        source_ip="127.0.0.1",
        forwarded_for="",
        body=body,
        answer={},
    )


def _shown(sent: Call, passed_on: Call) -> str:
    screen = StringIO()
    Console(file=screen, width=300).print(wire_table([sent], [passed_on]))
    return screen.getvalue()


def test_shows_that_a_call_became_the_administrator_s_signed_and_what_it_tells_of_the_client() -> None:
    context = {"IpAddress": "192.0.2.1", "ServerName": "auth.example.com", "HttpHeaders": []}
    shown = _shown(
        _call("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH"}),
        _call("AdminInitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "ContextData": context}, signed=True),
    )
    assert "client → proxy  InitiateAuth {AuthFlow=USER_SRP_AUTH}" in shown
    assert "proxy → Cognito AdminInitiateAuth <signed> {AuthFlow=USER_SRP_AUTH, ContextData <added> " in shown
    assert "{IpAddress=192.0.2.1, ServerName=auth.example.com, HttpHeaders}" in shown


def test_shows_that_a_value_moved_where_the_proxy_added_none() -> None:
    shown = _shown(
        _call("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "<redacted>"}}),
        _call("GetTokensFromRefreshToken", {"RefreshToken": "<redacted>", "ClientSecret": "<redacted>"}),
    )
    assert "RefreshToken <moved>, ClientSecret <added>" in shown
    assert "AuthParameters <removed>" in shown


def test_says_nothing_of_a_signature_where_there_is_none() -> None:
    assert "signed" not in _shown(_call("SignUp", {}), _call("SignUp", {"SecretHash": "<redacted>"}))
