"""A simulator of CloudFront and Lambda@Edge for one machine.

It reads the synthesized distribution, runs the packaged origin-request function through the real Lambda runtime client
with no more environment than Lambda@Edge gives, holds its answers against every documented rule, and forwards to an
origin on this machine. Where CloudFront would answer with an error, it does, with the reason in the answer's body.
"""

from local.edge.answer import Answer
from local.edge.behaviour import Behaviour, read_behaviour
from local.edge.config import EdgeConfig, Firewall, Observer
from local.edge.errors import EdgeSimulatorError, NotSimulatedError
from local.edge.journal import JournalEntry
from local.edge.resolver import Resolver, mapping_resolver
from local.edge.response_headers import UnmatchedOrigin
from local.edge.server import EdgeServer
from local.edge.thread import EdgeServerThread
from local.edge.viewer import ViewerCopies, ViewerRequest

__all__ = [
    "Answer",
    "Behaviour",
    "EdgeConfig",
    "EdgeServer",
    "EdgeServerThread",
    "EdgeSimulatorError",
    "Firewall",
    "JournalEntry",
    "NotSimulatedError",
    "Observer",
    "Resolver",
    "UnmatchedOrigin",
    "ViewerCopies",
    "ViewerRequest",
    "mapping_resolver",
    "read_behaviour",
]
