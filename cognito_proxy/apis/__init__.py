"""APIs that trust the tokens of users who signed in through a proxy."""
