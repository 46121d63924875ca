"""The cheapest server that answers like Cognito, Secrets Manager and EventBridge: a raw socket and fixed bytes.

Run as a process of its own (`python -m benchmarks.upstream`), so that it does not share the interpreter's lock with
what is measured. It prints its port, and ends when its standard input does.
"""

import base64
import contextlib
import json
import os
import socket
import sys
import threading

CLIENT_ID = "benchmarkclient0000000000"

_CHALLENGE = json.dumps(
    {
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": {
            "SALT": "5" * 32,
            "SECRET_BLOCK": "b" * 1400,
            "SRP_B": "c" * 768,
            "USERNAME": "someone",
            "USER_ID_FOR_SRP": "someone",
        },
    }
).encode()
_SECRET = json.dumps(
    # An app client's, and the key of sealed tokens: whoever reads it takes what is meant for him.
    {
        "SecretString": json.dumps(
            {"user_pool_id": "p", "client_id": CLIENT_ID, "client_secret": "benchmark" * 5, "key": "b" * 64}
        )
    }
).encode()
_TAKEN = b'{"FailedEntryCount":0,"Entries":[{"EventId":"00000000-0000-0000-0000-000000000000"}]}'


def _answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 12:00:00 GMT\r\nContent-Type: application/x-amz-json-1.1\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n"
        "x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\n\r\n"
    )
    return head.encode() + body


def _part(document: dict[str, object] | str) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


ACCESS_TOKEN = ".".join(
    [
        _part({"kid": "k" * 44, "alg": "RS256"}),
        _part(
            {
                "sub": "00000000-0000-0000-0000-000000000000",
                "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Benchmark",
                "client_id": CLIENT_ID,
                "origin_jti": "00000000-0000-0000-0000-000000000000",
                "event_id": "00000000-0000-0000-0000-000000000000",
                "token_use": "access",
                "scope": "aws.cognito.signin.user.admin",
                "auth_time": 1_790_000_000,
                "exp": 4_000_000_000,
                "iat": 1_790_000_000,
                "jti": "00000000-0000-0000-0000-000000000000",
                "username": "someone",
            }
        ),
        _part("s" * 254),
    ]
)
"""As long as Cognito's are, with nobody's signature."""

_TOKENS = json.dumps(
    {
        "AuthenticationResult": {
            "AccessToken": ACCESS_TOKEN,
            "IdToken": ACCESS_TOKEN,
            "RefreshToken": "r" * 1800,
            "ExpiresIn": 3600,
            "TokenType": "Bearer",
        }
    }
).encode()

COGNITO_ANSWER = _answer(_CHALLENGE)
_TOKEN_ANSWER = _answer(_TOKENS)
_SECRET_ANSWER = _answer(_SECRET)
_BUS_ANSWER = _answer(_TAKEN)


def _answer_to(head: bytes) -> bytes:
    if b"secretsmanager" in head:
        return _SECRET_ANSWER
    if b"GetTokensFromRefreshToken" in head:
        return _TOKEN_ANSWER
    return _BUS_ANSWER if b"AWSEvents." in head else COGNITO_ANSWER


def serve(connection: socket.socket) -> None:
    """Answer on one connection until it ends."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, contextlib.suppress(ConnectionResetError):  # an environment is ended without a word
        while received := connection.recv(65536):
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536)
            head, _, body = received.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            while len(body) < length:
                body += connection.recv(65536)
            connection.sendall(_answer_to(head))


def main() -> None:
    """Listen on a free port of the loopback interface until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
