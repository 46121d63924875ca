"""The stand-in of the human check's provider in a local run: for the provider that the synthesized settings name."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.ports import LOOPBACK, listen, port_of
from local.simulators.common.serving import ServerThread
from local.simulators.human_check.stand_in import SCRIPT, HumanCheckStandIn
from local.simulators.human_check.tokens import Provider

ENDPOINT_VARIABLE = "HUMAN_CHECK_ENDPOINT"
"""Where the functions look for the provider: `proxy.interceptors.human_check`."""

SECRET_OUTPUT = "HumanCheckSecretArn"  # noqa: S105 - an output's name
"""The stack's output that names where the provider's secret key belongs."""

SITE_KEY = "stand-in-site-key"
"""Of the widget here, whatever the flag says: the stand-in has one site."""

# Within the settings, which stand in a template as JSON in JSON.
_PART = re.compile(r"human_check\W+provider\W+(\w+)")


class HumanCheckFront:
    """A provider that is served on loopback, and forgets everything when the run ends."""

    def __init__(self, provider: Provider, stand_in: HumanCheckStandIn, url: str) -> None:
        self.provider = provider
        self.stand_in = stand_in
        self.url = url

    @property
    def page_config(self) -> Mapping[str, str]:
        """What the page is told of it."""
        return {
            "humanCheckProvider": self.provider.name,
            "humanCheckSiteKey": self.provider.site_key,
            "humanCheckScript": self.url + SCRIPT,
        }

    def fill_secrets(self, emulator: Emulator, stacks: Iterable[DeployedStack]) -> None:
        """Put the provider's secret key where the deployment keeps it, as an operator does once in AWS."""
        for stack in stacks:
            if SECRET_OUTPUT in stack.outputs:
                store = emulator.client("secretsmanager", region=stack.region)
                store.put_secret_value(SecretId=stack.outputs[SECRET_OUTPUT], SecretString=self.provider.secret)


def serve_human_check(servers: ServerThread, ends: ExitStack, assembly: Assembly) -> HumanCheckFront | None:
    """Serve it on a free port until `servers` stop; None where no stack has a human check."""
    name = next((found[1] for stack in assembly.stacks if (found := _PART.search(json.dumps(stack.template())))), None)
    if name is None:
        return None
    provider = Provider(name=name, secret=secrets.token_urlsafe(32), site_key=SITE_KEY)
    stand_in = HumanCheckStandIn(provider)
    listener = ends.enter_context(listen())
    servers.serve(stand_in.web_application(), listener)
    return HumanCheckFront(provider, stand_in, f"http://{LOOPBACK}:{port_of(listener)}")
