"""Only people of companies that are customers may sign up."""

from __future__ import annotations

from cognito_proxy_guards import Call, Reject

CUSTOMERS = {"example.com": "C-1001", "example.org": "C-1002"}
"""Domain of the company's mail to its number."""


def check(call: Call) -> Reject | None:
    """Refuse whoever is of no customer; tell the pre sign-up trigger whose customer it is."""
    _, at, domain = call.attributes.get("email", "").lower().rpartition("@")
    if not at or domain not in CUSTOMERS:
        return Reject("Please sign up with the e-mail address of your company.")
    call.tell_triggers("invited_by", CUSTOMERS[domain])
    return None
