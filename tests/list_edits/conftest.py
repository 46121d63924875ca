"""The proxy of the command line's tests: the function works on the same stores."""

from tests.cli.conftest import emulator, proxy, waf

__all__ = ["emulator", "proxy", "waf"]
