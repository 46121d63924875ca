"""Which of the two proxies is deployed."""

from enum import StrEnum


class Variant(StrEnum):
    """Where the proxy runs."""

    REGIONAL = "regional"
    EDGE = "edge"
