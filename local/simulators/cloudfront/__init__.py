"""A simulator of CloudFront and Lambda@Edge for one machine.

It reads the synthesized distribution, runs the packaged origin-request function through the real Lambda runtime client
with no more environment than Lambda@Edge gives, holds its answers against every documented rule, and forwards to an
origin on this machine. Where CloudFront would answer with an error, it does, with the reason in the answer's body.
"""

from local.simulators.cloudfront.behaviour import Behaviour, read_behaviour
from local.simulators.cloudfront.config import EdgeConfig
from local.simulators.cloudfront.errors import EdgeSimulatorError, NotSimulatedError
from local.simulators.cloudfront.resolver import Resolver, mapping_resolver
from local.simulators.cloudfront.response_headers import UnmatchedOrigin
from local.simulators.cloudfront.server import EdgeServer
from local.simulators.cloudfront.trace import EdgeTrace
from local.simulators.cloudfront.viewer import ViewerCopies

__all__ = [
    "Behaviour",
    "EdgeConfig",
    "EdgeServer",
    "EdgeSimulatorError",
    "EdgeTrace",
    "NotSimulatedError",
    "Resolver",
    "UnmatchedOrigin",
    "ViewerCopies",
    "mapping_resolver",
    "read_behaviour",
]
