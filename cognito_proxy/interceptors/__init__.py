"""What stands around the calls of a proxy by choice: events, limits, guards, checks. Nothing of it is on by default."""
