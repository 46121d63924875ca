"""What is known of one request while it is under way."""

from dataclasses import dataclass

from local.simulators.cloudfront.answer import EdgeIdentity
from local.simulators.cloudfront.journal import JournalEntry, operation_of
from local.simulators.cloudfront.viewer import ViewerRequest


@dataclass(kw_only=True)
class Exchange:
    """A request and what has happened to it so far, for the journal."""

    viewer: ViewerRequest
    identity: EdgeIdentity
    answered_by: str = "cloudfront"
    reason: str = ""
    violations: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    event_headers: tuple[str, ...] = ()
    """Names in the event, lower-case."""
    origin_headers: tuple[str, ...] = ()
    """Names that the origin got, lower-case."""

    def entry(self, status: int) -> JournalEntry:
        """The line for the journal."""
        return JournalEntry(
            request_id=self.identity.request_id,
            operation=operation_of(self.viewer.headers),
            method=self.viewer.method,
            status=status,
            answered_by=self.answered_by,
            reason=self.reason,
            violations=self.violations,
            remarks=self.remarks,
            event_headers=self.event_headers,
            origin_headers=self.origin_headers,
        )
