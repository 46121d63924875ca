"""Which samples stand beside the proxy."""

from enum import StrEnum


class Sample(StrEnum):
    """One that uses the tokens of users who signed in through the proxy; `stacks.samples` makes each."""

    REST = "rest"
