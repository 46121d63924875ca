"""Sealed access tokens: what Cognito gives is sealed before the client has it, and opened when the client comes back.

So who signed in through the proxy holds no token that Cognito itself would take. Of the answers only those to a sign-in
or a refresh have one (`AuthenticationResult.AccessToken`); of the requests those that a token alone authorizes. ID
tokens stay as they are: Cognito takes none. Refresh tokens, too: without the app client's secret nobody can use one.

What cannot be sealed is not given out. docs/sealed-tokens.md has the whole story.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proxy.body import read_body, write_body
from proxy.errors import BrokenSeal, ExpiredSeal, NoSealKey, ProxyError
from proxy.operations import OPERATIONS, Proof
from proxy.reading import operation_of
from proxy.seal_keys import SealKeys
from proxy.secret_cache import SecretUnavailable
from proxy.settings import SettingsError
from sealing.envelope import CannotSeal, SealExpired, SealRefused, is_signed_by_cognito, seal

if TYPE_CHECKING:
    from proxy.call import Call
    from proxy.connection import Response
    from proxy.interceptors import Tools
    from proxy.messages import Request
    from proxy.reading import Reading
    from sealing.envelope import Opened
    from sealing.key_document import KeyDocument

GIVE_TOKENS = frozenset({"InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"})
"""Operations of public clients whose answers may hold an access token. A test holds them against botocore's model."""

_MEMBER = "AccessToken"
_NO_KEY = "The proxy has no access to the key of its tokens."


class SealedTokens:
    """Seals and opens, with the keys of one secret."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:
        """
        Raises:
            SettingsError: this part of the settings is broken.
        """
        arn, accepts = part.get("secret_arn"), part.get("accept_unsealed", False)
        if not isinstance(arn, str) or not arn:
            raise SettingsError("settings: 'sealed_tokens.secret_arn' is missing or wrong")
        if not isinstance(accepts, bool):
            raise SettingsError("settings: 'sealed_tokens.accept_unsealed' is missing or wrong")
        self._accepts_unsealed = accepts
        self._seal_keys = SealKeys(arn, ttl_seconds=tools.settings.secret_ttl_seconds)

    def open(self, request: Request, call: Call, *, deadline: float) -> Request:
        """The request with Cognito's own token in it; the same one where there is none to open.

        Raises:
            BrokenSeal, ExpiredSeal, NoSealKey
        """
        operation = operation_of(request) if request.method == "POST" else None
        if operation is None or OPERATIONS[operation].proof is not Proof.NONE or request.truncated:
            return request
        try:
            body = read_body(request.body)
        except ProxyError:
            return request  # whoever reads it next says so, in its own words
        token = body.get(_MEMBER)
        if token is None:
            return request
        if not isinstance(token, str):
            raise BrokenSeal("Invalid Access Token")
        if self._accepts_unsealed and is_signed_by_cognito(token):
            return request
        body[_MEMBER] = self._opened(token, call, deadline).token
        return request._replace(body=write_body(body))

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """Have the keys at hand before Cognito is asked for a token: afterwards it would be lost without them.

        Raises:
            NoSealKey
        """
        if reading.operation in GIVE_TOKENS:
            self._keys(call, deadline)

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Nothing: others still want to see what Cognito said."""

    def rewrite(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> Response:
        """Cognito's answer with the token sealed.

        Raises:
            NoSealKey: it cannot be; the token is not given out.
        """
        if reading.operation not in GIVE_TOKENS or response.status >= 400:
            return response
        try:
            document = json.loads(response.body)
            result = document.get("AuthenticationResult")
            if result is None or result.get(_MEMBER) is None:
                return response
            result[_MEMBER] = seal(result[_MEMBER], self._keys(call, deadline), now=time.time())
        except (ValueError, AttributeError, TypeError, RecursionError, CannotSeal):
            call.problems.append("sealed tokens: Cognito's answer holds no token that can be sealed")
            raise NoSealKey("The access token could not be sealed.") from None
        return response._replace(body=write_body(document))

    def warm(self, deadline: float) -> None:
        """Have the keys at hand before the first call."""
        self._seal_keys.prefetch(deadline=deadline)

    def close(self) -> None:
        """Close the connections that idle."""
        self._seal_keys.close()

    def _opened(self, token: str, call: Call, deadline: float) -> Opened:
        try:
            return self._seal_keys.open(token, deadline=deadline, report=call.problems.append)
        except SealExpired:
            raise ExpiredSeal("Access Token has expired") from None
        except SealRefused:
            raise BrokenSeal("Invalid Access Token") from None
        except SecretUnavailable:
            raise NoSealKey(_NO_KEY) from None

    def _keys(self, call: Call, deadline: float) -> KeyDocument:
        try:
            return self._seal_keys.at_hand(deadline=deadline, report=call.problems.append)
        except SecretUnavailable:
            raise NoSealKey(_NO_KEY) from None
