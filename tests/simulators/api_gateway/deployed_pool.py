"""The user pool of a deployment, as somebody knows it who can sign with its keys: the emulator keeps them in a file."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local import LocalRun
from tests.local.plain_http import post
from tests.simulators.api_gateway.tokens import Signer


def pool_signer(run: LocalRun, pool_id: str, client_id: str, use: str, **extra: Any) -> Signer:
    """Signs as the pool does. The kid is the key's fingerprint, as the emulator makes it."""
    # It makes them when they are first asked for.
    assert post(f"{run.emulator.endpoint}/{pool_id}/.well-known/jwks.json", b"", {}, "GET").status == 200
    file = run.emulator.log_file.parent / "emulator" / "state" / "cognito-pool-keys" / f"{pool_id}-{use}.pem"
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Signer(
        key=key,
        kid=base64.b64encode(hashlib.sha256(public).digest()).decode(),
        issuer=f"https://cognito-idp.{pool_id.partition('_')[0]}.amazonaws.com/{pool_id}",
        client_id=client_id,
        use=use,
        extra=extra,
    )
