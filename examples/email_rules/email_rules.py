"""No disposable mailboxes at sign-up, and one spelling for an address that has many.

Where a user gives an e-mail address (at sign-up, as attribute or as username, and wherever it is set later), an address
of a domain in `disposable_domains.txt` is refused. The pool's triggers are told the address without its `+tag`, as
`normalized_email` in `ClientMetadata`: a pre sign-up trigger can look there for an account that is there already.
Cognito itself gets the address as the user wrote it.

Deploy it with the properties in `guards.json`. Copy it, and change it as you like.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cognito_proxy_guards import TELLING_OPERATIONS, Call, Reject

REFUSE_TAGS = False
"""Whether `ada+shop@example.com` is refused, too. It is a way to open many accounts with one mailbox, and an honest
way to sort mail."""

DOMAINS_FILE = Path(__file__).with_name("disposable_domains.txt")


LONGEST_DOMAIN = 253
"""Characters: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, without the dot at the end."""


def read_domains(text: str) -> frozenset[str]:
    """The domains of a file: one a line, `#` begins a comment."""
    lines = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    return frozenset(line for line in lines if line)


DOMAINS = read_domains(DOMAINS_FILE.read_text(encoding="utf-8"))
"""Read once, when the function starts."""


def check(call: Call) -> Reject | None:
    """Refuse a disposable address; tell the triggers the normalized one."""
    normalized = None
    for address in _addresses(call):
        local, _, domain = address.rpartition("@")
        if len(domain) > LONGEST_DOMAIN:
            return Reject("This is no e-mail address.")
        if is_disposable(domain):
            return Reject("Please use an e-mail address that you keep.")
        if REFUSE_TAGS and "+" in local:
            return Reject("Please use your e-mail address without a plus sign.")
        normalized = normalize(address)
    if normalized is not None and call.operation in TELLING_OPERATIONS:
        call.tell_triggers("normalized_email", normalized)
    return None


def is_disposable(domain: str) -> bool:
    """Whether a domain, or one that it is below, is in the list."""
    labels = _plain(domain).split(".")
    return any(".".join(labels[start:]) in DOMAINS for start in range(len(labels)))


def normalize(address: str) -> str:
    """One spelling: lower case, without what follows a plus sign. Dots stay: only some providers ignore them."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0].lower()}@{_plain(domain)}"


def _plain(domain: str) -> str:
    """Lower case, without a final dot, and as ASCII: `bücher.example` and `xn--bcher-kva.example` are one domain."""
    text = domain.strip().rstrip(".").lower()
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        return text


def _addresses(call: Call) -> Iterator[str]:
    """The username first, where it is an address; then the attribute, which counts."""
    if call.operation == "SignUp" and call.username is not None and "@" in call.username:
        yield call.username
    if "email" in call.attributes:
        yield call.attributes["email"]
