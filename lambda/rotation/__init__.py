"""Rotates the secret of a Cognito app client while users sign in: Secrets Manager's four steps, and the clean-up."""
