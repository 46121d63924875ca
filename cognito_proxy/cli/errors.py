"""What a command tells its user in one line."""


class CommandError(Exception):
    """The command failed; the message is one line for whoever called it."""

    exit_code = 1


class WrongUsage(CommandError):
    """The command was called wrongly: the message names the argument, its value and what is allowed."""

    exit_code = 2
