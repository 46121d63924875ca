"""Which samples stand beside the proxy, and what their flags are made of."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stacks.flags.values import NONE


class Sample(StrEnum):
    """One that uses the tokens of users who signed in through the proxy; `stacks.samples` makes each."""

    REST = "rest"
    HTTP = "http"
    PAGE = "page"


@dataclass(frozen=True, kw_only=True)
class SignInHost:
    """Where Cognito's own sign-in pages are: at one of the two, or nowhere."""

    host_name: str | None = None
    prefix: str | None = None

    @property
    def made(self) -> bool:
        """Whether there are any."""
        return bool(self.host_name or self.prefix)


def sign_in_host(_name: str, value: Any) -> SignInHost:
    """A host name of one's own, which has dots; a prefix of AWS's, which has none; or `none`."""
    if not isinstance(value, str):
        raise ValueError
    text = value.strip()
    if text == NONE:
        return SignInHost()
    if "." not in text and re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text):
        return SignInHost(prefix=text)
    # In lower case, and below a name of one's own: API reference, CreateUserPoolDomain, Domain.
    if len(text) <= 253 and re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){2,}[a-z]{2,63}", text):
        return SignInHost(host_name=text)
    raise ValueError


def oauth_host(name: str, value: Any) -> SignInHost:
    """The same, but there is one."""
    found = sign_in_host(name, value)
    if not found.made:
        raise ValueError
    return found
