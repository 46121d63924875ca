"""The HTTP server that stands where CloudFront and Lambda@Edge stand.

A viewer's request takes CloudFront's way: firewall, allowed methods, limits, header policy, the function behind its
event, the rules on what it returned, the origin, the response headers policy. Whatever the real one would answer with
an error, this one answers with the same status and the reason in the body.

Statuses: a broken rule 502 (LambdaValidationError); a function that crashes, cannot be initialized or runs out of time
503 (http-503-service-unavailable: "function execution error"); an origin that cannot be reached 502, a slow one 504.
Open in the documents: whether the response headers policy applies to CloudFront's own errors. It does not here.
"""

import secrets
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import web
from multidict import CIMultiDict

from local.simulators.cloudfront.answer import Answer, EdgeIdentity, edge_headers, error_answer
from local.simulators.cloudfront.config import EdgeConfig
from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.event import Event
from local.simulators.cloudfront.exchange import Exchange
from local.simulators.cloudfront.journal import Journal, names_of, new_journal
from local.simulators.cloudfront.limits import refused_by_cloudfront
from local.simulators.cloudfront.names import Headers
from local.simulators.cloudfront.onward import returned_headers
from local.simulators.cloudfront.origin_client import OriginClient, OriginFailedError
from local.simulators.cloudfront.package import FunctionPackage
from local.simulators.cloudfront.passage import event_of, origin_request
from local.simulators.cloudfront.pool import WorkerPool
from local.simulators.cloudfront.response_headers import apply_policy
from local.simulators.cloudfront.rules import GeneratedResponse, OnwardRequest, Refused, check
from local.simulators.cloudfront.viewer import ViewerRequest
from local.simulators.cloudfront.worker import FunctionFailedError

_MAX_UPLOAD = 64 * 2**20
_MAX_HEADER = 65_536
_KEPT_LOG_LINES = 10_000


class EdgeServer:
    """`async with EdgeServer(config) as server:` serves at `server.endpoint` until the block ends."""

    def __init__(self, config: EdgeConfig) -> None:
        self.config = config
        self.journal: Journal = new_journal()
        """What happened, request by request, without values."""
        self.function_log: deque[str] = deque(maxlen=_KEPT_LOG_LINES)
        """The latest lines that the function wrote."""
        self._edge_host = f"{secrets.token_hex(16)}.cloudfront.net"
        self._package: FunctionPackage | None = None
        self._pool: WorkerPool | None = None
        self._origin: OriginClient | None = None
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def endpoint(self) -> str:
        """URL of the running server, without a slash at its end."""
        return f"http://{self.config.host}:{self._port}"

    @property
    def pool(self) -> WorkerPool:
        """The function's execution environments. Raises EdgeSimulatorError before the server has started."""
        if self._pool is None:
            raise EdgeSimulatorError("the edge server is not running")
        return self._pool

    def web_application(self) -> web.Application:
        """The application, to be served by whoever has a listener of their own; it opens and closes all it needs."""
        app = web.Application(client_max_size=_MAX_UPLOAD)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)
        return app

    async def start(self) -> None:
        """Listens. The function is started by the first request, as a cold start."""
        config = self.config
        self._runner = web.AppRunner(
            self.web_application(),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1,
            auto_decompress=False,
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )
        try:
            await self._runner.setup()
            await web.TCPSite(self._runner, config.host, config.port).start()
        except OSError as error:
            await self.stop()
            raise EdgeSimulatorError(f"cannot listen on {config.host}:{config.port}: {error.strerror}") from None
        except BaseException:
            await self.stop()
            raise
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Closes all connections and ends the function's processes."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _open(self, _: web.Application) -> None:
        config = self.config
        self._package = FunctionPackage(config.asset)
        self._pool = WorkerPool(
            config.function_settings(),
            self._package,
            credentials=config.credentials,
            log=self._log,
            max_workers=config.max_workers,
        )
        self._origin = OriginClient(config.behaviour.origin)

    async def _close(self, _: web.Application) -> None:
        if self._origin is not None:
            await self._origin.close()
        if self._pool is not None:
            await self._pool.stop()
        if self._package is not None:
            self._package.close()
        self._origin = self._pool = self._package = None

    async def use_credentials(self, credentials: Mapping[str, str]) -> None:
        """Gives new workers these credentials, and ends the idle ones."""
        await self.pool.use_credentials(credentials)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _log(self, line: str) -> None:
        self.function_log.append(line)
        if self.config.log_file is not None:
            with self.config.log_file.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    async def _handle(self, request: web.Request) -> web.Response:
        viewer = await _viewer_request(request)
        identity = EdgeIdentity(host=self._edge_host, request_id=f"{secrets.token_urlsafe(40)}==")
        exchange = Exchange(viewer=viewer, identity=identity)
        answer = await self._answer(exchange)
        self.journal.append(exchange.entry(answer.status))
        if self.config.observer is not None:
            self.config.observer(viewer, answer)
        return web.Response(
            status=answer.status, reason=answer.reason or None, headers=CIMultiDict(answer.headers), body=answer.body
        )

    async def _answer(self, exchange: Exchange) -> Answer:
        viewer = exchange.viewer
        if self.config.firewall is not None and (blocked := await self.config.firewall(viewer)) is not None:
            exchange.answered_by, exchange.reason = "firewall", "blocked"
            return blocked
        if (refusal := refused_by_cloudfront(viewer, self.config.behaviour)) is not None:
            return self._error(exchange, *refusal)
        event = self._event(exchange)
        try:
            result = await self.pool.invoke(event)
        except FunctionFailedError as error:
            return self._error(exchange, 503, f"The Lambda function failed: {error}", cache="LambdaExecutionError")
        decision = check(event["Records"][0]["cf"]["request"], result)
        match decision:
            case Refused():
                exchange.violations = tuple(violation.rule.rule_id for violation in decision.violations)
                reasons = "\n".join(str(violation) for violation in decision.violations)
                return self._error(
                    exchange,
                    502,
                    f"The Lambda function result failed validation:\n{reasons}",
                    cache="LambdaValidationError",
                )
            case GeneratedResponse():
                exchange.answered_by = "function"
                answer = Answer(
                    status=decision.status, reason=decision.reason, headers=decision.headers, body=decision.body
                )
                return self._to_viewer(exchange, answer, "LambdaGeneratedResponse")
            case OnwardRequest():
                return await self._forward(exchange, decision)

    def _event(self, exchange: Exchange) -> Event:
        config = self.config
        event = event_of(
            exchange.viewer,
            config.behaviour,
            copies=config.viewer_copies,
            identity=exchange.identity,
            distribution=config.distribution,
        )
        exchange.event_headers = tuple(event["Records"][0]["cf"]["request"]["headers"])
        return event

    async def _forward(self, exchange: Exchange, onward: OnwardRequest) -> Answer:
        exchange.remarks = onward.remarks
        base = self.config.origins.get(onward.domain_name)
        if base is None or self._origin is None:
            return self._error(exchange, 502, f"CloudFront can't resolve the origin domain name {onward.domain_name}")
        request = origin_request(exchange.viewer, onward, identity=exchange.identity, host=self.config.origin_host)
        exchange.origin_headers = names_of(request.headers)
        try:
            answer = await self._origin.send(
                request.method,
                base + request.target,
                list(request.headers),
                request.body,
                read_timeout=request.read_timeout,
            )
        except OriginFailedError as error:
            return self._error(exchange, error.status, str(error))
        exchange.answered_by = "origin"
        kept = returned_headers(answer.headers, self.config.behaviour.origin_request_policy)
        return self._to_viewer(
            exchange,
            Answer(status=answer.status, reason=answer.reason, headers=tuple(kept), body=answer.body),
            "Miss",
        )

    def _to_viewer(self, exchange: Exchange, answer: Answer, cache: str) -> Answer:
        headers: Headers = apply_policy(
            answer.headers,
            self.config.behaviour.response_headers_policy,
            method=exchange.viewer.method,
            request_headers=exchange.viewer.headers,
            unmatched=self.config.unmatched_origin,
        )
        return Answer(
            status=answer.status,
            reason=answer.reason,
            headers=tuple(edge_headers(headers, identity=exchange.identity, cache=cache)),
            body=answer.body,
        )

    def _error(self, exchange: Exchange, status: int, reason: str, *, cache: str = "Error") -> Answer:
        exchange.reason = reason
        return error_answer(status, reason, identity=exchange.identity, cache=cache)


async def _viewer_request(request: web.Request) -> ViewerRequest:
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport is not None else None
    uri, _, querystring = request.raw_path.partition("?")
    return ViewerRequest(
        client_ip=peer[0] if peer else "0.0.0.0",  # noqa: S104 - the viewer has hung up, so nobody sees this
        method=request.method,
        uri=uri,
        querystring=querystring,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers),
        body=await request.read(),
    )
