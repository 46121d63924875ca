"""What is known of one request while it is under way."""

from dataclasses import dataclass

from local.simulators.cloudfront.answer import EdgeIdentity
from local.simulators.cloudfront.trace import EdgeTrace
from local.simulators.common.http import HttpRequest


@dataclass(kw_only=True)
class Handling:
    """A viewer's request and what has happened to it so far; its members are those of `EdgeTrace`."""

    viewer: HttpRequest
    identity: EdgeIdentity
    answered_by: str = "cloudfront"
    reason: str = ""
    violations: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    event_headers: tuple[str, ...] = ()
    origin_headers: tuple[str, ...] = ()

    def trace(self, status: int) -> EdgeTrace:
        """What is kept of it, once it is answered."""
        return EdgeTrace(
            request_id=self.identity.request_id,
            method=self.viewer.method,
            status=status,
            answered_by=self.answered_by,
            reason=self.reason,
            violations=self.violations,
            remarks=self.remarks,
            event_headers=self.event_headers,
            origin_headers=self.origin_headers,
        )
