"""AWS's own APIs in front of the emulator's: calls that it lacks are answered here, all others go on to it."""
