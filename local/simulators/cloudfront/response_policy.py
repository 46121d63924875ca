"""A response headers policy, as its template describes it (understanding-response-headers-policies)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.names import ALL_METHODS, IRREMOVABLE_HEADERS
from local.simulators.cloudfront.template import Properties, one_of, required, truth, understood
from local.simulators.common.http import listed

_MAX_CONTENT_SECURITY_POLICY = 1_783
_CORS = (
    "AccessControlAllowCredentials",
    "AccessControlAllowHeaders",
    "AccessControlAllowMethods",
    "AccessControlAllowOrigins",
    "AccessControlExposeHeaders",
    "AccessControlMaxAgeSec",
    "OriginOverride",
)


@dataclass(frozen=True, kw_only=True)
class Cors:
    """The CORS part of a policy."""

    allow_origins: tuple[str, ...]
    """Origins, `*`, or with `*.` as the leftmost part of the host."""
    allow_headers: tuple[str, ...]
    allow_methods: tuple[str, ...]
    expose_headers: tuple[str, ...]
    allow_credentials: bool
    max_age: int | None
    """Seconds."""
    override: bool
    """Whether the policy's header wins over the origin's."""


@dataclass(frozen=True, kw_only=True)
class AddedHeader:
    """A header that the policy adds to every response."""

    name: str
    value: str
    override: bool


@dataclass(frozen=True, kw_only=True)
class ResponseHeadersPolicy:
    """What CloudFront removes from and adds to responses. Removal comes first."""

    cors: Cors | None = None
    added: tuple[AddedHeader, ...] = ()
    """Security headers and custom headers."""
    removed: tuple[str, ...] = ()


def read_response_headers_policy(properties: Properties, *, where: str) -> ResponseHeadersPolicy:
    """The policy of resolved properties."""
    config = required(properties, "ResponseHeadersPolicyConfig", where=where)
    understood(
        config,
        (
            "Comment",
            "Name",
            "CorsConfig",
            "CustomHeadersConfig",
            "RemoveHeadersConfig",
            "SecurityHeadersConfig",
            "ServerTimingHeadersConfig",
        ),
        where=where,
    )
    if truth(config.get("ServerTimingHeadersConfig", {}).get("Enabled", False)):
        one_of("ServerTimingHeadersConfig", (), where=where)
    removed = tuple(item["Header"] for item in config.get("RemoveHeadersConfig", {}).get("Items", ()))
    for name in removed:
        if listed(name, IRREMOVABLE_HEADERS):
            raise EdgeSimulatorError(f"{where}: RemoveHeadersConfig: {name} cannot be removed by a policy")
    return ResponseHeadersPolicy(
        cors=_cors(config["CorsConfig"], where=where) if "CorsConfig" in config else None,
        added=(*_security(config.get("SecurityHeadersConfig", {}), where=where), *_custom(config)),
        removed=removed,
    )


def _cors(config: Properties, *, where: str) -> Cors:
    understood(config, _CORS, where=f"{where}: CorsConfig")
    methods = _items(config, "AccessControlAllowMethods")
    return Cors(
        allow_origins=_items(config, "AccessControlAllowOrigins"),
        allow_headers=_items(config, "AccessControlAllowHeaders"),
        allow_methods=tuple(sorted(ALL_METHODS)) if methods == ("ALL",) else methods,
        expose_headers=_items(config, "AccessControlExposeHeaders"),
        allow_credentials=truth(config.get("AccessControlAllowCredentials", False)),
        max_age=int(config["AccessControlMaxAgeSec"]) if "AccessControlMaxAgeSec" in config else None,
        override=truth(required(config, "OriginOverride", where=f"{where}: CorsConfig")),
    )


def _items(config: Properties, name: str) -> tuple[str, ...]:
    return tuple(str(item) for item in config.get(name, {}).get("Items", ()))


def _custom(config: Properties) -> list[AddedHeader]:
    return [
        AddedHeader(name=item["Header"], value=item.get("Value", ""), override=truth(item["Override"]))
        for item in config.get("CustomHeadersConfig", {}).get("Items", ())
    ]


def _security(config: Properties, *, where: str) -> list[AddedHeader]:
    understood(config, _SECURITY, where=f"{where}: SecurityHeadersConfig")
    added = []
    for member, (name, value) in _SECURITY.items():
        if member in config:
            override = truth(required(config[member], "Override", where=f"{where}: {member}"))
            added.append(AddedHeader(name=name, value=value(config[member]), override=override))
    return added


def _content_security_policy(part: Properties) -> str:
    value = str(part["ContentSecurityPolicy"])
    if len(value) > _MAX_CONTENT_SECURITY_POLICY:
        raise EdgeSimulatorError(
            f"ContentSecurityPolicy has {len(value)} characters, at most {_MAX_CONTENT_SECURITY_POLICY} are allowed"
        )
    return value


def _strict_transport_security(part: Properties) -> str:
    flags = [("IncludeSubdomains", "includeSubDomains"), ("Preload", "preload")]
    parts = [f"max-age={part['AccessControlMaxAgeSec']}"]
    return "; ".join(parts + [word for member, word in flags if truth(part.get(member, False))])


def _xss_protection(part: Properties) -> str:
    if not truth(part["Protection"]):
        return "0"
    parts = ["1"]
    if truth(part.get("ModeBlock", False)):
        parts.append("mode=block")
    if "ReportUri" in part:
        parts.append(f"report={part['ReportUri']}")
    return "; ".join(parts)


_SECURITY: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "ContentSecurityPolicy": ("Content-Security-Policy", _content_security_policy),
    "ContentTypeOptions": ("X-Content-Type-Options", lambda _: "nosniff"),
    "FrameOptions": ("X-Frame-Options", lambda part: str(part["FrameOption"])),
    "ReferrerPolicy": ("Referrer-Policy", lambda part: str(part["ReferrerPolicy"])),
    "StrictTransportSecurity": ("Strict-Transport-Security", _strict_transport_security),
    "XSSProtection": ("X-XSS-Protection", _xss_protection),
}
