"""The simulators, set up from what is deployed, in front of the emulator."""
