"""Parts of AWS on one machine, each importable alone: what they stand for is in README.md."""
