"""Quotas of Cognito that are used up, for as long as somebody says so. The emulator has none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local.simulators.common.http import HttpRequest


class Throttle:
    """By itself it throttles nothing. Safe to use from any thread."""

    def __init__(self) -> None:
        self._refuses: Callable[[HttpRequest], bool] = lambda _: False

    def refuses(self, request: HttpRequest) -> bool:
        """Whether this request finds its quota used up."""
        return self._refuses(request)

    @contextmanager
    def of(self, refuses: Callable[[HttpRequest], bool]) -> Iterator[None]:
        """While the block runs, the requests of which `refuses` is true are over their quota."""
        before, self._refuses = self._refuses, refuses
        try:
            yield
        finally:
            self._refuses = before
