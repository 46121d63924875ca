"""What the evaluator cannot do, told in one line."""

from local.errors import LocalRunError


class FirewallError(LocalRunError):
    """The web ACL holds something that is not modelled here, or is not what AWS WAF would take."""
