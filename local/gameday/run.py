"""Brings both Regions up on one machine, from the synthesized templates, and plays the day."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from local import stopping
from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack, deploy
from local.deployment.emulator import Emulator
from local.deployment.synth import synthesize
from local.errors import LocalRunError, as_local_run_error
from local.fronts.enforcement import enforced_firewall
from local.fronts.said_addresses import said_address
from local.fronts.variants import Deployment, variant_named
from local.gameday.checkers import CHECKERS, checking
from local.gameday.day import Day, Scene
from local.gameday.load import REFRESH, Load, Pool, User, client_of, under_load
from local.gameday.regions import Regions
from local.gameday.switch import Switch
from local.ports import LOOPBACK, listen, port_of
from local.run_lock import run_lock
from local.simulators.cognito.replication import RegionOfPool
from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.strict_cognito import StrictCognito
from local.simulators.common.http import Firewall
from local.simulators.common.journal import Journal
from local.simulators.common.root_client import ACCOUNT_ID
from local.simulators.common.serving import ServerThread
from local.simulators.route53.failover import FailoverName, FailoverRecord
from local.simulators.route53.health_check import HealthCheck, HealthCheckConfig

FIRST, SECOND = "eu-west-1", "eu-central-1"
"""The pool's own Region, and the other one."""

FASTER = 30.0
"""Health checks come every second instead of every thirty, and resolvers keep an answer for two seconds."""

_PAUSE_SECONDS = 0.2
_START_SECONDS = 90.0
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"

# Who signs in is not under attack here: the rates are another command's subject.
_NO_RATES = {
    "rate_limit": "2000000000",
    "sign_up_rate_limit": "none",
    "recovery_rate_limit": "none",
    "sign_in_attempts_rate_limit": "none",
    "sign_in_rate_limit": "none",
    "monitoring": "false",
}


def play_day(
    *, users: int, scene_seconds: float, work_dir: Path, say: Callable[[str], None], flapping: bool = True
) -> Sequence[Scene]:
    """Play it. A scene lasts `scene_seconds` and what the switch itself takes.

    `flapping`: with the scenes of a Region that comes and goes, which take the longest. Default: with them.

    Raises LocalRunError with a reason in one line, and Stopped after a signal; by then nothing is left running.
    """
    work_dir = work_dir.resolve()
    with ExitStack() as ends:
        ends.enter_context(run_lock(work_dir))
        servers = ServerThread()
        ends.callback(servers.stop)
        cognito, urls = _serve_cognito(servers, ends)
        say("starting the emulator")
        emulator = Emulator(
            work_dir=work_dir,
            region=FIRST,
            cognito_endpoint=urls[FIRST],
            variables={f"{_ENDPOINT_VARIABLE}_{region.upper().replace('-', '_')}": url for region, url in urls.items()},
        )
        ends.callback(emulator.stop)
        emulator.start()
        root = emulator.client("cognito-idp")
        for each in cognito.values():
            each.strict.connect(emulator.endpoint, root)
        pool_id = str(root.create_user_pool(PoolName="game-day")["UserPool"]["Id"])
        assembly = _synthesized(pool_id, emulator, work_dir, say)
        stacks = _deployed(emulator, assembly, say)
        switches = {region: Switch() for region in stacks}
        with as_local_run_error():
            endpoints = {
                region: _serve_front(
                    servers,
                    ends,
                    Deployment(
                        emulator=emulator,
                        assembly=assembly,
                        stacks={stack.name: stack},
                        upstream=urls[region],
                        work_dir=work_dir,
                        journal=Journal(),
                        firewall=_firewall(stack),
                        variables={},
                    ),
                    switches[region],
                )
                for region, stack in stacks.items()
            }
            configs = {region: HealthCheckConfig.read(stack.template) for region, stack in stacks.items()}
            health = {region: HealthCheck(config, checkers=CHECKERS) for region, config in configs.items()}
            name = FailoverName([FailoverRecord.read(stack.template) for stack in stacks.values()], health)
        client_id = stacks[FIRST].outputs["AppClientId"]
        pool = Pool(user_pool_id=pool_id, client_id=client_id, region=FIRST)
        people = _enrolled(root, pool_id, users)
        regions = Regions(
            first=FIRST,
            second=SECOND,
            cognito={region: each.switch for region, each in cognito.items()},
            front=switches,
            answered={region: each.answered for region, each in cognito.items()},
            name=name,
            faster=FASTER,
            sign_up=lambda: _sign_up(endpoints[name.answer()], pool),
        )
        stopping.checkpoint()
        # Health checks ask on API Gateway's own name, whose path begins with the stage; so does each endpoint's here.
        origins = {region: url.partition("/prod/")[0] for region, url in endpoints.items()}
        with (
            checking(origins, configs, health, faster=FASTER),
            under_load(
                people,
                pool,
                endpoints,
                ask=name.answer,
                ttl_seconds=regions.ttl_seconds,
                pause_seconds=_PAUSE_SECONDS,
            ) as load,
        ):
            say("waiting until everybody has signed in once: functions start slowly here")
            _until_all_are_in(load, len(people))
            return Day(regions=regions, load=load, scene_seconds=scene_seconds, say=say).play(flapping=flapping)


class _Cognito:
    """One Region's."""

    def __init__(self, *, secondary: bool) -> None:
        journal = Journal()
        self.strict = StrictCognito(
            operations=cognito_operations(), journal=journal, region_of_pool=RegionOfPool(secondary=secondary)
        )
        self.switch = Switch()
        self.answered: Counter[str] = Counter()
        journal.watch(lambda call: self.answered.update([call.operation]))


def _serve_cognito(servers: ServerThread, ends: ExitStack) -> tuple[Mapping[str, _Cognito], Mapping[str, str]]:
    served, urls = {}, {}
    for region in (FIRST, SECOND):
        listener = ends.enter_context(listen())
        cognito = _Cognito(secondary=region != FIRST)
        application = cognito.strict.web_application()
        application.middlewares.append(cognito.switch.middleware)
        servers.serve(application, listener)
        served[region], urls[region] = cognito, f"http://{LOOPBACK}:{port_of(listener)}"
    return served, urls


def _synthesized(pool_id: str, emulator: Emulator, work_dir: Path, say: Callable[[str], None]) -> Assembly:
    zone = emulator.client("route53").create_hosted_zone(Name="example.com", CallerReference=secrets.token_hex(8))
    context = {
        "user_pool_id": pool_id,
        "domain_name": "auth.example.com",
        "certificate_arn": f"arn:aws:acm:{FIRST}:{ACCOUNT_ID}:certificate/first",
        "second_region": SECOND,
        "second_certificate_arn": f"arn:aws:acm:{SECOND}:{ACCOUNT_ID}:certificate/second",
        "hosted_zone_id": str(zone["HostedZone"]["Id"]).rpartition("/")[2],
        **_NO_RATES,
    }
    say(f"synthesizing the regional variant in {FIRST} and {SECOND}")
    out_dir = work_dir / "cdk.out"
    return Assembly(synthesize(context=context, out_dir=out_dir, account=ACCOUNT_ID, region=FIRST))


def _deployed(emulator: Emulator, assembly: Assembly, say: Callable[[str], None]) -> Mapping[str, DeployedStack]:
    """The stack of each Region."""
    by_name: dict[str, DeployedStack] = {}
    for stack in assembly.stacks:
        region = stack.region or FIRST
        say(f"deploying {stack.name} into {region}")
        by_name[stack.name] = deploy(emulator, assembly, stack.name, region=region, say=lambda _: None, others=by_name)
    return {stack.region: stack for stack in by_name.values()}


def _firewall(stack: DeployedStack) -> Firewall | None:
    enforced = enforced_firewall([stack], lambda _: None)
    return None if enforced is None else enforced.firewall


def _serve_front(servers: ServerThread, ends: ExitStack, deployment: Deployment, switch: Switch) -> str:
    """API Gateway of a Region, behind its web ACL; gives its URL."""
    front = variant_named("regional").build_front(deployment)
    application = front.web_application()
    application.middlewares.extend([switch.middleware, said_address])
    listener = ends.enter_context(listen())
    servers.serve(application, listener)
    return f"http://{LOOPBACK}:{port_of(listener)}{front.path}"


def _enrolled(root: Any, pool_id: str, count: int) -> list[User]:
    """People who are in the pool already."""
    people = [
        User(name=f"user-{number}", password=f"{secrets.token_urlsafe(18)}1aA!", address=f"192.0.2.{number + 1}")
        for number in range(count)
    ]
    for user in people:
        root.admin_create_user(UserPoolId=pool_id, Username=user.name, MessageAction="SUPPRESS")
        root.admin_set_user_password(UserPoolId=pool_id, Username=user.name, Password=user.password, Permanent=True)
    return people


def _until_all_are_in(load: Load, users: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while load.count(REFRESH) < 2 * users:
        if time.monotonic() > deadline:
            raise LocalRunError(f"{users} users were not signed in after {_START_SECONDS:.0f} seconds")
        stopping.pause(0.2)


def _sign_up(endpoint: str, pool: Pool) -> None:
    client = client_of(endpoint, pool.region, "192.0.2.200")
    try:
        client.sign_up(
            ClientId=pool.client_id,
            Username=f"new-{secrets.token_hex(4)}",
            Password=f"{secrets.token_urlsafe(18)}1aA!",
            UserAttributes=[{"Name": "email", "Value": "new@example.com"}],
        )
    finally:
        client.close()
