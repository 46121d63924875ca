"""The page on loopback: its files and its headers, for whoever asks by its address."""

import http.client
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local.page.calls import CallFeed
from local.page.serve import is_built, origin_of, page_config, serve_page
from local.ports import listen, port_of
from stacks.page_headers import PAGE_HEADERS, SECURITY_HEADERS

CONFIG = {"endpoint": "http://127.0.0.1:1/prod/", "userPoolId": "eu-west-1_a", "restApiUrl": "http://127.0.0.1:2/v1/"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "app.js").write_text("export {};")
    return tmp_path


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    with listen() as listener, serve_page(listener, CONFIG, calls=CallFeed(), folder=folder) as address:
        assert address == f"{origin_of(listener)}/"
        yield port_of(listener)


def get(port: int, path: str, *, host: str | None = None) -> tuple[int, Mapping[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/index.html", "/app.js", "/config.json", "/calls?after=0"])
def test_answers_have_the_headers_of_the_deployment(port: int, path: str) -> None:
    status, headers, _ = get(port, path)
    assert status == 200
    assert {name: headers[name] for name in PAGE_HEADERS | SECURITY_HEADERS} == PAGE_HEADERS | SECURITY_HEADERS
    policy = headers["Content-Security-Policy"]
    assert policy.endswith("; connect-src 'self' http://127.0.0.1:1/prod/ http://127.0.0.1:2/v1/")
    assert "unsafe" not in policy


def test_configuration_is_the_runs(port: int) -> None:
    assert json.loads(get(port, "/config.json")[2]) == {**CONFIG, "calls": "calls"}


@pytest.mark.parametrize("host", ["evil.example.com", "localhost:80", "127.0.0.1"])
@pytest.mark.parametrize("path", ["/", "/calls?after=0"])
def test_foreign_names_that_lead_here_get_nothing(port: int, host: str, path: str) -> None:
    status, _, body = get(port, path, host=host)
    assert status == 421
    assert body == f"ask for http://127.0.0.1:{port}/\n".encode()


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40, "%D9%A1"])
def test_odd_numbers_are_the_first(port: int, after: str) -> None:
    status, _, body = get(port, f"/calls?after={after}")
    assert (status, json.loads(body)) == (200, {"calls": [], "last": 0})


@pytest.mark.parametrize("path", ["/../conftest.py", "/%2e%2e/secret", "/missing.js"])
def test_serves_what_is_in_its_folder_and_no_more(port: int, path: str) -> None:
    assert get(port, path)[0] in (403, 404)


def test_configuration_takes_of_the_outputs_what_the_page_needs(tmp_path: Path) -> None:
    outputs = {"endpoint": "e", "user_pool_id": "p", "client_id": "c", "upstream": "u", "HttpApiUrl": "h"}
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(outputs))
    assert page_config(file) == {"endpoint": "e", "userPoolId": "p", "clientId": "c", "httpApiUrl": "h"}


def test_tells_whether_there_is_a_page(tmp_path: Path, folder: Path) -> None:
    assert is_built(folder)
    assert not is_built(tmp_path / "nothing")
