"""Origins are exact, as browsers send them."""

import pytest
from aws_cdk import Token

from cognito_proxy import PropertyError
from cognito_proxy.common.origins import check_origins

EXACT = [
    "https://app.example.com",
    "https://app.example.com:8443",
    "http://localhost:5173",
    "http://127.0.0.1:5173",
    "http://[::1]:5173",
    "capacitor://localhost",
    "ionic://localhost",
    "https://xn--bcher-kva.example",
    "*",
]
WRONG = [
    "",
    "app.example.com",
    "https://app.example.com/",
    "https://app.example.com/path",
    "https://*.example.com",
    "https://App.example.com",
    "HTTPS://app.example.com",
    "https://app.example.com:443",
    "http://app.example.com:80",
    "https://app.example.com:0",
    "https://app.example.com:65536",
    "https://app.example.com?x=1",
    "https://user@app.example.com",
    "https://app.example.com'",
    "https://app..example.com",
    "https://-app.example.com",
    "https://bücher.example",
    "https:// app.example.com",
    "https://app.example.com\n",
    "null",
    "**",
]


@pytest.mark.parametrize("origin", EXACT)
def test_accepts(origin: str) -> None:
    check_origins("allowed_origins", [origin])


@pytest.mark.proves("exact-origins")
@pytest.mark.parametrize("origin", WRONG)
def test_refuses(origin: str) -> None:
    with pytest.raises(PropertyError, match="allowed_origins: ") as raised:
        check_origins("allowed_origins", [origin])
    assert repr(origin) in str(raised.value)


@pytest.mark.parametrize("text", ["https://app.example.com", "https://a.example.com,https://b.example.com", "*", ""])
def test_refuses_a_text_in_place_of_a_list(text: str) -> None:
    with pytest.raises(PropertyError, match="allowed_origins: ") as raised:
        check_origins("allowed_origins", text)
    assert str(raised.value) == f"allowed_origins: {text!r} is one text; give a list of origins, such as [{text!r}]"


def test_any_origin_stands_alone() -> None:
    with pytest.raises(PropertyError, match=r"allowed_origins: '\*' stands alone, not beside 1 other"):
        check_origins("allowed_origins", ["*", "https://app.example.com"])


def test_what_is_known_at_deploy_time_only_passes() -> None:
    check_origins("allowed_origins", [Token.as_string({"Ref": "Origin"})])
