"""Route 53, as far as one host name in two Regions needs it."""
