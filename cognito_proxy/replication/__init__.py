"""A user pool in a second Region."""
