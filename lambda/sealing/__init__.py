"""Sealed access tokens: the keys that they are sealed with, and how a token is sealed and opened.

What the proxy, the authorizer of APIs and the rotation of the keys share. docs/decisions/0020-sealed-tokens.md says why
a sealed token looks as it does.
"""
