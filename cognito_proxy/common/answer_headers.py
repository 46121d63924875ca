"""The headers of every answer, whoever gives it: the function, API Gateway, AWS WAF or CloudFront.

The function cannot import this package: `proxy.regional` has the same values, and a test compares them.
"""

HSTS_DAYS = 730
"""Two years, as browsers' preload lists want it."""

ANSWER_HEADERS = {
    # Tokens must stay in no cache, neither the browser's nor one on the way.
    "Cache-Control": "no-store",
    # JSON for programs: nobody takes it for a page or a script.
    "X-Content-Type-Options": "nosniff",
    # It speaks for this host alone, not for the domain's others.
    "Strict-Transport-Security": f"max-age={HSTS_DAYS * 24 * 3600}",
}
"""Name to value."""
