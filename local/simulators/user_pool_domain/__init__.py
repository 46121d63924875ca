"""The domain of a user pool: its OAuth 2.0 endpoints, and a page to sign in on."""
