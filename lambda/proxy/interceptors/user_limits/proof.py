"""What an answer of Cognito's proves: whose sign-in it was, and on which device.

Only Cognito's own words count. What the client says of itself beside a right password (a username in the answer to a
challenge, a device's key) may be another's.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from proxy.access_token import unverified_claims
from proxy.connection import Response
from proxy.reading import Reading


class Proof(NamedTuple):
    """Who has proved to be the owner of an account."""

    names: tuple[str, ...]
    """Every name with which he can begin a sign-in, as far as Cognito tells."""
    device_key: str | None = None
    """Of the device that Cognito knows him by."""


def proof_of(reading: Reading, response: Response) -> Proof | None:
    """What a successful answer proves; None for any other."""
    if response.status != 200:
        return None
    if reading.operation in ("InitiateAuth", "RespondToAuthChallenge") and reading.username is not None:
        return _of_tokens(_document(response.body).get("AuthenticationResult"))
    if reading.operation == "ConfirmForgotPassword" and reading.username is not None:
        return Proof(names=(reading.username,))
    return None


def _of_tokens(result: Any) -> Proof | None:
    if not isinstance(result, dict):
        return None
    access = unverified_claims(result.get("AccessToken"))
    identity = unverified_claims(result.get("IdToken"))
    names = [access.get("username"), identity.get("cognito:username")]
    # Not verified, anybody could have another's address among his attributes. A preferred_username may be another's
    # name, where the pool does not take it for signing in.
    names += [identity.get(name) for name in ("email", "phone_number") if _is_true(identity.get(f"{name}_verified"))]
    known = dict.fromkeys(name for name in names if isinstance(name, str) and name)
    new = result.get("NewDeviceMetadata")
    device = access.get("device_key") or (new.get("DeviceKey") if isinstance(new, dict) else None)
    return Proof(names=tuple(known), device_key=device if isinstance(device, str) else None)


def _is_true(value: object) -> bool:
    return value is True or value == "true"


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
