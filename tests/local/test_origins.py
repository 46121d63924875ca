"""Which pages may call a proxy on this machine."""

from pathlib import Path

import pytest

from cognito_proxy.common.origins import check_origins
from local.origins import LOCALHOST, allowed_by, is_default, with_local_origins, words_for


def test_pages_of_development_servers_by_default() -> None:
    context = with_local_origins({"rate_limit": "70"})
    assert context["rate_limit"] == "70"
    assert {f"http://localhost:{port}" for port in (3000, 4200, 5173, 8080)} < set(allowed_by(context) or ())
    assert is_default("allowed_origins", context["allowed_origins"])


def test_the_default_is_what_the_flag_allows() -> None:
    check_origins("allowed_origins", LOCALHOST)


@pytest.mark.parametrize(
    "context",
    [{"allowed_origins": "https://a.example.com"}, {"allowed_origins": ""}, {"config": "prod.json"}],
    ids=["flag", "none", "file"],
)
def test_what_the_user_says_wins(context: dict[str, str]) -> None:
    assert with_local_origins(context) == context


def test_what_cdk_json_says_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdk.json").write_text('{"context": {"allowed_origins": ["https://a.example.com"]}}')
    monkeypatch.setattr("local.deployment.cdk_json.ROOT", tmp_path)
    assert with_local_origins({}) == {}
    assert allowed_by({}) is None


PAGE = "http://127.0.0.1:40000"


@pytest.mark.parametrize(
    ("context", "origins"),
    [
        ({}, (*LOCALHOST, PAGE)),
        ({"allowed_origins": "https://a.example.com"}, ("https://a.example.com", PAGE)),
        ({"allowed_origins": "*"}, ("*",)),
        ({"config": "prod.json"}, None),
    ],
    ids=["default", "flag", "any", "file"],
)
def test_the_runs_own_page_may_call_too(context: dict[str, str], origins: tuple[str, ...] | None) -> None:
    assert allowed_by(with_local_origins(context, page=PAGE)) == origins


def test_with_the_page_the_default_is_still_one() -> None:
    context = with_local_origins({}, page=PAGE)
    assert is_default("allowed_origins", context["allowed_origins"])
    assert not is_default("allowed_origins", PAGE)
    assert words_for((*LOCALHOST, PAGE)).endswith(f"8080; {PAGE}")


def test_words() -> None:
    assert words_for(LOCALHOST).startswith("http://localhost and http://127.0.0.1, ports 3000, ")
    assert (
        words_for(["https://a.example.com", "https://b.example.com"]) == "https://a.example.com, https://b.example.com"
    )
    assert words_for([]) == "none"
