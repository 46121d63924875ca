"""Lambda's execution environment on loopback: Runtime API, Extensions API, and the freeze between calls."""
