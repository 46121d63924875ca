"""Which sentences of an answer may be shown."""

import json

import pytest

from local.screen.proxy_texts import proxy_text
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.journal import Journal


@pytest.mark.parametrize(
    "text",
    [
        "User pool client does not exist.",
        "This operation is not offered to public clients.",
        "This origin is not allowed.",
        "The body is not valid JSON.",
        "AuthParameters must be an object.",
        "Amazon Cognito did not answer in time.",
    ],
)
def test_the_proxy_s_own(text: str) -> None:
    assert proxy_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Value 's3nt1nel' at 'sRPA' failed to satisfy constraint",
        "s3nt1nel must be an object.",
        "a password must be an object.",
        "The body is not valid JSON. s3nt1nel",
        "User pool client s3nt1nel does not exist.",
    ],
)
def test_no_other(text: str) -> None:
    assert proxy_text(text) == ""


def test_a_journal_keeps_no_other() -> None:
    journal = Journal(tellable=proxy_text)
    request = HttpRequest(method="POST", path="/", headers=(), body=b"{}", client_ip="192.0.2.7")
    for message in ("The body is not valid JSON.", "Value 's3nt1nel' is wrong"):
        body = json.dumps({"__type": "E", "message": message}).encode()
        journal.record(request, HttpResponse(status=400, headers=(), body=body))
    assert [call.refusal for call in journal.calls()] == ["The body is not valid JSON.", ""]
