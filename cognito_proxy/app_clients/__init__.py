"""App clients: their secrets, how these get into Secrets Manager, and how they are rotated."""
