"""What AWS refuses is one line that says what is missing, never a traceback."""

from __future__ import annotations

from collections import deque

import pytest
from typer.testing import CliRunner

from cognito_proxy.cli import ip
from cognito_proxy.cli.app import app
from cognito_proxy.list_edits.entries import State
from tests.cli.proxy_for_tests import Proxy
from tests.cli.waf_stub import Refused


def run(proxy: Proxy, *arguments: str) -> tuple[int, str]:
    """Exit code and stderr of `cognito-proxy ip …`."""
    result = CliRunner().invoke(app, ["ip", *arguments, "--stack", proxy.stack])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr.removesuffix("\n")


def test_no_credentials(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert run(proxy, "list") == (1, "error: no AWS credentials; set AWS_PROFILE, or run: aws configure")


def test_half_of_the_credentials(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    code, line = run(proxy, "list")
    assert (code, line.partition(";")[0]) == (1, "error: AWS credentials are incomplete")


def test_no_region(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    assert run(proxy, "list") == (1, "error: no Region; give --region or set AWS_REGION")


def test_a_profile_that_is_not_there(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert run(proxy, "list") == (2, "error: The config profile (nobody) could not be found")


def test_aws_is_not_reached(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    code, line = run(proxy, "list")
    assert code == 1
    assert line.startswith("error: AWS was not reached: ")


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
            Refused("UnrecognizedClientException"),
            "AWS does not know these credentials (UnrecognizedClientException)",
        ),
    ],
)
def test_what_aws_refuses(proxy: Proxy, refused: Refused, said: str) -> None:
    proxy.waf.faults["GetWebACL"] = deque([refused])
    assert run(proxy, "list") == (1, f"error: {said}")


def test_an_update_that_is_refused_is_carried_out_later(proxy: Proxy) -> None:
    proxy.waf.faults["UpdateIPSet"] = deque([Refused("AccessDeniedException", "not allowed")])
    assert run(proxy, "block", "203.0.113.9", "--note", "n")[0] == 1
    assert proxy.entries(proxy.deny[4])["203.0.113.9/32"].state is State.ADDING
    assert run(proxy, "block", "203.0.113.10") == (0, "")
    assert set(proxy.deny[4].addresses) == {"203.0.113.9/32", "203.0.113.10/32"}


def test_a_throttled_list_is_waited_for(proxy: Proxy) -> None:
    busy = ["ThrottlingException", "WAFOptimisticLockException", "WAFUnavailableEntityException"]
    proxy.waf.faults["UpdateIPSet"] = deque(map(Refused, busy))
    assert run(proxy, "block", "203.0.113.9") == (0, "")
    assert proxy.deny[4].addresses == ("203.0.113.9/32",)


def test_a_list_that_stays_busy_is_told(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ip, "_PATIENCE_SECONDS", 0.2)
    proxy.waf.faults["UpdateIPSet"] = deque(Refused("WAFOptimisticLockException") for _ in range(1000))
    assert run(proxy, "block", "203.0.113.9") == (
        1,
        "error: deny list: too many edits at once; this one is recorded, and the scheduled function carries it out",
    )
    assert proxy.entries(proxy.deny[4])["203.0.113.9/32"].state is State.ADDING
