"""Which web pages may call a proxy on this machine: by default those that development servers serve here."""

from collections.abc import Mapping, Sequence

from local.deployment.cdk_json import local_context

FLAG = "allowed_origins"

HOSTS = ("localhost", "127.0.0.1")
PORTS = (3000, 4200, 5000, 5173, 8000, 8080)
"""React and Next.js, Angular, Flask, Vite, `python -m http.server` and Django, Vue CLI and webpack."""

LOCALHOST = tuple(f"http://{host}:{port}" for host in HOSTS for port in PORTS)
"""The default of `make local`."""

_CONFIG_FILE = "config"
"""The flag that names a file of flags."""


def with_local_origins(context: Mapping[str, str]) -> dict[str, str]:
    """The flags, with LOCALHOST where neither they, nor a file of flags, nor cdk.json say which pages may call."""
    if FLAG in context or _CONFIG_FILE in context or FLAG in local_context():
        return dict(context)
    return {**context, FLAG: ",".join(LOCALHOST)}


def is_default(flag: str, value: str) -> bool:
    """Whether a flag is there because `with_local_origins` set it."""
    return flag == FLAG and value == ",".join(LOCALHOST)


def allowed_by(context: Mapping[str, str]) -> tuple[str, ...] | None:
    """The origins that the flags name; None where they stand elsewhere."""
    if FLAG not in context:
        return None
    return tuple(origin.strip() for origin in context[FLAG].split(",") if origin.strip())


def words_for(origins: Sequence[str]) -> str:
    """The origins for a reader."""
    if tuple(origins) == LOCALHOST:
        hosts = " and ".join(f"http://{host}" for host in HOSTS)
        return f"{hosts}, ports {', '.join(map(str, PORTS))}"
    return ", ".join(origins) or "none"
