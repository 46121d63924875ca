"""The headers with which the sign-in page is served, in AWS and on one machine. A local run reads them, so no CDK here.

https://www.w3.org/TR/CSP3/, https://w3c.github.io/trusted-types/dist/spec/
"""

from collections.abc import Iterable

CONTENT_SECURITY_POLICY: tuple[tuple[str, str], ...] = (
    ("default-src", "'none'"),
    # Its own files only: no inline script, no inline style, nothing of other hosts.
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self'"),
    # Forms are read by the script; none is ever sent.
    ("form-action", "'none'"),
    ("base-uri", "'none'"),
    ("frame-ancestors", "'none'"),
    # No text becomes markup or code.
    ("require-trusted-types-for", "'script'"),
    ("trusted-types", "'none'"),
)
"""Directives and their sources; `connect-src` comes from the deployment."""

PAGE_HEADERS: dict[str, str] = {
    # A file of an older deployment may stay in the cache, but is asked about each time.
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Name to value: what CloudFront has no setting of its own for."""

SECURITY_HEADERS: dict[str, str] = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Name to value: what it has one for."""


def content_security_policy(connect_to: Iterable[str]) -> str:
    """The policy of a page that calls these URLs, and whatever it was loaded from.

    A URL that ends in a slash stands for all below it (CSP 3, 6.7.2.11, path-part match); one without, for itself.
    """
    sources = " ".join(["'self'", *connect_to])
    return "; ".join(f"{name} {value}" for name, value in (*CONTENT_SECURITY_POLICY, ("connect-src", sources)))
