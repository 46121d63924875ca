"""Options of `cognito-proxy smoke` that are wrong: one line that names the option, before anything is looked at."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cognito_proxy.cli.app import app


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give --stack (or COGNITO_PROXY_STACK), --endpoint, or --local"),
        (
            ["--local", "--only", "web-acl-rule"],
            "--only: there is no check 'web-acl-rule'; did you mean web-acl-rules?",
        ),
        (["--local", "--skip", "dsn"], "--skip: there is no check 'dsn'; did you mean dns?"),
        (["--local", "--flood", "100000", "--yes"], "--flood"),
        (["--local", "--address", "me"], "--address: 'me' is no address"),
        (["--local", "--client-id", "x"], "--client-id and --origin go with --endpoint"),
        (["--local", "--region", "eu-west-1"], "--local and --region: give one of them"),
        (["--local", "--stack", "x"], "--stack, --endpoint and --local: give one of them"),
        (["--local", "--endpoint", "https://a.example/"], "--stack, --endpoint and --local: give one of them"),
        (["--endpoint", "https://a.example/"], "--endpoint needs --client-id, and --region"),
        (["--endpoint", "a.example", "--client-id", "x", "--region", "eu-west-1"], "is no URL of a proxy"),
        (
            ["--endpoint", "https://a.example/", "--client-id", "x", "--region", "eu-west-1", "--user"],
            "--user, --deny-me and --flood need --stack, or --local",
        ),
    ],
)
def test_wrong_usage_is_one_line(arguments, told, monkeypatch):
    for name in ("AWS_REGION", "COGNITO_PROXY_STACK"):
        monkeypatch.delenv(name, raising=False)
    done = CliRunner().invoke(app, ["smoke", *arguments])
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("error: ")
    assert told in done.stderr
