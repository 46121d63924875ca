"""The sign-in page of a local run, and the side panel that tells what the proxy did."""
