"""A custom resource: whether a replica of a user pool takes users' requests."""
