"""Why a call came to no result."""

# What the services say when a quota is used up; the first is Cognito's, the second Secrets Manager's.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
_THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded"})
_DENIED = frozenset({"AccessDeniedException", "AccessDenied"})
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


class CallFailed(Exception):
    """One line: operation and code. What the service said besides may quote what was sent, so nothing shows it."""

    def __init__(self, operation: str, code: str, *, status: int | None = None, text: str = "") -> None:
        """`status` and `text` are the answer's; without a status there was none, and `code` says why."""
        super().__init__(f"{operation}: {code}")
        self.code = code
        self._status = status
        self._text = text

    @property
    def denied(self) -> bool:
        """The permission is missing, perhaps for some seconds only: it takes that long to hold everywhere."""
        return self.code in _DENIED

    @property
    def throttled(self) -> bool:
        """Refused for a quota, and so not processed."""
        return self.code in _THROTTLED or self._status == _TOO_MANY_REQUESTS

    @property
    def unsettled(self) -> bool:
        """It may have been processed: there was no answer, or one that says that the service failed."""
        return self._status is None or self._status >= _SERVER_ERROR

    def says(self, beginning: str) -> bool:
        """Whether the service's own text begins so."""
        return self._text.startswith(beginning)
