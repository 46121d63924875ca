"""What a guard is written with: code of your own that stands around the calls of a sign-in proxy for Amazon Cognito.

def check(call: Call) -> Reject | None: ...
def seen(call: Call, outcome: Outcome) -> None: ...

Standard library only, no CDK: the same package is there at synth time, in the deployed function and in your own tests.
docs/guards.md tells the whole story.
"""

from cognito_proxy_guards.call import Call
from cognito_proxy_guards.names import OPERATIONS, TELLING_OPERATIONS, Sensitive
from cognito_proxy_guards.outcome import Outcome
from cognito_proxy_guards.reject import Reject

API_VERSION = 1
"""Of this interface. Within one version names and properties are added, never changed or taken away."""

__all__ = ["API_VERSION", "OPERATIONS", "TELLING_OPERATIONS", "Call", "Outcome", "Reject", "Sensitive"]
