"""One run on one machine: synthesize, start the emulator, deploy, and stand a front before it."""

import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.assembly import Assembly
from local.deploy import DeployedStack, deploy
from local.emulator import ACCOUNT_ID, Emulator
from local.enforcement import enforced_firewall
from local.errors import LocalRunError
from local.function_logs import function_logs
from local.journal import Journal
from local.messages import Firewall
from local.outputs import Outputs
from local.paths import WORK_DIR
from local.ports import LOOPBACK, listen, port_of
from local.run_lock import run_lock
from local.serving import ServerThread
from local.shapes import cognito_operations
from local.strict_cognito import StrictCognito
from local.synth import synthesize
from local.throttle import Throttle
from local.variants import Deployment, variant_named

DEFAULT_REGION = "eu-west-1"
"""The Region that a run plays in: not us-east-1, so that code which confuses the two shows."""


def silent(_: str) -> None:
    """For callers that want no progress lines."""


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """A variant that is up. Everything in it ends with the `local_run` that gave it."""

    outputs: Outputs
    outputs_file: Path
    emulator: Emulator
    stacks: Mapping[str, DeployedStack]
    throttle: Throttle
    """Cognito's quotas, which last for ever unless somebody uses them up here."""
    journal: Journal
    """What reached Cognito, from the proxy and from those who call it directly."""
    viewer_journal: Journal
    """What clients sent to the proxy."""
    log_files: tuple[Path, ...]
    """Of the emulator, and of what stands before it; some may not be there yet."""

    @property
    def endpoint(self) -> str:
        """URL of the proxy, for clients."""
        return self.outputs.endpoint

    @property
    def upstream(self) -> str:
        """URL of Cognito itself."""
        return self.outputs.upstream

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A boto3 client with the emulator's root credentials. Default region: the run's."""
        return self.emulator.client(service, region=region)

    def logs(self) -> str:
        """Everything that functions logged so far, at the edge, too, and the emulator's own log."""
        regions = {stack.region for stack in self.stacks.values()}
        logged = [function_logs(self.emulator.client("logs", region=region)) for region in sorted(regions)]
        files = [file.read_text(encoding="utf-8", errors="replace") for file in self.log_files if file.exists()]
        return "\n".join([*logged, *files])


@contextmanager
def local_run(
    *,
    variant: str = "regional",
    context: Mapping[str, str] | None = None,
    work_dir: Path = WORK_DIR,
    port: int = 0,
    region: str = DEFAULT_REGION,
    firewall: Firewall | None = None,
    assembly_dir: Path | None = None,
    say: Callable[[str], None] = silent,
) -> Iterator[LocalRun]:
    """Run a variant until the block ends.

    `context` are the app's flags. `work_dir` holds everything that the run writes: two runs at a time need two.
    `port` is the endpoint's (Default: a free one). `region` is where stacks go that name none. `firewall` sees every
    request before the proxy does (Default: - the synthesized web ACL, but for AWS's managed rule groups).
    `assembly_dir` is a cloud assembly to deploy (Default: - the app is synthesized). Progress goes to `say`.
    Raises LocalRunError with a reason in one line; by then nothing is left running.
    """
    chosen = variant_named(variant)
    # Programs that a run starts work in folders of their own.
    work_dir = work_dir.resolve()
    with ExitStack() as ends:
        listener = ends.enter_context(listen(port))
        ends.enter_context(run_lock(work_dir))
        outputs_file = work_dir / "outputs.json"
        outputs_file.unlink(missing_ok=True)
        assembly = Assembly(assembly_dir or _synthesize(chosen.name, context or {}, work_dir, region, say))
        servers = ServerThread()
        ends.callback(servers.stop)
        cognito, upstream = _serve_cognito(servers, ends, assembly, region)
        say("starting the emulator")
        emulator = ends.enter_context(Emulator(work_dir=work_dir, region=region, cognito_endpoint=upstream))
        cognito.connect(emulator.endpoint, emulator.client("cognito-idp"))
        stacks = _deploy_all(emulator, assembly, region, say)
        deployment = Deployment(
            emulator=emulator,
            assembly=assembly,
            stacks=stacks,
            upstream=upstream,
            work_dir=work_dir,
            journal=Journal(),
            firewall=firewall or enforced_firewall(stacks.values(), say),
        )
        front = chosen.build_front(deployment)
        servers.serve(front.web_application(), listener)
        outputs = _outputs(chosen.name, deployment, f"http://{LOOPBACK}:{port_of(listener)}{front.path}")
        outputs.write(outputs_file)
        ends.callback(outputs_file.unlink, missing_ok=True)
        yield LocalRun(
            outputs=outputs,
            outputs_file=outputs_file,
            emulator=emulator,
            stacks=stacks,
            throttle=cognito.throttle,
            journal=cognito.journal,
            viewer_journal=deployment.journal,
            log_files=(emulator.log_file, *front.log_files),
        )


def _synthesize(
    variant: str, context: Mapping[str, str], work_dir: Path, region: str, say: Callable[[str], None]
) -> Path:
    told = "".join(f", {name}={value}" for name, value in context.items())
    say(f"synthesizing variant {variant}{told}")
    out_dir = work_dir / "cdk.out" / variant
    shutil.rmtree(out_dir, ignore_errors=True)
    flags = {**context, "variant": variant}
    return synthesize(context=flags, out_dir=out_dir, account=ACCOUNT_ID, region=region)


def _serve_cognito(
    servers: ServerThread, ends: ExitStack, assembly: Assembly, region: str
) -> tuple[StrictCognito, str]:
    listener: socket.socket = ends.enter_context(listen())
    address = f"{LOOPBACK}:{port_of(listener)}"
    # Its own names in AWS are what an edge sends.
    names = {f"cognito-idp.{stack.region or region}.amazonaws.com" for stack in assembly.stacks}
    hosts = frozenset({address, f"localhost:{port_of(listener)}", *names})
    cognito = StrictCognito(operations=cognito_operations(), journal=Journal(), hosts=hosts)
    servers.serve(cognito.web_application(), listener)
    return cognito, f"http://{address}"


def _deploy_all(
    emulator: Emulator, assembly: Assembly, region: str, say: Callable[[str], None]
) -> dict[str, DeployedStack]:
    stacks: dict[str, DeployedStack] = {}
    for stack in assembly.stacks:
        say(f"deploying {stack.name}")
        stacks[stack.name] = deploy(
            emulator, assembly, stack.name, region=stack.region or region, say=say, others=stacks
        )
    if not stacks:
        raise LocalRunError(f"the assembly {assembly.folder} has no stack")
    return stacks


def _outputs(variant: str, deployment: Deployment, endpoint: str) -> Outputs:
    holder = next((stack for stack in deployment.stacks.values() if "ProxyEndpoint" in stack.outputs), None)
    proxy = holder or list(deployment.stacks.values())[-1]
    return Outputs(
        variant=variant,
        endpoint=endpoint,
        region=deployment.output("Region"),
        user_pool_id=deployment.output("UserPoolId"),
        client_id=deployment.output("AppClientId"),
        upstream=deployment.upstream,
        template=str(deployment.assembly.stack(proxy.name).template_file),
    )
