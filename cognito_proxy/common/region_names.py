"""Regions that a user names."""

import re
from collections.abc import Sequence

from aws_cdk import Token

from cognito_proxy.common.property_error import PropertyError

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def check_region_name(name: str, region: str) -> None:
    """Refuse what is no Region's name. One that is known at deploy time only is refused, too: much is named after it.

    Raises:
        PropertyError: it is none.
    """
    if Token.is_unresolved(region):
        raise PropertyError(f"{name}: the Region must be known at synth, such as eu-central-1")
    if _REGION.fullmatch(region) is None:
        raise PropertyError(f"{name}: {region!r} is not a Region's name, such as eu-central-1")


def check_failover_regions(failover_regions: Sequence[str]) -> None:
    """Refuse names that are none, and one that stands there twice.

    Raises:
        PropertyError: they are so.
    """
    for region in failover_regions:
        check_region_name("failover_regions", region)
    if len(set(failover_regions)) < len(failover_regions):
        raise PropertyError(f"failover_regions must differ: {', '.join(failover_regions)}")
