"""The warm edge handler, event in to event out: it makes no call, so this is all that it adds to a request."""

import contextlib
import io
import json
import time
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.events import BODY, HEADERS, REGION, edge_event
from benchmarks.timing import Timing


def measure(*, rounds: int = 5000) -> dict[str, Timing]:
    """The proof added; the same signed in place; and botocore's signer alone, taking turns."""
    from proxy import edge  # noqa: PLC0415 - reads the environment that the caller has set

    plain, signed = json.dumps(edge_event()), json.dumps(edge_event(threat_protection=True))
    samples: tuple[list[float], list[float], list[float]] = ([], [], [])
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "example", "token"), "cognito-idp", REGION)
    with contextlib.redirect_stdout(io.StringIO()) as log:
        services: list[Any] = []
        for text in (plain, signed):  # a warm function has read its settings and its secret
            edge.handler(json.loads(text), None)
            services.append(edge._cached)
        for _ in range(rounds):
            for text, service, times in zip((plain, signed), services, samples, strict=False):
                event = json.loads(text)
                edge._cached = service
                started = time.perf_counter()
                answer = edge.handler(event, None)
                times.append(time.perf_counter() - started)
                if "status" in answer:
                    raise RuntimeError("the handler did not forward as it should")
            samples[2].append(_signed_by_botocore(signer))
            log.seek(0)
            log.truncate()
    names = ("warm edge handler", "the same, signed in place", "botocore's signer alone")
    return {name: Timing.of(times) for name, times in zip(names, samples, strict=True)}


def _signed_by_botocore(signer: SigV4Auth) -> float:
    url = f"https://cognito-idp.{REGION}.amazonaws.com/"
    request = AWSRequest("POST", url, data=BODY, headers={"X-Amz-Target": HEADERS["X-Amz-Target"]})
    started = time.perf_counter()
    signer.add_auth(request)
    return time.perf_counter() - started
