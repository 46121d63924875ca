"""Who is behind a spike: runs the saved queries over a deployed proxy's logs, and ranks who they name. No CDK."""
