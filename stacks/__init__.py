"""Thin stacks that compose the constructs."""
