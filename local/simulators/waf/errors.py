"""What the evaluator cannot do, told in one line."""

from local.simulators.common.errors import SimulatorError


class FirewallError(SimulatorError):
    """The web ACL holds something that is not modelled here, or is not what AWS WAF would take."""
