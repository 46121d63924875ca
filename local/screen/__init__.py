"""What `make local` shows: a line for each call, the codes, what changed."""
