"""What the function writes: how a call went, and nothing of who made it."""

import json

import pytest

from sample_api import handler
from tests.sample_api.calls import CLIENT, EVENTS, JANE, answered, call, id_claims
from tests.sample_api.memory_table import MemoryTable, cancelled, error, raising

SENTINEL = "sentinel-0123456789"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    written = capsys.readouterr()
    assert written.err == ""
    return [json.loads(line) for line in written.out.splitlines()]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("kind", "request_id"), [("rest", "own="), ("http", "lambdas-own")])
def test_one_line_a_call(capsys: pytest.CaptureFixture[str], kind: str, request_id: str) -> None:
    answered(EVENTS[kind]("POST", "/documents/notes", claims=id_claims(), body="1"))
    (line,) = lines(capsys)
    assert line.pop("ms") in range(1_000)
    assert line == {"request": request_id, "method": "POST", "route": "/documents/{name}", "status": 201}


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("GET", f"/documents/{SENTINEL}", None),
        ("POST", f"/documents/{SENTINEL}", None),
        ("POST", f"/documents/{SENTINEL}", error("PutItem", "AccessDeniedException")),
        ("POST", f"/documents/{SENTINEL}", cancelled("None", "ThrottlingError")),
        ("GET", f"/{SENTINEL}", None),
        (SENTINEL, "/documents", None),
        ("GET", "/documents", ValueError(SENTINEL)),
    ],
    ids=str,
)
def test_nothing_that_a_caller_sent_is_written(
    table: MemoryTable, capsys: pytest.CaptureFixture[str], method: str, path: str, fault: Exception | None
) -> None:
    if fault:
        table.before = [raising(fault)]
    claims = id_claims(given_name=SENTINEL, email=f"{SENTINEL}@example.com")
    answer = call(
        method,
        path,
        claims=claims,
        body=json.dumps(SENTINEL),
        query={SENTINEL: SENTINEL},
        headers={"Authorization": f"Bearer {SENTINEL}", "User-Agent": SENTINEL, "Origin": f"https://{SENTINEL}"},
    )
    written = json.dumps(lines(capsys))
    for secret in (SENTINEL, JANE, CLIENT, "sentinel-of-an-aws-message", "chosen-by-the-caller"):
        assert secret not in written
    if fault:
        assert answer.status == 500
        assert "sentinel" not in answer.text
        assert '"fault": ' in written


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (error("PutItem", "AccessDeniedException"), "PutItem: AccessDeniedException"),
        (KeyError("a"), "KeyError"),
    ],
)
def test_a_fault_is_named(table: MemoryTable, capsys: pytest.CaptureFixture[str], fault: Exception, words: str) -> None:
    table.before = [raising(fault)]
    call("POST", "/documents/a", body="1")
    assert lines(capsys)[0]["fault"] == words


def test_a_client_of_aws_waits_for_less_than_api_gateway_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"REGION": "eu-west-1", "ACCESS_KEY_ID": "AKIDEXAMPLE", "SECRET_ACCESS_KEY": "dummy"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    handler._dynamodb.cache_clear()
    client = handler._dynamodb()
    try:
        config = client.meta.config
        tries = config.retries["total_max_attempts"]
        assert tries * (config.connect_timeout + config.read_timeout) <= 10
    finally:
        client.close()
        handler._dynamodb.cache_clear()
