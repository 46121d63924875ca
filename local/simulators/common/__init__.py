"""What every simulator speaks: HTTP messages, the journal of calls, and a server."""
