"""What can go wrong on one machine, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.simulators.common.errors import SimulatorError


class LocalRunError(Exception):
    """Something that the user or the machine has to mend: its text is one line, complete and without secrets."""


@contextmanager
def as_local_run_error() -> Iterator[None]:
    """Tell what a simulator cannot do as an error of the run, in the simulator's words."""
    try:
        yield
    except SimulatorError as error:
        raise LocalRunError(str(error)) from error
