"""The synthesized stacks, deployed into the emulator."""
