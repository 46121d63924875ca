"""The warm edge handler, event in to event out: it makes no call, so this is all that it adds to a request."""

import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.edge_turns import take_turns, timings
from benchmarks.events import BODY, HEADERS, REGION, edge_event
from benchmarks.timing import Timing


def measure(*, rounds: int = 5000) -> dict[str, Timing]:
    """The proof added, without a line in the log and with one; the same signed in place."""
    events = {
        "warm edge handler": edge_event(),
        "the same, without its line": edge_event(log="none"),
        "the same, signed in place": edge_event(threat_protection=True),
    }
    return timings(take_turns(events, rounds=rounds))


def measure_botocore(*, rounds: int = 5000) -> dict[str, Timing]:
    """botocore's signer alone."""
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "example", "token"), "cognito-idp", REGION)
    return {"botocore's signer alone": Timing.of([_signed_by_botocore(signer) for _ in range(rounds)])}


def _signed_by_botocore(signer: SigV4Auth) -> float:
    url = f"https://cognito-idp.{REGION}.amazonaws.com/"
    request = AWSRequest("POST", url, data=BODY, headers={"X-Amz-Target": HEADERS["X-Amz-Target"]})
    started = time.perf_counter()
    signer.add_auth(request)
    return time.perf_counter() - started
