"""The human check: a token that the app got of Turnstile, reCAPTCHA or hCaptcha is verified, and taken out.

docs/human-check.md says how apps send it, and docs/decisions/0017 why it works as it does.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2s
from os import environ
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from proxy.call import Call
from proxy.connection import ConnectionFailed, Endpoint, Response
from proxy.errors import HumanCheckFailed, HumanCheckRequired, HumanCheckUnavailable
from proxy.interceptors import Tools
from proxy.interceptors.siteverify import FORM, PROVIDERS, Answer, Provider, Verdict, read_answer, worth_telling
from proxy.reading import Reading
from proxy.secret_cache import SecretCache, SecretUnavailable
from proxy.secret_store import SecretStore
from proxy.settings import SettingsError

TOKEN_MEMBER = "humanCheckToken"  # noqa: S105 - a name
"""The entry of `ClientMetadata` that holds the token. It is the proxy's: Cognito never sees it, of no operation."""

GUARDABLE = frozenset(
    {
        "ConfirmForgotPassword",
        "ConfirmSignUp",
        "ForgotPassword",
        "GetUserAttributeVerificationCode",
        "InitiateAuth",
        "ResendConfirmationCode",
        "RespondToAuthChallenge",
        "SignUp",
        "UpdateUserAttributes",
    }
)
"""The operations that take `ClientMetadata` (a test holds them against botocore's model), but for a refresh, which no
human makes."""

DEFAULT_OPERATIONS = ("SignUp", "ForgotPassword", "ResendConfirmationCode", "InitiateAuth")
"""What anybody may call without a session, and costs messages, accounts or a guess at a password."""

ENDPOINT_VARIABLE = "HUMAN_CHECK_ENDPOINT"
"""Names a stand-in of the provider (`http://127.0.0.1:8080`), as AWS_ENDPOINT_URL does for AWS: for tests."""

MAX_SECONDS = 3.0
"""How long a call waits for the provider, the fetch of its secret included. Less where less is left: see `SHARE`."""

SHARE = 0.5
"""The part of what is left of a call's time that the provider may have; the rest is Cognito's."""

_LONGEST_ANSWER = 64 * 1024
_REMEMBERED = 4096
_REMEMBERED_SECONDS = 300.0
"""No provider's tokens live longer: Turnstile's 300 seconds, reCAPTCHA's and hCaptcha's 120."""

_KEPT_AS = "human_check"


class HumanCheck:
    """Verifies the token of the operations that are guarded; of the others it only takes it out."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:
        """
        Raises:
            SettingsError: the part is broken.
        """
        reader = _Part(part)
        self._provider = _provider(reader)
        self._operations = frozenset(reader.texts("operations", DEFAULT_OPERATIONS))
        if not self._operations or self._operations - GUARDABLE:
            raise SettingsError("settings: 'human_check.operations' names none, or one that cannot be guarded")
        self._open = reader.one_of("when_unavailable", ("open", "closed")) == "open"
        self._hostnames = frozenset(reader.texts("hostnames", ()))
        self._action = reader.text("action")
        self._site_key = reader.text("site_key")
        self._sends_address = reader.flag("send_address")
        self._min_score = reader.number("min_score")
        self._field = reader.text("secret_field")
        arn = reader.text("secret_arn")
        if not arn.startswith("arn:") or ":secretsmanager:" not in arn or ":secret:" not in arn:
            raise SettingsError("settings: 'human_check.secret_arn' is not the ARN of a secret")
        self._store = SecretStore()
        self._secrets = SecretCache(
            {_KEPT_AS: arn},
            self._store.read,
            ttl_seconds=tools.settings.secret_ttl_seconds,
            parse=lambda text, _: (self._secret_in(text), None),
        )
        self._endpoint = Endpoint(
            environ.get(ENDPOINT_VARIABLE) or f"https://{self._provider.host}",
            path=self._provider.path,
            longest_answer=_LONGEST_ANSWER,
        )
        self._spent: OrderedDict[bytes, float] = OrderedDict()

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """Take the token out, and refuse a guarded call without a good one.

        Raises:
            HumanCheckRequired, HumanCheckFailed, HumanCheckUnavailable
        """
        token = reading.take_client_metadata(TOKEN_MEMBER)
        if reading.operation not in self._operations or _is_refresh(reading):
            return
        if not token:
            raise HumanCheckRequired("This operation needs a token of the human check.")
        digest = blake2s(token.encode("utf-8", "surrogatepass")).digest()
        if not self._may_be_asked_about(token) or self._is_spent(digest):
            raise HumanCheckFailed("The token of the human check is not valid.")
        now = time.monotonic()
        answer = self._verify(token, reading, call, min(deadline, now + min(MAX_SECONDS, (deadline - now) * SHARE)))
        self._judge(answer, call)
        if answer.verdict is Verdict.HUMAN:
            self._spend(digest)

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Nothing: the token is spent, whatever Cognito says."""

    def close(self) -> None:
        """Close the connections that idle."""
        self._store.close()
        self._endpoint.close()

    def _may_be_asked_about(self, token: str) -> bool:
        """Whether it can be a token at all: providers make them of visible ASCII."""
        return (
            len(token) <= self._provider.longest_token and token.isascii() and all("!" <= sign <= "~" for sign in token)
        )

    def _judge(self, answer: Answer, call: Call) -> None:
        """Let the call go on, or not.

        Raises:
            HumanCheckFailed, HumanCheckUnavailable
        """
        if answer.verdict in (Verdict.SECRET, Verdict.UNAVAILABLE):
            self._tell(answer, call)
            if not self._open:
                raise HumanCheckUnavailable("The human check is not available right now.")
            return
        if answer.verdict is Verdict.HUMAN:
            wrong = self._wrong(answer.document)
            if wrong is None:
                return
            if wrong:
                call.problems.append(f"human check: {wrong}")
        elif answer.verdict is Verdict.UNREADABLE or worth_telling(answer):
            self._tell(answer, call)
        raise HumanCheckFailed("The token of the human check is not valid.")

    def _tell(self, answer: Answer, call: Call) -> None:
        call.count("HumanCheckFailures")
        call.problems.append(f"human check: {', '.join(answer.codes) or 'refused without a reason'}")

    def _wrong(self, document: Mapping[str, Any]) -> str | None:
        """What keeps a good token from counting here: a text for the operator, empty where the caller alone is at
        fault; None where nothing does."""
        if self._hostnames and document.get("hostname") not in self._hostnames:
            return "the token is of another host name"
        if self._action and document.get("action") != self._action:
            return "the token is of another action"
        if self._min_score is None:
            return None
        score = document.get("score")
        if isinstance(score, bool) or not isinstance(score, int | float):
            return "the answer has no score: min_score needs a key of reCAPTCHA v3"
        return None if score >= self._min_score else ""

    def _verify(self, token: str, reading: Reading, call: Call, deadline: float) -> Answer:
        """Ask the provider; once more with a fresh secret where it does not take ours."""
        form = {"response": token} | self._extras(reading)
        try:
            answer = self._ask(form | {"secret": self._secret(call, deadline)}, deadline)
            fresh = answer.verdict is Verdict.SECRET and self._secrets.refetch(
                _KEPT_AS, deadline=deadline, report=call.problems.append
            )
            return self._ask(form | {"secret": self._secret(call, deadline)}, deadline) if fresh else answer
        except ConnectionFailed as error:
            return Answer(Verdict.UNAVAILABLE, (str(error),))
        except SecretUnavailable:  # told by whoever tried to fetch it
            return Answer(Verdict.UNAVAILABLE, ("its secret is not at hand",))

    def _extras(self, reading: Reading) -> dict[str, str]:
        extras = {}
        if self._provider.idempotent:
            extras["idempotency_key"] = str(uuid4())
        if self._provider.site_key and self._site_key:
            extras["sitekey"] = self._site_key
        if self._sends_address:
            extras["remoteip"] = reading.request.client_ip
        return extras

    def _ask(self, form: Mapping[str, str], deadline: float) -> Answer:
        """One question. Where its answer is lost and the provider knows a repeated question again, it is asked twice;
        elsewhere the token may be spent, and asking again would only tell that it is."""
        body = urlencode(form).encode("ascii")
        headers = {"content-type": FORM, "accept": "application/json"}
        try:
            answer = self._answer(headers, body, deadline)
        except ConnectionFailed:
            if not self._provider.idempotent or time.monotonic() >= deadline:
                raise
            return self._answer(headers, body, deadline)
        if answer.is_fault and self._provider.idempotent:
            return self._answer(headers, body, deadline)
        return answer

    def _answer(self, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        response = self._endpoint.post(headers, body, deadline=deadline)
        return read_answer(response.status, response.body)

    def _secret(self, call: Call, deadline: float) -> str:
        secret = self._secrets.get(_KEPT_AS)
        if secret is None:
            self._secrets.fetch(_KEPT_AS, deadline=deadline, report=call.problems.append)
            secret = self._secrets.get(_KEPT_AS)
        if secret is None:
            raise SecretUnavailable("the secret outlived its time at once")
        return secret

    def _secret_in(self, text: str) -> str:
        """The provider's secret: the whole text, or a member of the JSON object that it is."""
        if self._field:
            try:
                text = json.loads(text)[self._field]
            except (ValueError, RecursionError, TypeError, KeyError):
                raise SecretUnavailable(f"the human check's secret has no member {self._field}") from None
        if not isinstance(text, str) or not text.strip() or not text.isascii():
            raise SecretUnavailable("the human check's secret is not a text")
        return text.strip()

    def _is_spent(self, digest: bytes) -> bool:
        """Whether it was good here before. The provider knows, too; but it need not be asked, and may be down."""
        oldest = time.time() - _REMEMBERED_SECONDS
        while self._spent and next(iter(self._spent.values())) < oldest:
            self._spent.popitem(last=False)
        return digest in self._spent

    def _spend(self, digest: bytes) -> None:
        self._spent[digest] = time.time()
        if len(self._spent) > _REMEMBERED:
            self._spent.popitem(last=False)


def _is_refresh(reading: Reading) -> bool:
    """Whether the rules read it as one. What else a body says does not count: any body can hold `AuthFlow`."""
    return reading.slot is not None and reading.slot.operation == "GetTokensFromRefreshToken"


def _provider(part: _Part) -> Provider:
    name = part.one_of("provider", tuple(PROVIDERS))
    endpoint = environ.get(ENDPOINT_VARIABLE)
    if endpoint and (urlsplit(endpoint).scheme not in ("http", "https") or urlsplit(endpoint).path not in ("", "/")):
        raise SettingsError(f"{ENDPOINT_VARIABLE} must be http(s)://host[:port]")
    return PROVIDERS[name]


class _Part:
    """This interceptor's part of the settings, typed."""

    def __init__(self, part: Mapping[str, Any]) -> None:
        self._part = part

    def text(self, key: str) -> str:
        value = self._part.get(key, "")
        if not isinstance(value, str):
            raise _wrong(key)
        return value

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        values = self._part.get(key, default)
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
            raise _wrong(key)
        return tuple(values)

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self._part.get(key)
        if not isinstance(value, str) or value not in allowed:
            raise _wrong(key)
        return value

    def flag(self, key: str) -> bool:
        value = self._part.get(key, False)
        if not isinstance(value, bool):
            raise _wrong(key)
        return value

    def number(self, key: str) -> float | None:
        value = self._part.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1):
            raise _wrong(key)
        return value


def _wrong(key: str) -> SettingsError:
    return SettingsError(f"settings: 'human_check.{key}' is missing or wrong")
