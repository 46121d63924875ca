"""What events cost a call: three execution environments with a freeze between calls, taking turns.

Each is a process of its own behind a simulator of Lambda's Runtime and Extensions API; what is measured is what the
caller waits for, from the thaw to the answer. The differences are taken pair by pair: both calls of a pair met the
same moment of the machine.
"""

import json
import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.events import BODY, HEADERS, SETTINGS, regional_event
from benchmarks.timing import Timing
from local.simulators.lambda_runtime.environment import LambdaEnvironment

ASSET = Path(__file__).resolve().parents[1] / "lambda"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/undelivered"
WITHOUT, QUIET, WITH = "without events", "with events, a call that has none", "with events, a call that has one"


def measure(environment: dict[str, str], *, rounds: int = 400) -> tuple[dict[str, Timing], dict[str, float]]:
    """The timings, and the medians of the pairwise differences to the calls without events, in seconds."""
    without = json.loads(SETTINGS)
    settings = without | {"events": {"bus": "users", "queue": QUEUE}}
    subjects = {
        WITHOUT: (without, _event("SignUp")),
        QUIET: (settings, _event("ForgotPassword")),
        WITH: (settings, _event("SignUp")),
    }
    seconds: dict[str, list[float]] = {name: [] for name in subjects}
    with ExitStack() as stack:
        functions = {
            name: stack.enter_context(_function(environment | {"PROXY_SETTINGS": json.dumps(document)}))
            for name, (document, _) in subjects.items()
        }
        for number in range(rounds + 5):
            names = list(subjects)
            for name in names[number % 3 :] + names[: number % 3]:  # who is first has it best
                answer, took = functions[name].timed(subjects[name][1])
                if json.loads(answer)["statusCode"] != 200:
                    raise RuntimeError("the handler did not answer as it should")
                if number >= 5:  # the first calls fetch the secret and connect
                    seconds[name].append(took)
        if any("EventFailures" in line for line in functions[WITH].output):
            raise RuntimeError("events were not delivered")
    added = {
        name: statistics.median(there - here for there, here in zip(seconds[name], seconds[WITHOUT], strict=True))
        for name in (QUIET, WITH)
    }
    return {name: Timing.of(values) for name, values in seconds.items()}, added


def _function(environment: Mapping[str, str]) -> LambdaEnvironment:
    return LambdaEnvironment("proxy.regional.handler", folder=ASSET, environment=environment)


def _event(operation: str) -> dict[str, Any]:
    """A call that names a user; the upstream answers each the same."""
    client_id = json.loads(BODY)["ClientId"]
    body = json.dumps({"ClientId": client_id, "Username": "someone@example.com", "Password": "example"})
    headers = HEADERS | {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    return regional_event() | {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": body,
        "isBase64Encoded": False,
    }
