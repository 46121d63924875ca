"""Everything that an edge server needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.simulators.cloudfront.behaviour import Behaviour
from local.simulators.cloudfront.environment import FunctionSettings
from local.simulators.cloudfront.response_headers import UnmatchedOrigin
from local.simulators.cloudfront.viewer import ViewerCopies
from local.simulators.common.http import Firewall
from local.simulators.common.journal import Journal


@dataclass(frozen=True, kw_only=True)
class EdgeConfig:
    """What to simulate, and with what."""

    behaviour: Behaviour
    asset: Path
    """The function's package: a folder, or a zip file."""
    origins: Mapping[str, str]
    """Where origins stand on this machine: domain name to URL (`http://127.0.0.1:1234`). Others do not resolve."""
    credentials: Mapping[str, str] = field(default_factory=dict)
    """AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the function's role. Default: none."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that exist only here, out of `environment.LOCAL_ONLY`. Default: none."""
    region: str = "us-east-1"
    """Where the function's copy runs. Default: us-east-1."""
    origin_host: str | None = None
    """Host header for the origin. Default: - what CloudFront would send."""
    viewer_copies: ViewerCopies = ViewerCopies.VISIBLE
    """Whether a viewer's header that is named like an origin custom header stands in the event. Default: it does."""
    unmatched_origin: UnmatchedOrigin = UnmatchedOrigin.KEEPS_ORIGINS_HEADERS
    """What becomes of the origin's CORS headers for an origin that the policy does not allow. Default: they stay."""
    firewall: Firewall | None = None
    """Sees every request first. Default: - nothing is blocked."""
    journal: Journal | None = None
    """Has what viewers sent and got. Default: - none."""
    max_workers: int = 4
    """How many requests the function handles at a time; more wait. Default: 4."""
    log_file: Path | None = None
    """File to which the function's log is appended. Default: - the log is kept in memory only."""
    distribution: tuple[str, str] = ("EDFDVBD6EXAMPLE", "d111111abcdef8.cloudfront.net")
    """Id and domain name of the distribution. Default: those of AWS's examples."""

    def function_settings(self) -> FunctionSettings:
        """How the function runs, as its template says."""
        function = self.behaviour.function
        return FunctionSettings(
            handler=function.handler,
            runtime=function.runtime,
            function_name=function.logical_id,
            memory_size=function.memory_size,
            timeout=function.timeout,
            region=self.region,
            extras=self.extras,
        )
