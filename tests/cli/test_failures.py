"""What AWS refuses is one line that says what is missing, never a traceback."""

from __future__ import annotations

from collections import deque
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from botocore.exceptions import (
    CredentialRetrievalError,
    ReadTimeoutError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from typer.testing import CliRunner

from cognito_proxy.cli import ip
from cognito_proxy.cli.app import app
from cognito_proxy.list_edits.entries import State
from local.simulators.common.aws_json import Refused
from tests.cli.deployed_proxy import DeployedProxy


def run(proxy: DeployedProxy, *arguments: str) -> tuple[int, str]:
    """Exit code and stderr of `cognito-proxy ip …`."""
    result = CliRunner().invoke(app, ["ip", *arguments, "--stack", proxy.stack])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr.removesuffix("\n")


def test_no_credentials(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert run(proxy, "list") == (1, "error: no AWS credentials; set AWS_PROFILE, or run: aws configure")


def test_half_of_the_credentials(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    code, line = run(proxy, "list")
    assert (code, line.partition(";")[0]) == (1, "error: AWS credentials are incomplete")


def test_no_region(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    assert run(proxy, "list") == (1, "error: no Region; give --region or set AWS_REGION")


def test_a_profile_that_is_not_there(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert run(proxy, "list") == (2, "error: The config profile (nobody) could not be found")


@pytest.mark.parametrize("region", ["eu west 1", "-", "nope!"])
def test_what_is_no_region(proxy: DeployedProxy, region: str) -> None:
    code, line = run(proxy, "list", "--region", region)
    assert (code, line) == (2, f"error: --region: {region!r} is no Region of AWS; write eu-west-1")


def test_an_endpoint_that_is_no_url(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:4566")
    code, line = run(proxy, "list")
    assert (code, line.partition(":")[2]) == (
        2,
        " AWS_ENDPOINT_URL: Invalid endpoint: localhost:4566; write http://127.0.0.1:4566, or unset it",
    )


def test_what_answers_is_not_aws(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    class Portal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html><body>Sign in to the hotel's network")

        def log_message(self, *args: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        try:
            code, line = run(proxy, "list")
        finally:
            server.shutdown()
            thread.join(10)
    assert (code, line) == (
        1,
        "error: what answered does not speak AWS's language; look at AWS_ENDPOINT_URL and the HTTP proxy",
    )


def test_a_stack_name_that_cannot_be_one(proxy: DeployedProxy) -> None:
    result = CliRunner().invoke(app, ["ip", "list", "--stack", ""])
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_a_broken_configuration_file(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("[default\nregion = eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    code, line = run(proxy, "list")
    assert code == 1
    assert str(broken) in line


@pytest.mark.proves("errors-one-line")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UnauthorizedSSOTokenError(), "the AWS sign-in has expired; run: aws sso login"),
        (TokenRetrievalError(provider="sso", error_msg="x"), "the AWS sign-in has expired; run: aws sso login"),
        (
            CredentialRetrievalError(provider="custom-process", error_msg="x"),
            "the AWS credentials could not be fetched; look at the profile in ~/.aws/config",
        ),
        (
            ReadTimeoutError(endpoint_url="https://wafv2.eu-west-1.amazonaws.com/"),
            (
                'AWS was not reached: Read timeout on endpoint URL: "https://wafv2.eu-west-1.amazonaws.com/"; '
                "look at the network, the Region and AWS_ENDPOINT_URL"
            ),
        ),
    ],
)
def test_what_boto_says_is_explained(
    proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", fail)
    assert run(proxy, "list") == (1, f"error: {said}")


@pytest.mark.proves("errors-one-line")
def test_what_nobody_foresaw_is_one_line_and_can_be_looked_into(
    proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("Stacks")

    monkeypatch.setattr("cognito_proxy.cli.proxy_lists.stack_outputs", fail)
    assert run(proxy, "list") == (
        1,
        "error: KeyError: 'Stacks'; this is a bug; to see where, set COGNITO_PROXY_DEBUG=1",
    )
    monkeypatch.setenv("COGNITO_PROXY_DEBUG", "1")
    result = CliRunner().invoke(app, ["ip", "list", "--stack", proxy.stack])
    assert isinstance(result.exception, KeyError)


@pytest.mark.proves("exit-code-130")
def test_an_interruption_is_one_line(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cognito_proxy.cli.proxy_lists.stack_outputs", interrupt)
    assert run(proxy, "list") == (130, "error: interrupted")


def test_aws_is_not_reached(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    code, line = run(proxy, "list")
    assert code == 1
    assert line.startswith("error: AWS was not reached: ")


@pytest.mark.proves("exit-code-1")
@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            Refused("AccessDeniedException", "user/ann is not authorized to perform: wafv2:GetWebACL"),
            "AWS refused GetWebACL (AccessDeniedException): user/ann is not authorized to perform: wafv2:GetWebACL",
        ),
        (
            Refused("ExpiredTokenException"),
            "the AWS credentials have expired; sign in again (ExpiredTokenException)",
        ),
        (
            Refused("InvalidSignatureException"),
            (
                "AWS does not take the signature; look at the secret access key and at this machine's clock "
                "(InvalidSignatureException)"
            ),
        ),
        (
            Refused("UnrecognizedClientException"),
            "AWS does not know these credentials (UnrecognizedClientException)",
        ),
    ],
)
def test_what_aws_refuses(proxy: DeployedProxy, refused: Refused, said: str) -> None:
    proxy.waf.faults["GetWebACL"] = deque([refused])
    assert run(proxy, "list") == (1, f"error: {said}")


@pytest.mark.proves("exit-code-3")
def test_an_update_that_is_refused_is_carried_out_later(proxy: DeployedProxy) -> None:
    proxy.waf.faults["UpdateIPSet"] = deque([Refused("AccessDeniedException", "not allowed")])
    code, line = run(proxy, "block", "203.0.113.9", "--note", "n")
    assert (code, line.partition("; ")) == (
        3,
        (
            "error: AWS refused UpdateIPSet (AccessDeniedException): not allowed",
            "; ",
            "it is recorded, and the scheduled function carries it out",
        ),
    )
    assert proxy.entries(proxy.deny[4])["203.0.113.9/32"].state is State.ADDING
    assert run(proxy, "block", "203.0.113.10") == (0, "")
    assert set(proxy.deny[4].addresses) == {"203.0.113.9/32", "203.0.113.10/32"}


def test_a_throttled_list_is_waited_for(proxy: DeployedProxy) -> None:
    busy = ["ThrottlingException", "WAFOptimisticLockException", "WAFUnavailableEntityException"]
    proxy.waf.faults["UpdateIPSet"] = deque(map(Refused, busy))
    assert run(proxy, "block", "203.0.113.9") == (0, "")
    assert proxy.deny[4].addresses == ("203.0.113.9/32",)


def test_a_list_that_stays_busy_is_told(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ip, "_RETRY_SECONDS", 0.2)
    proxy.waf.faults["UpdateIPSet"] = deque(Refused("WAFOptimisticLockException") for _ in range(1000))
    assert run(proxy, "block", "203.0.113.9") == (
        3,
        "error: deny list: too many edits at once; it is recorded, and the scheduled function carries it out",
    )
    assert proxy.entries(proxy.deny[4])["203.0.113.9/32"].state is State.ADDING
