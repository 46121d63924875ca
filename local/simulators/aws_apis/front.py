"""AWS's APIs on one address, for the command line: the emulator, and stand-ins for what it lacks.

`cognito-proxy --local`, or any AWS SDK with `AWS_ENDPOINT_URL`, calls this address. What a stand-in knows, it answers;
everything else goes to the emulator as it came.
"""

from collections.abc import Sequence
from typing import Protocol

import aiohttp
from aiohttp import web

from local.simulators.common.aws_json import AwsCall, Forward, Refused, call_of, json_error
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.root_client import ROOT_KEY
from local.simulators.common.serving import Upstream, application

MAX_BODY_BYTES = 10 * 1024 * 1024
_SECONDS = 120.0


class StandIn(Protocol):
    """What the emulator lacks of one service."""

    def knows(self, call: AwsCall) -> bool:
        """Whether it answers this call."""
        ...

    async def answer(self, call: AwsCall, forward: Forward) -> HttpResponse:
        """Perform the call; `forward` gives the emulator's answer to it. Raises Refused as the service would."""
        ...

    async def close(self) -> None:
        """End what it began."""
        ...


class AwsFront:
    """The server. `emulator_url` is without a slash at its end."""

    def __init__(self, *, emulator_url: str, stand_ins: Sequence[StandIn]) -> None:
        self._upstream = Upstream(emulator_url)
        self._stand_ins = tuple(stand_ins)

    def web_application(self) -> web.Application:
        """The application to serve."""
        too_large = HttpResponse(status=413, headers=(), body=b"")
        app = application(self.handle, max_body=MAX_BODY_BYTES, too_large=too_large)

        async def close(_: web.Application) -> None:
            for stand_in in self._stand_ins:
                await stand_in.close()
            await self._upstream.close()

        app.on_cleanup.append(close)
        return app

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request.

        A stand-in serves the emulator's root only. Whose permissions would have to be checked, the emulator does not
        tell.
        """

        async def forward() -> HttpResponse:
            try:
                return await self._upstream.send(request, seconds=_SECONDS)
            except (TimeoutError, aiohttp.ClientError):
                # Whatever the protocol: SDKs take a 5xx without a body for what its status says.
                return HttpResponse(status=503, headers=(), body=b"")

        call = call_of(request)
        stand_in = next((each for each in self._stand_ins if call is not None and each.knows(call)), None)
        if call is None or stand_in is None:
            return await forward()
        try:
            if call.access_key != ROOT_KEY:
                raise Refused("AccessDeniedException", f"{call.operation} is for the access key {ROOT_KEY} only")
            return await stand_in.answer(call, forward)
        except Refused as refused:
            return json_error(refused)
