"""One run on one machine: synthesize, start the emulator, deploy, and stand a front before it."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import stopping
from local.deployment import cdk_json
from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack, deploy
from local.deployment.emulator import Emulator
from local.deployment.function_logs import function_logs
from local.deployment.synth import synthesize
from local.errors import LocalRunError, as_local_run_error
from local.fronts.aws_apis import serve_aws_apis
from local.fronts.enforcement import EnforcedWebAcl, enforced_firewall
from local.fronts.human_check import ENDPOINT_VARIABLE, HumanCheckFront, serve_human_check
from local.fronts.logs import RunLogs, run_logs
from local.fronts.metrics import Pool, RunMetrics
from local.fronts.said_addresses import said_address
from local.fronts.sample_apis import SampleApi, sample_urls, serve_sample_apis
from local.fronts.user_pool_domain import UserPoolDomainFront, serve_user_pool_domain
from local.fronts.variants import Deployment, variant_named
from local.origins import is_default
from local.outputs import Outputs
from local.paths import WORK_DIR
from local.ports import LOOPBACK, listen, port_of
from local.run_lock import run_lock
from local.screen.changes import ChangeLog
from local.screen.proxy_texts import proxy_text
from local.simulators.cloudwatch.metrics import MetricStore
from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.strict_cognito import StrictCognito
from local.simulators.cognito.throttle import Throttle
from local.simulators.common.http import Firewall
from local.simulators.common.journal import Call, Journal
from local.simulators.common.root_client import ACCOUNT_ID
from local.simulators.common.serving import ServerThread
from local.simulators.logs_insights.stand_in import LogStore

DEFAULT_REGION = "eu-west-1"
"""The Region that a run plays in: not us-east-1, so that code which confuses the two shows."""

PAGE_STACK = "-Page"
"""How the page's stack ends, which is not deployed here: a local run serves the page itself."""


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
    sample_apis: Mapping[str, SampleApi]
    """The sample stacks' APIs, by the names of their outputs."""
    changes: ChangeLog
    """What was changed in the templates for the emulator."""
    enforcement: tuple[str, ...]
    """What the firewall decides here and what it cannot, one sentence each."""
    human_check: HumanCheckFront | None
    """The stand-in of the human check's provider; None where the deployment has no human check."""
    user_pool_domain: UserPoolDomainFront | None
    """The stand-in of the user pool's domain; None where no proxy serves OAuth 2.0."""
    log_groups: RunLogs
    """What `cognito-proxy top --local` asks about."""
    enforced: EnforcedWebAcl | None
    """The firewall; None: there is none, or whoever started the run brought another."""
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

    def is_direct(self, call: Call) -> bool:
        """Whether a call at Cognito came from a client: the proxy's functions reach it on an address of their own."""
        return call.host.partition(":")[2] == self.upstream.rpartition(":")[2]

    def has_user(self, name: str) -> bool:
        """Whether the pool has a user of this name or alias. True when that cannot be found out."""
        cognito = self.client("cognito-idp")
        try:
            cognito.admin_get_user(UserPoolId=self.outputs.user_pool_id, Username=name)
        except cognito.exceptions.UserNotFoundException:
            return False
        except (BotoCoreError, ClientError):
            return True
        return True

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A boto3 client with the emulator's root credentials. Default region: the run's."""
        return self.emulator.client(service, region=region)

    def counted(self, store: MetricStore, *, now: Callable[[], float] = time.time) -> RunMetrics:
        """Count into `store` from now on. Lines of functions are for the caller to bring.

        `now` is the clock of what happens (Default: the machine's).
        """
        metrics = RunMetrics(
            store,
            stack=self.stacks[self.outputs.stack],
            pool=Pool(region=self.outputs.region, user_pool_id=self.outputs.user_pool_id),
            web_acl=self.enforced.web_acl.logical_id if self.enforced else None,
            now=now,
        )
        self.journal.watch(metrics.at_cognito)
        self.viewer_journal.watch(metrics.at_front)
        if self.enforced is not None:
            self.enforced.watchers.append(metrics.at_firewall)
        return metrics

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
    guard: Callable[[EnforcedWebAcl], Firewall] = lambda enforced: enforced.firewall,
    asked_logs: Callable[[RunLogs], LogStore] = lambda logs: logs,
    assembly_dir: Path | None = None,
    callers_say_their_address: bool = False,
    say: Callable[[str], None] = silent,
    verbose: bool = False,
) -> Iterator[LocalRun]:
    """Run a variant until the block ends.

    `context` are the app's flags. `work_dir` holds everything that the run writes: two runs at a time need two.
    `port` is the endpoint's (Default: a free one). `region` is where stacks go that name none. `firewall` sees every
    request before the proxy does (Default: - the synthesized web ACL, but for AWS's managed rule groups).
    `guard` makes what sees them of that web ACL, whose lists and log stay as they are (Default: - the web ACL itself).
    `asked_logs` makes of the run's logs what Logs Insights is asked about (Default: - the logs as they are).
    `assembly_dir` is a cloud assembly to deploy (Default: - the app is synthesized). With `callers_say_their_address`
    the proxy believes the header of `said_addresses` (Default: a caller's address is that of its TCP peer). Progress
    goes to `say`, and with `verbose` so does each change that was made for the emulator and what the firewall enforces
    (Default: the changes go to a file alone).
    Raises LocalRunError with a reason in one line, and Stopped after a signal (`stopping`); by then nothing is left
    running.
    """
    chosen = variant_named(variant)
    # Programs that a run starts work in folders of their own.
    work_dir = work_dir.resolve()
    with ExitStack() as ends:
        listener = ends.enter_context(listen(port))
        ends.enter_context(run_lock(work_dir))
        outputs_file = work_dir / "outputs.json"
        outputs_file.unlink(missing_ok=True)
        ends.callback(outputs_file.unlink, missing_ok=True)
        tell_detail = say if verbose else silent
        changes = ChangeLog(work_dir / "changes.txt", tell=tell_detail)
        assembly = Assembly(assembly_dir or _synthesize(chosen.name, context or {}, work_dir, region, say))
        servers = ServerThread()
        ends.callback(servers.stop)
        cognito, for_functions, upstream = _serve_cognito(servers, ends, assembly, region)
        human_check = serve_human_check(servers, ends, assembly)
        variables = {} if human_check is None else {ENDPOINT_VARIABLE: human_check.url}
        domain = serve_user_pool_domain(servers, ends, assembly, region=region, own_port=port_of(listener))
        if domain is not None:
            variables |= domain.variables
        say("starting the emulator")
        emulator = Emulator(work_dir=work_dir, region=region, cognito_endpoint=for_functions, variables=variables)
        ends.callback(emulator.stop)
        emulator.start()
        cognito.connect(emulator.endpoint, emulator.client("cognito-idp"))
        stacks = _deploy_all(emulator, assembly, region, say, changes)
        if human_check is not None:
            human_check.fill_secrets(emulator, stacks.values())
        enforcement: list[str] = []
        with as_local_run_error():
            waf_log = work_dir / "waf.log"
            enforced = None if firewall else enforced_firewall(stacks.values(), enforcement.append, log_file=waf_log)
        deployment = Deployment(
            emulator=emulator,
            assembly=assembly,
            stacks=stacks,
            upstream=for_functions,
            work_dir=work_dir,
            journal=Journal(tellable=proxy_text),
            firewall=guard(enforced) if enforced else firewall,
            variables=variables,
            user_pool_domain=None if domain is None else domain.name,
        )
        if domain is not None:
            domain.connect(emulator, region=deployment.output("Region"), user_pool_id=deployment.output("UserPoolId"))
        for line in enforcement:
            tell_detail(line)
        with as_local_run_error():
            front = chosen.build_front(deployment)
            application = front.web_application()
            if callers_say_their_address:
                application.middlewares.append(said_address)
            servers.serve(application, listener)
            sample_apis = serve_sample_apis(servers, ends, emulator=emulator, stacks=stacks.values())
        endpoint = f"http://{LOOPBACK}:{port_of(listener)}{front.path}"
        logs = run_logs(
            emulator,
            stacks.values(),
            waf_log=enforced.log if enforced else None,
            edge_log=front.log_files[0] if front.log_files else None,
        )
        aws_apis = serve_aws_apis(
            servers, ends, emulator=emulator, stacks=stacks.values(), enforced=enforced, logs=asked_logs(logs), say=say
        )
        outputs = _outputs(
            chosen.name,
            deployment,
            endpoint=endpoint,
            upstream=upstream,
            aws_apis=aws_apis,
            samples=sample_urls(sample_apis, emulator=emulator, stacks=stacks.values()),
            human_check={} if human_check is None else human_check.page_config,
        )
        stopping.checkpoint()
        outputs.write(outputs_file)
        yield LocalRun(
            outputs=outputs,
            outputs_file=outputs_file,
            emulator=emulator,
            stacks=stacks,
            throttle=cognito.throttle,
            journal=cognito.journal,
            viewer_journal=deployment.journal,
            sample_apis=sample_apis,
            changes=changes,
            enforcement=tuple(enforcement),
            human_check=human_check,
            user_pool_domain=domain,
            log_groups=logs,
            enforced=enforced,
            log_files=(emulator.log_file, waf_log, *front.log_files),
        )


def _synthesize(
    variant: str, context: Mapping[str, str], work_dir: Path, region: str, say: Callable[[str], None]
) -> Path:
    told = "".join(f", {name}={value}" for name, value in context.items() if not is_default(name, value))
    say(f"synthesizing variant {variant}{told}")
    if ignored := [name for name in cdk_json.left_out() if name not in context]:
        say(f"not for this machine, so left out of cdk.json: {', '.join(ignored)}")
    out_dir = work_dir / "cdk.out" / variant
    shutil.rmtree(out_dir, ignore_errors=True)
    flags = {**context, "variant": variant}
    return synthesize(context=flags, out_dir=out_dir, account=ACCOUNT_ID, region=region)


def _serve_cognito(
    servers: ServerThread, ends: ExitStack, assembly: Assembly, region: str
) -> tuple[StrictCognito, str, str]:
    """Cognito, its URL for the functions, and its URL for everybody else: by these the journal tells them apart."""
    listeners = (ends.enter_context(listen()), ends.enter_context(listen()))
    ports = [port_of(listener) for listener in listeners]
    # Its own names in AWS are what an edge sends.
    names = {f"cognito-idp.{stack.region or region}.amazonaws.com" for stack in assembly.stacks}
    addresses = {f"{host}:{port}" for host in (LOOPBACK, "localhost") for port in ports}
    cognito = StrictCognito(operations=cognito_operations(), journal=Journal(), hosts=frozenset(addresses | names))
    servers.serve(cognito.web_application(), *listeners)
    for_functions, for_clients = (f"http://{LOOPBACK}:{port}" for port in ports)
    return cognito, for_functions, for_clients


def _deploy_all(
    emulator: Emulator, assembly: Assembly, region: str, say: Callable[[str], None], changes: ChangeLog
) -> dict[str, DeployedStack]:
    stacks: dict[str, DeployedStack] = {}
    for stack in assembly.stacks:
        if stack.name.endswith(PAGE_STACK):
            say(f"not deployed here, where the run itself serves the page: {stack.name}")
            continue
        say(f"deploying {stack.name}")
        changes.begin(stack.name)
        stacks[stack.name] = deploy(
            emulator, assembly, stack.name, region=stack.region or region, say=changes.add, others=stacks
        )
    if not stacks:
        raise LocalRunError(f"the assembly {assembly.folder} has no stack")
    return stacks


def _outputs(
    variant: str,
    deployment: Deployment,
    *,
    endpoint: str,
    upstream: str,
    aws_apis: str,
    samples: Mapping[str, str],
    human_check: Mapping[str, str],
) -> Outputs:
    holder = next((stack for stack in deployment.stacks.values() if "ProxyEndpoint" in stack.outputs), None)
    proxy = holder or list(deployment.stacks.values())[-1]
    return Outputs(
        variant=variant,
        endpoint=endpoint,
        region=deployment.output("Region"),
        user_pool_id=deployment.output("UserPoolId"),
        client_id=deployment.output("AppClientId"),
        upstream=upstream,
        template=str(deployment.assembly.stack(proxy.name).template_file),
        stack=proxy.name,
        stack_region=proxy.region,
        aws_endpoint_url=aws_apis,
        samples=samples,
        human_check=human_check,
    )
