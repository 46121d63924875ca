"""The stand-in of the user pool's domain in a local run: for the one that the synthesized settings name."""

import json
import re
from collections.abc import Mapping
from contextlib import ExitStack

from local.deployment.assembly import Assembly
from local.deployment.emulator import Emulator
from local.ports import LOOPBACK, listen, port_of
from local.simulators.common.serving import ServerThread
from local.simulators.user_pool_domain.pool import Pool
from local.simulators.user_pool_domain.stand_in import UserPoolDomain

DOMAIN_VARIABLE = "COGNITO_PROXY_DOMAIN_ORIGIN"
PROXY_VARIABLE = "COGNITO_PROXY_OWN_ORIGIN"
"""Where the functions find the domain, and say that browsers find the proxy: `proxy.oauth.endpoints`."""

# Within the settings, which stand in a template as JSON in JSON; a Region may be put in between.
_PART = re.compile(r"oauth\W+domain\W+([a-z0-9-]+(?:\.[a-z0-9-]+)*)")


class UserPoolDomainFront:
    """A domain that is served on loopback, and forgets everything when the run ends."""

    def __init__(self, stand_in: UserPoolDomain, name: str, url: str, own_origin: str) -> None:
        self.stand_in = stand_in
        self.name = name
        """Its host name in AWS, or the beginning of it."""
        self.url = url
        self._own_origin = own_origin

    @property
    def variables(self) -> Mapping[str, str]:
        """What the functions find in their environment."""
        return {DOMAIN_VARIABLE: self.url, PROXY_VARIABLE: self._own_origin}

    def connect(self, emulator: Emulator, *, region: str, user_pool_id: str) -> None:
        """Say which pool it is of."""
        self.stand_in.pool = Pool(emulator.client("cognito-idp", region=region), user_pool_id)


def serve_user_pool_domain(
    servers: ServerThread, ends: ExitStack, assembly: Assembly, *, region: str, own_port: int
) -> UserPoolDomainFront | None:
    """Serve it on a free port until `servers` stop; None where no proxy serves OAuth 2.0."""
    texts = (json.dumps(stack.template()) for stack in assembly.stacks)
    found = next((match[1] for text in texts if (match := _PART.search(text))), None)
    if found is None:
        return None
    name = found if found.count(".") > 1 else f"{found.partition('.')[0]}.auth.{region}.amazoncognito.com"
    listener = ends.enter_context(listen())
    port = port_of(listener)
    stand_in = UserPoolDomain(frozenset({name, f"{LOOPBACK}:{port}"}))
    servers.serve(stand_in.web_application(), listener)
    return UserPoolDomainFront(stand_in, name, f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{own_port}")
