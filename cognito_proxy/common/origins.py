"""Origins of web pages, as browsers send them."""

import re
from collections.abc import Sequence

from aws_cdk import Annotations, Token
from constructs import IConstruct

from cognito_proxy.common.property_error import PropertyError

ANY_ORIGIN = "*"

# RFC 6454: scheme "://" host [ ":" port ]. Any scheme: hybrid apps send capacitor://localhost, ionic://localhost.
_HOST_NAME = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_ORIGIN = re.compile(rf"[a-z][a-z0-9+.-]*://({_HOST_NAME}|\[[0-9a-f:.]+\])(:(?P<port>[1-9][0-9]{{0,4}}))?")
_HIGHEST_PORT = 65_535
_DEFAULT_PORTS = {"http://": ":80", "https://": ":443"}
_ALLOWED = "allowed is scheme://host[:port] in lower case, without path, slash at the end or wildcard, or '*' alone"


def check_origins(name: str, origins: Sequence[str]) -> None:
    """Refuse what no browser sends as `Origin`, and so could never match.

    Raises:
        PropertyError: one is none; `name` (the property or flag), the value and what is allowed are named.
    """
    if isinstance(origins, str):
        raise PropertyError(f"{name}: {origins!r} is one text; give a list of origins, such as [{origins!r}]")
    for origin in origins:
        if not Token.is_unresolved(origin) and not _is_exact_origin(origin) and origin != ANY_ORIGIN:
            raise PropertyError(f"{name}: {origin!r} is not an origin; {_ALLOWED}")
    if ANY_ORIGIN in origins and len(origins) > 1:
        raise PropertyError(f"{name}: '*' stands alone, not beside {len(origins) - 1} other(s); {_ALLOWED}")


def fixed_origin(origins: Sequence[str]) -> str | None:
    """The `access-control-allow-origin` of an answer that is fixed text and cannot repeat the caller's origin.

    The only origin; `*` for several or any; None without one. For several, `*` is safe: such an answer says nothing
    about anybody, carries no cookie, and browsers refuse `*` for requests with credentials.
    """
    if len(origins) != 1:
        return ANY_ORIGIN if origins else None
    return origins[0]


def warn_of_any_origin(scope: IConstruct, origins: Sequence[str]) -> None:
    """Warn at synth when pages of every origin may call."""
    if ANY_ORIGIN in origins:
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:anyOrigin",
            "allowed_origins is '*': pages of every origin can call the proxy from their visitors' browsers. "
            "Name your own origins instead.",
        )


def _is_exact_origin(origin: str) -> bool:
    match = _ORIGIN.fullmatch(origin)
    if match is None or int(match["port"] or 0) > _HIGHEST_PORT:
        return False
    # Browsers leave a scheme's default port out.
    return not any(origin.startswith(scheme) and origin.endswith(port) for scheme, port in _DEFAULT_PORTS.items())
