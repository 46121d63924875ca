"""Serves AWS's APIs of a local run: the emulator with all that stands in for what it lacks."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.fronts.deployed_waf import deployed_waf
from local.fronts.enforcement import EnforcedWebAcl
from local.fronts.list_expiry import expiring_lists
from local.fronts.logs import LogFile, RunLogs, edge_log_file
from local.fronts.rotating_secrets import RotatingSecrets
from local.fronts.rotation import rotations
from local.ports import LOOPBACK, listen, port_of
from local.simulators.aws_apis.front import AwsFront
from local.simulators.common.serving import ServerThread
from local.simulators.logs_insights.stand_in import LogsInsights
from local.simulators.waf.stand_in import WafStandIn


def serve_aws_apis(
    servers: ServerThread,
    ends: ExitStack,
    *,
    emulator: Emulator,
    stacks: Iterable[DeployedStack],
    enforced: EnforcedWebAcl | None,
    edge_log: Path | None,
    say: Callable[[str], None],
) -> str:
    """Serve them on a free port, by the thread that serves the proxy, until `servers` stop; and look after the lists.

    `edge_log` is where the edge function's lines go; None: it is the emulator that keeps them.
    Gives their URL.
    """
    stacks = list(stacks)
    waf = deployed_waf(enforced) if enforced else None
    front = AwsFront(
        emulator_url=emulator.endpoint,
        stand_ins=(
            WafStandIn(*([waf] if waf else [])),
            RotatingSecrets(rotations(emulator, stacks).values(), say),
            LogsInsights(RunLogs(emulator, _log_files(stacks, enforced, edge_log))),
        ),
    )
    listener = ends.enter_context(listen())
    servers.serve(front.web_application(), listener)
    url = f"http://{LOOPBACK}:{port_of(listener)}"
    for web_acl in waf.web_acls.values() if waf else ():
        ends.enter_context(expiring_lists(url, web_acl["ARN"], say))
    return url


def _log_files(
    stacks: Iterable[DeployedStack], enforced: EnforcedWebAcl | None, edge_log: Path | None
) -> list[LogFile]:
    found = [edge_log_file(stack, edge_log) for stack in stacks] if edge_log else []
    return [file for file in (*found, enforced.log if enforced else None) if file is not None]
