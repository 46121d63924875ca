"""A Lambda authorizer that takes sealed access tokens, for REST and HTTP APIs."""
