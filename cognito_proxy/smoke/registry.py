"""All checks, in the order of the plan: what explains other failures comes before them."""

import difflib
from collections.abc import Iterable

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks import (
    answers,
    app_clients,
    firewall,
    logs,
    monitoring,
    network,
    refusals,
    rotation,
    secrets,
    settings,
    sign_in,
    texts,
    trials,
)
from cognito_proxy.smoke.probes import PROBES

_LOOKING: tuple[Check, ...] = (
    *network.CHECKS,
    *answers.CHECKS,
    *settings.CHECKS,
    *app_clients.CHECKS,
    *secrets.CHECKS,
    *rotation.CHECKS,
    *firewall.CHECKS,
    *answers.BEHAVIOUR,
    *refusals.CHECKS,
    *app_clients.BEHAVIOUR,
    *firewall.BEHAVIOUR,
    *logs.CHECKS,
    *monitoring.CHECKS,
    *texts.CHECKS,
)
_ACTING: tuple[Check, ...] = (
    *sign_in.CHECKS,
    # Last, since they block this machine for a while.
    *trials.CHECKS,
)

CHECKS: tuple[Check, ...] = (*_LOOKING, *_ACTING)
"""What `smoke` runs, as far as it is asked to and can."""

ALL: tuple[Check, ...] = (*_LOOKING, *PROBES, *_ACTING)
"""With the probes; some of them use the throw-away user, whom the acting ones delete."""


class UnknownCheck(Exception):
    """There is no check of that name; the message says which one may be meant."""


def require_known(names: Iterable[str], *, option: str) -> None:
    """Refuse a name that no check has.

    Raises:
        UnknownCheck: names the option, the value and what comes near it.
    """
    known = [check.name for check in ALL]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise UnknownCheck(f"{option}: there is no check {name!r}; {hint}")
