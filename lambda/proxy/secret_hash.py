"""Cognito's secret hash: the proof that a caller knows an app client's secret.

https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
"""

from __future__ import annotations

from base64 import b64encode
from hmac import digest


def secret_hash(*, username: str, client_id: str, client_secret: str) -> str:
    """Base64(HMAC-SHA256(client_secret, username + client_id)); the username as it came, whatever its case.

    Raises:
        UnicodeEncodeError: the username holds a lone surrogate, which no encoding can carry.
    """
    return b64encode(digest(client_secret.encode(), (username + client_id).encode(), "sha256")).decode("ascii")
