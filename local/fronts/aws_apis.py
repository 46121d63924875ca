"""Serves AWS's APIs of a local run: the emulator with all that stands in for what it lacks."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack

from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.fronts.deployed_waf import deployed_waf
from local.fronts.enforcement import EnforcedWebAcl
from local.fronts.list_expiry import expiring_lists
from local.fronts.rotating_secrets import RotatingSecrets
from local.fronts.rotation import rotations
from local.ports import LOOPBACK, listen, port_of
from local.simulators.aws_apis.front import AwsFront
from local.simulators.common.serving import ServerThread
from local.simulators.logs_insights.stand_in import LogsInsights, LogStore
from local.simulators.waf.stand_in import WafStandIn


def serve_aws_apis(
    servers: ServerThread,
    ends: ExitStack,
    *,
    emulator: Emulator,
    stacks: Iterable[DeployedStack],
    enforced: EnforcedWebAcl | None,
    logs: LogStore,
    say: Callable[[str], None],
) -> str:
    """Serve them on a free port, by the thread that serves the proxy, until `servers` stop; and look after the lists.

    `logs` is what Logs Insights is asked about.
    Gives their URL.
    """
    waf = deployed_waf(enforced) if enforced else None
    front = AwsFront(
        emulator_url=emulator.endpoint,
        stand_ins=(
            WafStandIn(*([waf] if waf else [])),
            RotatingSecrets(rotations(emulator, stacks).values(), say),
            LogsInsights(logs),
        ),
    )
    listener = ends.enter_context(listen())
    servers.serve(front.web_application(), listener)
    url = f"http://{LOOPBACK}:{port_of(listener)}"
    for web_acl in waf.web_acls.values() if waf else ():
        ends.enter_context(expiring_lists(url, web_acl["ARN"], say))
    return url
