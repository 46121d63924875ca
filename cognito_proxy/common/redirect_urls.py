"""Addresses that Cognito sends users back to."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from aws_cdk import Token

from cognito_proxy.common.property_error import PropertyError

# API reference, CallbackURLsListType and RedirectUrlType.
_MAX_URLS = 100
MAX_URL = 1024
"""Characters of one."""

# "Amazon Cognito requires HTTPS over HTTP except for …": API reference, CreateUserPoolClient, CallbackURLs.
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def check_redirect_urls(name: str, urls: Sequence[str]) -> None:
    """Refuse what Cognito does not take, and what a browser would run.

    Raises:
        PropertyError: one is none, or there are too many; `name` is the property's.
    """
    if isinstance(urls, str):
        raise PropertyError(f"{name}: {urls!r} is one text; give a list of addresses, such as [{urls!r}]")
    if len(urls) > _MAX_URLS:
        raise PropertyError(f"{name} must hold at most {_MAX_URLS} addresses, not {len(urls)}")
    for url in urls:
        if not Token.is_unresolved(url) and not is_redirect_url(url):
            raise PropertyError(
                f"{name}: {url!r} is not an address to come back to; allowed is an absolute one without fragment, "
                "with https, a scheme of the app's own, or http on localhost"
            )


def is_redirect_url(url: str) -> bool:
    """Whether a text is such an address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not parts.scheme or len(url) > MAX_URL or "#" in url or any(sign.isspace() for sign in url):
        return False
    if parts.scheme == "http":
        return host in _LOCAL
    # Browsers run these.
    if parts.scheme in ("javascript", "data", "vbscript"):
        return False
    return bool(host) if parts.scheme == "https" else "://" in url
