"""Which web pages may call a proxy on this machine: by default those that development servers serve here."""

from collections.abc import Mapping, Sequence

from local.deployment.cdk_json import local_context

FLAG = "allowed_origins"

HOSTS = ("localhost", "127.0.0.1")
PORTS = (3000, 4200, 5000, 5173, 8000, 8080)
"""React and Next.js, Angular, Flask, Vite, `python -m http.server` and Django, Vue CLI and webpack."""

LOCALHOST = tuple(f"http://{host}:{port}" for host in HOSTS for port in PORTS)
"""The default of `make local`."""

ANY = "*"
"""Allows every origin."""

_CONFIG_FILE = "config"
"""The flag that names a file of flags."""


def with_local_origins(context: Mapping[str, str], *, page: str | None = None) -> dict[str, str]:
    """The flags, with LOCALHOST where neither they, nor a file of flags, nor cdk.json say which pages may call.

    `page` is the origin of the run's own page, which may call, too. Where a file or cdk.json says who may, nothing can
    be added: two places that differ are an error. Default: - there is no page.
    """
    if FLAG not in context and (_CONFIG_FILE in context or FLAG in local_context()):
        return dict(context)
    origins = allowed_by(context) if FLAG in context else LOCALHOST
    if page is not None and origins and ANY not in origins:
        origins = (*origins, page)
    return {**context, FLAG: ",".join(origins or ())}


def is_default(flag: str, value: str) -> bool:
    """Whether a flag is there because `with_local_origins` set it."""
    return flag == FLAG and tuple(value.split(","))[: len(LOCALHOST)] == LOCALHOST


def allowed_by(context: Mapping[str, str]) -> tuple[str, ...] | None:
    """The origins that the flags name; None where they stand elsewhere."""
    if FLAG not in context:
        return None
    return tuple(origin.strip() for origin in context[FLAG].split(",") if origin.strip())


def words_for(origins: Sequence[str]) -> str:
    """The origins for a reader."""
    if tuple(origins[: len(LOCALHOST)]) == LOCALHOST:
        hosts = " and ".join(f"http://{host}" for host in HOSTS)
        others = "".join(f"; {origin}" for origin in origins[len(LOCALHOST) :])
        return f"{hosts}, ports {', '.join(map(str, PORTS))}{others}"
    return ", ".join(origins) or "none"
