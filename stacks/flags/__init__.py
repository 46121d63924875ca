"""The context flags (`-c name=value`, `context` in cdk.json, or a file of your own), read and checked in one place."""

from stacks.flags.app_flags import AppFlags
from stacks.flags.errors import FlagError
from stacks.flags.variant import Variant

__all__ = ["AppFlags", "FlagError", "Variant"]
