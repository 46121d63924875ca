"""Cognito's SRP, the client's side, in the standard library.

SRP-6a with SHA-256 over the 3072-bit group of RFC 5054, appendix A; the key is derived with HKDF (RFC 5869), and the
proof is an HMAC over pool, user, secret block and time, as AWS's own SDKs do it:
https://github.com/aws-amplify/amplify-js/tree/main/packages/auth/src/providers/cognito/utils/srp
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

_N_HEX = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
)
_N = int(_N_HEX, 16)
_G = 2
_INFO = b"Caldera Derived Key"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class SrpSignIn:
    """One sign-in: A goes with InitiateAuth, and the answer to its challenge with RespondToAuthChallenge."""

    def __init__(self, *, user_pool_id: str, password: str, private_a: int | None = None) -> None:
        """`private_a` is the ephemeral private value. Default: - a random one, as it must be outside of tests."""
        self._pool_name = user_pool_id.partition("_")[2]
        self._password = password
        self._a = private_a if private_a is not None else secrets.randbits(1024)
        self._public_a = pow(_G, self._a, _N)

    @property
    def srp_a(self) -> str:
        """`AuthParameters.SRP_A`."""
        return f"{self._public_a:x}"

    def answer(self, challenge: Mapping[str, str], *, now: datetime | None = None) -> dict[str, str]:
        """`ChallengeResponses` for a PASSWORD_VERIFIER's `ChallengeParameters`; without the secret hash.

        Raises:
            ValueError: the server's public value is one that proves nothing.
        """
        user_id = challenge["USER_ID_FOR_SRP"]
        timestamp = _timestamp(now or datetime.now(UTC))
        key = self._key(user_id, challenge)
        block = challenge["SECRET_BLOCK"]
        message = b"".join((self._pool_name.encode(), user_id.encode(), base64.b64decode(block), timestamp.encode()))
        return {
            "USERNAME": user_id,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode(),
            "TIMESTAMP": timestamp,
        }

    def _key(self, user_id: str, challenge: Mapping[str, str]) -> bytes:
        public_b = int(challenge["SRP_B"], 16)
        if public_b % _N == 0:
            raise ValueError("SRP_B is a multiple of N")
        u = _hash(_padded(self._public_a) + _padded(public_b))
        if u == 0:
            raise ValueError("u is 0")
        identity = f"{self._pool_name}{user_id}:{self._password}".encode()
        x = _hash(_padded(int(challenge["SALT"], 16)) + hashlib.sha256(identity).digest())
        k = _hash(_padded(_N) + _padded(_G))
        shared = pow(public_b - k * pow(_G, x, _N), self._a + u * x, _N)
        extracted = hmac.digest(_padded(u), _padded(shared), hashlib.sha256)
        return hmac.digest(extracted, _INFO + b"\x01", hashlib.sha256)[:16]


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def _padded(number: int) -> bytes:
    """A number's bytes; with a zero before them where they would else read as a negative number, as the SDKs do it."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _timestamp(now: datetime) -> str:
    """`Sat Nov 21 14:05:09 UTC 2026`: English in every locale, and the day without a zero before it."""
    return f"{_DAYS[now.weekday()]} {_MONTHS[now.month - 1]} {now.day} {now:%H:%M:%S} UTC {now.year}"
