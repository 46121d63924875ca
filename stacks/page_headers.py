"""The headers with which the sign-in page is served, in AWS and on one machine. A local run reads them, so no CDK here.

https://www.w3.org/TR/CSP3/, https://w3c.github.io/trusted-types/dist/spec/
"""

from collections.abc import Iterable, Mapping

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

_TRUSTED_TYPES = ("require-trusted-types-for", "trusted-types")

_HCAPTCHA = ("https://hcaptcha.com", "https://*.hcaptcha.com")

WIDGETS: dict[str, dict[str, tuple[str, ...]]] = {
    # https://developers.cloudflare.com/turnstile/reference/content-security-policy
    "turnstile": {
        "script-src": ("https://challenges.cloudflare.com",),
        "frame-src": ("https://challenges.cloudflare.com",),
    },
    # https://developers.google.com/recaptcha/docs/faq#im-using-content-security-policy-csp-on-my-website.-how-can-i-configure-it-to-work-with-recaptcha
    "recaptcha": {
        "script-src": ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
        "frame-src": ("https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"),
    },
    # https://docs.hcaptcha.com/#content-security-policy-settings
    "hcaptcha": dict.fromkeys(("script-src", "frame-src", "style-src", "connect-src"), _HCAPTCHA),
}
"""What the widget of a human check loads besides the page's own: provider to directives and their sources."""

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


def content_security_policy(connect_to: Iterable[str], *, widget: Mapping[str, Iterable[str]] | None = None) -> str:
    """The policy of a page that calls these URLs, and whatever it was loaded from.

    A URL that ends in a slash stands for all below it (CSP 3, 6.7.2.11, path-part match); one without, for itself.
    `widget` is what a human check loads besides, one of `WIDGETS` (Default: - there is none). With one, trusted types
    are not required: reCAPTCHA's script breaks under them (google/recaptcha#387), and of the others no document says
    that theirs does not.
    """
    sources = " ".join(["'self'", *connect_to])
    directives = dict((*CONTENT_SECURITY_POLICY, ("connect-src", sources)))
    if widget is not None:
        directives = {name: value for name, value in directives.items() if name not in _TRUSTED_TYPES}
        for name, added in widget.items():
            directives[name] = " ".join([*directives.get(name, "").split(), *added])
    return "; ".join(f"{name} {value}" for name, value in directives.items())
