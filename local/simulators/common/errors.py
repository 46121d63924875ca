"""What every simulator raises that cannot do what it is asked for."""


class SimulatorError(Exception):
    """AWS would refuse it, or it is not simulated: the text is one line, complete and without secrets."""
