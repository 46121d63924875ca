"""What a command tells its user in one line, and the exit codes."""

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NOT_ALL_REACHED = 3
DOOR_OPEN = 4
INTERRUPTED = 130

EXIT_CODES = (
    "Exit codes: 0 done; 1 failed, and nothing was changed; 2 called wrongly, and nothing was changed; "
    "3 not all of it is reached: a part is done, still to be done, or undone by another entry, and the output says "
    "which; 4 audit found an open door; 130 interrupted with Ctrl-C."
)
"""For help texts; docs/command-line.md says more."""


class CommandError(Exception):
    """The command failed; the message is one line for whoever called it."""

    exit_code = FAILED


class WrongUsage(CommandError):
    """The command was called wrongly: the message names the argument, its value and what is allowed."""

    exit_code = WRONG_USAGE


class NotAllReached(CommandError):
    """Something was begun, and not all of it is reached; the message says what is left."""

    exit_code = NOT_ALL_REACHED
