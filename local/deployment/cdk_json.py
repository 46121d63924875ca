"""What the checkout's cdk.json says, as far as it holds on this machine."""

import json
from collections.abc import Mapping
from typing import Any

from local.paths import ROOT

OF_AN_ACCOUNT = frozenset(
    {
        "api_certificate_arn",
        "api_domain",
        "app_client_ids",
        "certificate_arn",
        "config",
        "domain_name",
        "hosted_zone_id",
        "sign_in_certificate_arn",
        "sign_in_domain",
        "user_pool_id",
    }
)
"""Flags that name what exists in an AWS account, and the one that names a file with such flags. The emulator has none
of it, so in cdk.json they are for deployments. Whoever gives one to a run itself means it."""


def local_context() -> dict[str, Any]:
    """The context in cdk.json, without the flags `OF_AN_ACCOUNT`."""
    return {name: value for name, value in _context().items() if name not in OF_AN_ACCOUNT}


def left_out() -> tuple[str, ...]:
    """The flags in cdk.json that do not hold here, in order."""
    return tuple(sorted(OF_AN_ACCOUNT & _context().keys()))


def _context() -> Mapping[str, Any]:
    context: Mapping[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8")).get("context", {})
    return context
