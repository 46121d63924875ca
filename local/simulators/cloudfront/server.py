"""Stands where CloudFront and Lambda@Edge stand.

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

from aiohttp import web

from local.simulators.cloudfront.answer import EdgeIdentity, block_answer, edge_headers, error_answer
from local.simulators.cloudfront.config import EdgeConfig
from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.event import Event
from local.simulators.cloudfront.handling import Handling
from local.simulators.cloudfront.limits import refused_by_cloudfront
from local.simulators.cloudfront.onward import returned_headers
from local.simulators.cloudfront.origin_client import OriginClient, OriginFailedError
from local.simulators.cloudfront.package import FunctionPackage
from local.simulators.cloudfront.passage import event_of, origin_request
from local.simulators.cloudfront.pool import WorkerPool
from local.simulators.cloudfront.response_headers import apply_policy
from local.simulators.cloudfront.rules import GeneratedResponse, OnwardRequest, Refused, check
from local.simulators.cloudfront.trace import latest_traces, names_of
from local.simulators.cloudfront.worker import FunctionFailedError
from local.simulators.common.http import DefaultBlock, HttpRequest, HttpResponse
from local.simulators.common.serving import application

_MAX_UPLOAD = 64 * 2**20
_TOO_LARGE = HttpResponse(status=413, headers=(), body=b"The simulator takes bodies of up to 64 MiB.\n")
_KEPT_LOG_LINES = 10_000


class EdgeServer:
    """CloudFront and Lambda@Edge for one distribution."""

    def __init__(self, config: EdgeConfig) -> None:
        self.config = config
        self.traces = latest_traces()
        """What happened, request by request, without values."""
        self.function_log: deque[str] = deque(maxlen=_KEPT_LOG_LINES)
        """The latest lines that the function wrote."""
        self._edge_host = f"{secrets.token_hex(16)}.cloudfront.net"
        self._package: FunctionPackage | None = None
        self._pool: WorkerPool | None = None
        self._origin: OriginClient | None = None

    @property
    def pool(self) -> WorkerPool:
        """The function's execution environments. Raises EdgeSimulatorError before the server has started."""
        if self._pool is None:
            raise EdgeSimulatorError("the edge server is not running")
        return self._pool

    def web_application(self) -> web.Application:
        """The application to serve; it opens and closes all it needs. The function starts with the first request, as a
        cold start does."""
        app = application(self.handle, max_body=_MAX_UPLOAD, too_large=_TOO_LARGE)
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)
        return app

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer as CloudFront would."""
        identity = EdgeIdentity(host=self._edge_host, request_id=f"{secrets.token_urlsafe(40)}==")
        handling = Handling(viewer=request, identity=identity)
        response = await self._answer(handling)
        self.traces.append(handling.trace(response.status))
        if self.config.journal is not None:
            self.config.journal.record(request, response)
        return response

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

    def _log(self, line: str) -> None:
        self.function_log.append(line)
        if self.config.log_file is not None:
            with self.config.log_file.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    async def _answer(self, handling: Handling) -> HttpResponse:
        viewer = handling.viewer
        if self.config.firewall is not None and (blocked := await self.config.firewall(viewer)) is not None:
            handling.answered_by, handling.reason = "firewall", "blocked"
            return block_answer(blocked) if isinstance(blocked, DefaultBlock) else blocked
        if (refusal := refused_by_cloudfront(viewer, self.config.behaviour.of(viewer.path))) is not None:
            return self._error(handling, *refusal)
        event = self._event(handling)
        try:
            result = await self.pool.invoke(event)
        except FunctionFailedError as error:
            return self._error(handling, 503, f"The Lambda function failed: {error}", cache="LambdaExecutionError")
        decision = check(event["Records"][0]["cf"]["request"], result)
        match decision:
            case Refused():
                handling.violations = tuple(violation.rule.rule_id for violation in decision.violations)
                reasons = "\n".join(str(violation) for violation in decision.violations)
                return self._error(
                    handling,
                    502,
                    f"The Lambda function result failed validation:\n{reasons}",
                    cache="LambdaValidationError",
                )
            case GeneratedResponse():
                handling.answered_by = "function"
                answer = HttpResponse(
                    status=decision.status, reason=decision.reason, headers=decision.headers, body=decision.body
                )
                return self._to_viewer(handling, answer, "LambdaGeneratedResponse")
            case OnwardRequest():
                return await self._forward(handling, decision)

    def _event(self, handling: Handling) -> Event:
        config = self.config
        event = event_of(
            handling.viewer,
            config.behaviour.of(handling.viewer.path),
            copies=config.viewer_copies,
            identity=handling.identity,
            distribution=config.distribution,
        )
        handling.event_headers = tuple(event["Records"][0]["cf"]["request"]["headers"])
        return event

    async def _forward(self, handling: Handling, onward: OnwardRequest) -> HttpResponse:
        handling.remarks = onward.remarks
        base = self.config.origins.get(onward.domain_name)
        if base is None or self._origin is None:
            return self._error(handling, 502, f"CloudFront can't resolve the origin domain name {onward.domain_name}")
        request = origin_request(handling.viewer, onward, identity=handling.identity, host=self.config.origin_host)
        handling.origin_headers = names_of(request.headers)
        try:
            answer = await self._origin.send(
                request.method,
                base + request.target,
                request.headers,
                request.body,
                read_timeout=request.read_timeout,
            )
        except OriginFailedError as error:
            return self._error(handling, error.status, str(error))
        handling.answered_by = "origin"
        policy = self.config.behaviour.of(handling.viewer.path).origin_request_policy
        kept = returned_headers(answer.headers, policy)
        return self._to_viewer(
            handling,
            HttpResponse(status=answer.status, reason=answer.reason, headers=kept, body=answer.body),
            "Miss",
        )

    def _to_viewer(self, handling: Handling, answer: HttpResponse, cache: str) -> HttpResponse:
        headers = apply_policy(
            answer.headers,
            self.config.behaviour.of(handling.viewer.path).response_headers_policy,
            method=handling.viewer.method,
            request_headers=handling.viewer.headers,
            unmatched=self.config.unmatched_origin,
        )
        return HttpResponse(
            status=answer.status,
            reason=answer.reason,
            headers=edge_headers(headers, identity=handling.identity, cache=cache),
            body=answer.body,
        )

    def _error(self, handling: Handling, status: int, reason: str, *, cache: str = "Error") -> HttpResponse:
        handling.reason = reason
        return error_answer(status, reason, identity=handling.identity, cache=cache)
