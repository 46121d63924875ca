"""Time as a scenario has it: minutes that pass in seconds."""


class SimulatedClock:
    """Seconds of a scenario. It goes on when it is told to; the firewall's rates count by it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
