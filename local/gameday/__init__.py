"""A day on which a Region goes away, and comes back."""
