"""The OAuth 2.0 endpoints of a user pool domain, by choice: what is passed on, with which proof, and what is not."""
