"""boto3 clients that talk to the emulator as its root, whatever the caller's own AWS set-up says."""

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

ROOT_KEY = "test"
"""MiniStack's unchecked root access key (and its secret)."""

ACCOUNT_ID = "000000000000"
"""The account that the emulator's root key belongs to."""

NO_FILES: dict[str, Any] = {
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
    "credentials_file": (None, [], os.devnull, None),
}
"""botocore session variables under which it reads no profile and no file of the caller's."""


def root_session() -> boto3.session.Session:
    """A session that reads none of the caller's profiles, configuration files or credentials."""
    core = botocore.session.Session(session_vars=NO_FILES)
    return boto3.session.Session(
        aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, aws_session_token=None, botocore_session=core
    )


def root_client(session: boto3.session.Session, service: str, *, endpoint_url: str, region: str) -> Any:
    """A client of `service` at the emulator: one attempt, bounded waits, no HTTP proxy on loopback."""
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"max_attempts": 1},
        proxies={},
        s3={"addressing_style": "path"},
    )
    return session.client(service, region_name=region, endpoint_url=endpoint_url, config=config)  # type: ignore[call-overload]
