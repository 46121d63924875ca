"""The picture of the dashboard, drawn by a command: `make pictures`."""
