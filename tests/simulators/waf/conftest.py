"""The web ACLs of the firewall's tests, for those of what evaluates them."""

from tests.firewall.conftest import clock, firewall, small_rates_template

__all__ = ["clock", "firewall", "small_rates_template"]
