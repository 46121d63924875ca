"""The rotation function's surroundings: what stands for Cognito has to take what it sends."""

from tests.rotation.conftest import wires, world

__all__ = ["wires", "world"]
