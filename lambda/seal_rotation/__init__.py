"""The function that rotates the keys of sealed tokens."""
