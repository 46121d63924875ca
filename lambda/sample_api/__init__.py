"""The function behind the sample APIs: it greets who signed in, and keeps small documents of his.

It serves a REST API with a user pool authorizer and an HTTP API with a JWT authorizer. Both verify the token before
they ask the function; what is left to check is in `caller`.
"""
