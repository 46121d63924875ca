"""The page to sign in on, as a person finds it: what a test does with it, and looks for in each of its views."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.browser.hands import Hands
from tests.e2e.deployment import Deployment
from tests.e2e.story import Codes, Passwords

NARROW, WIDE, HIGH = 320, 1280, 900
"""Pixels. 320 are a small telephone, or 1,280 at four times the size (WCAG 2.2, 1.4.10)."""

SECRETS_ON_THE_PAGE = (".qr", "#totp-secret", "a[href^='otpauth']")
"""What no picture shows."""


def totp(secret: str, *, steps: int = 0) -> str:
    """The code of an authenticator app (RFC 6238), so many half minutes from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time() // 30) + steps), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def wrong_totp(secret: str) -> str:
    """A code that is none of the app's, for a minute in both directions."""
    right = {totp(secret, steps=steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody without an account. Default: - a new name and new passwords each time."""

    username: str = field(default_factory=lambda: f"ada-{secrets.token_hex(4)}")
    passwords: Passwords = field(default_factory=Passwords)
    codes: Codes = field(default_factory=Codes)

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


@dataclass(frozen=True, kw_only=True)
class SignInPage:
    """The page of one deployment, and a person's hands on it."""

    hands: Hands
    address: str
    deployment: Deployment
    config: Mapping[str, str]
    pictures: Path | None
    """Folder for a picture of each view. None: none are taken."""

    def look(self, name: str, *, of: str = "main") -> None:
        """Hold the view against what keeps people out: axe-core's findings, and a narrow window.

        The picture, where pictures are taken, is of the element `of`.
        """
        hands = self.hands
        assert hands.barriers() == [], name
        hands.do("resize", width=NARROW, height=HIGH)
        assert hands.overflow() <= 0, f"{name} is wider than {NARROW} pixels"
        assert hands.barriers() == [], f"{name} at {NARROW} pixels"
        hands.do("resize", width=WIDE, height=HIGH)
        if self.pictures is not None:
            hands.picture(self.pictures / f"{name}.png", of=of, hidden=SECRETS_ON_THE_PAGE)

    def open(self) -> None:
        """Come to the page for the first time."""
        self.hands.open(self.address, width=WIDE, height=HIGH)
        self.hands.at("Sign in")

    def sign_up(self, visitor: Visitor) -> None:
        """From the sign-in to the view that asks for the code."""
        hands = self.hands
        hands.click("Create an account")
        hands.at("Create an account")
        hands.enter("User name", visitor.username)
        hands.enter("E-mail address", visitor.email)
        hands.enter("Given name (optional)", "Ada")
        hands.enter("Family name (optional)", "Lovelace")
        hands.enter("Password", visitor.passwords.initial)
        self.look("02-create-an-account")
        hands.click("Create account")
        hands.at("Confirm your account")

    def confirm(self, visitor: Visitor) -> None:
        """From there back to the sign-in."""
        self.hands.enter("Confirmation code", visitor.codes.confirmation)
        self.hands.click("Confirm")
        self.hands.sees("#news", "Your account is confirmed.")

    def enter_password(self, visitor: Visitor, password: str) -> None:
        """Try to sign in."""
        self.hands.enter("User name or e-mail address", visitor.username)
        self.hands.enter("Password", password)
        self.hands.click("Sign in")

    def sign_in(self, visitor: Visitor, password: str) -> None:
        """Sign in where no second factor is asked for."""
        self.enter_password(visitor, password)
        self.hands.at("You are signed in")

    def register(self, visitor: Visitor) -> None:
        """Everything up to a confirmed account, on a page that was just opened."""
        self.open()
        self.sign_up(visitor)
        self.confirm(visitor)
