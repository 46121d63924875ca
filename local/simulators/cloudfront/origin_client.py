"""Sends requests to the origin over kept-alive connections."""

import io

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from local.simulators.cloudfront.origin import Origin
from local.simulators.common.http import Headers, HttpResponse
from local.simulators.common.serving import header_lines

_AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_MAX_HEADER = 65_536


class OriginFailedError(Exception):
    """The origin did not answer; `status` is what CloudFront answers then."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class OriginClient:
    """A pool of connections to the origin. Must be made inside a running event loop."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=origin.keepalive_timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_AUTOMATIC,
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()

    async def send(self, method: str, url: str, headers: Headers, body: bytes, *, read_timeout: int) -> HttpResponse:
        """The origin's answer, never followed, decompressed or retried once it was sent.

        Raises OriginFailedError: 502 when no connection comes about or it breaks (http-502-bad-gateway), 504 when the
        origin takes longer than `read_timeout` seconds (http-504-gateway-timeout).
        """
        timeout = aiohttp.ClientTimeout(
            total=self._origin.response_completion_timeout,
            sock_connect=self._origin.connection_timeout,
            sock_read=read_timeout,
        )
        for attempt in range(1, self._origin.connection_attempts + 1):
            try:
                return await self._send(method, url, headers, body, timeout)
            except aiohttp.ServerTimeoutError:
                raise OriginFailedError(504, "the origin did not respond in time") from None
            except aiohttp.ClientConnectorError as error:
                if attempt == self._origin.connection_attempts:
                    raise OriginFailedError(502, f"no connection to the origin: {error.strerror}") from None
            except TimeoutError:
                raise OriginFailedError(504, "the origin did not complete its response in time") from None
            except aiohttp.ClientError as error:
                raise OriginFailedError(502, f"the connection to the origin broke: {type(error).__name__}") from None
        raise OriginFailedError(502, "no attempt to connect to the origin is configured")

    async def _send(
        self, method: str, url: str, headers: Headers, body: bytes, timeout: aiohttp.ClientTimeout
    ) -> HttpResponse:
        async with self._session.request(
            method,
            URL(url, encoded=True),
            headers=CIMultiDict(headers),
            data=io.BytesIO(body) if body else None,
            allow_redirects=False,
            timeout=timeout,
        ) as response:
            content = await response.read()
            return HttpResponse(
                status=response.status,
                reason=response.reason or "",
                headers=header_lines(response.raw_headers),
                body=content,
            )
