"""What can go wrong on one machine, told in one line."""


class LocalRunError(Exception):
    """Something that the user or the machine has to mend: its text is one line, complete and without secrets."""
