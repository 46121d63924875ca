"""The least that a runtime does: load the handler, take a call, hand the answer back, again.

It is run as a program of its own, in the function's process, and stands for AWS's awslambdaric where that is not
installed. The order of its steps is that one's: `bootstrap.run` and `handle_event_request` in
https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/bootstrap.py
"""

import http.client
import importlib
import json
import os
import sys
import time
from typing import Any

_INVOCATION = "/2018-06-01/runtime/invocation"


class _Context:
    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self._ends = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._ends - int(time.time() * 1000))


def _call(api: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[Any, bytes]:
    api.request(method, path, body)
    response = api.getresponse()
    return response.headers, response.read()


def main() -> None:
    """Run until the environment ends."""
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    module, _, name = sys.argv[1].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    while True:
        headers, event = _call(api, "GET", f"{_INVOCATION}/next")
        context = _Context(headers)
        answer = json.dumps(handler(json.loads(event), context)).encode()
        _call(api, "POST", f"{_INVOCATION}/{context.aws_request_id}/response", answer)


if __name__ == "__main__":
    main()
