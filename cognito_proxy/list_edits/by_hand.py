"""Which IP sets are edited by hand."""

BY_HAND = "Edit by hand: deployments leave this set alone."
"""How the description of such an IP set ends: by this the command line finds it."""
