"""What the edge simulator refuses to do, told in one line."""

from local.simulators.common.errors import SimulatorError


class EdgeSimulatorError(SimulatorError):
    """The template, the asset or the configuration holds something that CloudFront refuses or that is not simulated."""


class NotSimulatedError(EdgeSimulatorError):
    """The template asks for something of CloudFront that this simulator does not know: it refuses to guess."""
