"""Pictures for the documents, each drawn by a command."""
