"""Attacks on a local run, and what reached Cognito of them: `make attack`, docs/attack.md."""
