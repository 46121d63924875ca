"""Users sign in and refresh while the secrets are rotated and the oldest deleted: not one call fails, nothing leaks.

`LOAD_SECONDS` and `LOAD_THREADS` make it longer and heavier; `make load` does.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import Call, HttpRequest, HttpResponse, LocalRun, local_run
from local.fronts.rotation import LocalRotation, rotations
from local.simulators.common.journal import operation_of
from local.simulators.common.root_client import root_client, root_session
from rotation.probes import PROBE_USER_PREFIX, PROBES
from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.rotating_app import OVERLAP_SECONDS, POOL_REGION, SECRET_TTL_SECONDS, synthesize_rotating
from tests.e2e.sign_in_load import Load, Target, under_load
from tests.e2e.story import Person

ROTATIONS = 2
SECONDS = float(os.environ.get("LOAD_SECONDS", "0"))
"""How long at least; further rotations fill the time."""
THREADS = int(os.environ.get("LOAD_THREADS", "4"))
PAUSE_SECONDS = 0.0 if SECONDS else 0.5
"""Of each thread between two rounds of calls, where nobody asked for a load: half of the time it calls."""
THROTTLED = "TooManyRequestsException"

# The clean-up runs in AWS as often as the overlap is long, and so waits for up to two of them.
_CLEAN_UP_SECONDS = 2 * OVERLAP_SECONDS + 10.0
_POLL_SECONDS = 0.5

# Half a minute in `make load`.
THROTTLED_SECONDS = min(30.0, max(3.0, SECONDS / 2))

_LONGEST_CALL_SECONDS = 3.0

pytestmark = [
    pytest.mark.timeout(120 + 3 * SECONDS),
    # pycognito takes the time from a method that Python 3.12 deprecates.
    pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning"),
]


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """A deployment whose secrets were rotated under load."""

    run: LocalRun
    folder: Path
    """Everything that the run wrote."""
    rounds: int
    """How often each secret was rotated, with the oldest deleted each time, before one was ended at once."""
    load: Load
    throttled: Load
    """While one more rotation of each secret went on, and Cognito throttled its test calls at first."""
    throttled_seconds: float
    """How long the first of these rotations took."""
    probes: Mapping[str, int]
    """How many test calls were throttled meanwhile, by operation."""
    leaked: Load
    """While the replaced secrets were ended at once."""
    recovered: bool
    """Whether nothing failed any more once no proxy could hold the ended ones."""
    kept: Load
    """Refreshes then, with tokens that were given out before the replaced secrets were ended."""
    said: tuple[str, ...]
    """On the screen."""
    values: dict[str, list[str]]
    """Every secret that there was, in order, by app client."""
    listed: dict[str, int]
    """How many of them are active in the end, by app client."""


async def _open(_: HttpRequest) -> HttpResponse | None:
    """In place of the web ACL, which would count so many calls from one address."""
    return None


@pytest.fixture(scope="module", params=["regional", "edge"])
def rotated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotated]:
    """The secrets of two app clients, rotated under load."""
    folder, said = tmp_path_factory.mktemp(f"rotated-{request.param}"), list[str]()
    assembly = synthesize_rotating(folder / "cdk.out", variant=request.param)
    with local_run(
        variant=request.param, work_dir=folder, assembly_dir=assembly, firewall=_open, say=said.append, verbose=True
    ) as run:
        made = list(rotations(run.emulator, run.stacks.values()).values())
        took = list[float]()
        values = {rotation.arn: [_current(run, rotation)] for rotation in made}
        with under_load(_targets(run), threads=THREADS, pause_seconds=PAUSE_SECONDS) as load:
            _wait_for_sign_ins(load)
            started, count = time.monotonic(), 0
            while count < ROTATIONS or time.monotonic() - started < SECONDS:
                for rotation in made:
                    rotation.rotate()
                    values[rotation.arn].append(_current(run, rotation))
                for rotation in made:
                    _end_previous(rotation)
                count += 1
            _wait_for_sign_ins(load)
        with under_load(_targets(run), threads=THREADS, pause_seconds=PAUSE_SECONDS) as throttled:
            _wait_for_sign_ins(throttled)
            run.journal.clear()
            started = time.monotonic()
            with run.throttle.of(_probes_until(started + THROTTLED_SECONDS)):
                for rotation in made:
                    rotation.rotate()
                    values[rotation.arn].append(_current(run, rotation))
                    took.append(time.monotonic() - started)
            for rotation in made:
                _end_previous(rotation)
            probes = Counter(call.operation for call in run.journal.calls() if call.error_type == THROTTLED)
            _wait_for_sign_ins(throttled)
        with ExitStack() as clients:
            people = [clients.enter_context(_signed_in(target)) for target in _targets(run)]
            with under_load(_targets(run), threads=THREADS, pause_seconds=PAUSE_SECONDS) as leaked:
                _wait_for_sign_ins(leaked)
                for rotation in made:
                    rotation.rotate()
                    values[rotation.arn].append(_current(run, rotation))
                    assert rotation.end_previous(at_once=True) == "ended"
                time.sleep(SECRET_TTL_SECONDS + _LONGEST_CALL_SECONDS)
                failed = len(leaked.failures)
                _wait_for_sign_ins(leaked)
                recovered = len(leaked.failures) == failed
            kept = Load()
            for person in people:
                kept.take("refresh", person.refresh)
                kept.take("old refresh", person.refresh_with_initiate_auth)
        yield Rotated(
            run=run,
            folder=folder,
            rounds=count,
            load=load,
            throttled=throttled,
            throttled_seconds=took[0],
            probes=probes,
            leaked=leaked,
            recovered=recovered,
            kept=kept,
            said=tuple(said),
            values=values,
            listed={target.client_id: _active(run, target.client_id) for target in _targets(run)},
        )


def _targets(run: LocalRun) -> list[Target]:
    outputs = {name: value for stack in run.stacks.values() for name, value in stack.outputs.items()}
    return [
        Target(
            endpoint=run.endpoint, region=POOL_REGION, user_pool_id=run.outputs.user_pool_id, client_id=outputs[name]
        )
        for name in ("AppClientId", "AppClientIdIos")
    ]


@contextmanager
def _signed_in(target: Target) -> Iterator[Boto3Story]:
    """Somebody who is."""
    with cognito_client(target.endpoint, target.region) as client:
        story = Boto3Story(client=client, user_pool_id=target.user_pool_id, client_id=target.client_id, person=Person())
        story.sign_up()
        story.confirm()
        story.sign_in_with_srp()
        yield story


def _current(run: LocalRun, rotation: LocalRotation) -> str:
    secrets = run.client("secretsmanager", region=POOL_REGION)
    return str(json.loads(secrets.get_secret_value(SecretId=rotation.arn)["SecretString"])["client_secret"])


def _active(run: LocalRun, client_id: str) -> int:
    with closing(root_client(root_session(), "cognito-idp", endpoint_url=run.upstream, region=POOL_REGION)) as cognito:
        listed = cognito.list_user_pool_client_secrets(UserPoolId=run.outputs.user_pool_id, ClientId=client_id)
    return len(listed["ClientSecrets"])


def _probes_until(moment: float) -> Callable[[HttpRequest], bool]:
    """The rotation functions' test calls, and nobody else's calls of these operations, until then."""

    def refuses(request: HttpRequest) -> bool:
        if time.monotonic() >= moment or operation_of(request) not in {probe.operation for probe in PROBES}:
            return False
        return str(json.loads(request.body).get("Username")).startswith(PROBE_USER_PREFIX)

    return refuses


def _wait_for_sign_ins(load: Load) -> None:
    """Until each thread got through its round about once more."""
    wanted, deadline = load.count("sign-in") + THREADS, time.monotonic() + 30
    while load.count("sign-in") < wanted:
        assert time.monotonic() < deadline, load.failures[:3]
        time.sleep(0.05)


def _end_previous(rotation: LocalRotation) -> None:
    deadline = time.monotonic() + _CLEAN_UP_SECONDS
    while (outcome := rotation.end_previous()) == "waiting":
        assert time.monotonic() < deadline, "the overlap never ended"
        time.sleep(_POLL_SECONDS)
    assert outcome == "ended"


@pytest.mark.proves("sign-in-goes-on", simulator="cognito")
def test_not_one_call_fails(rotated: Rotated, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{rotated.run.outputs.variant}: {rotated.rounds} rotations of each secret, {rotated.load.figures()}")
        print(f"{rotated.run.outputs.variant}, replaced secret ended at once: {rotated.leaked.figures()}")
    assert rotated.load.failures == []
    assert rotated.load.count("sign-in") >= 2 * THREADS
    assert rotated.load.count("refresh") >= THREADS


def test_not_one_call_fails_while_the_test_calls_are_throttled_and_the_rotation_still_ends(
    rotated: Rotated, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(
            f"\n{rotated.run.outputs.variant}, test calls throttled for {THROTTLED_SECONDS:.0f} s "
            f"({sum(rotated.probes.values())} of them; the rotation took {rotated.throttled_seconds:.0f} s): "
            f"{rotated.throttled.figures()}"
        )
    assert rotated.throttled.failures == []
    assert rotated.throttled.count("sign-in") >= 2 * THREADS
    assert rotated.throttled_seconds >= THROTTLED_SECONDS
    assert set(rotated.probes) == {probe.operation for probe in PROBES}


@pytest.mark.proves("leaked-who-notices", simulator="cognito")
def test_a_leaked_secret_can_be_ended_at_once_and_at_most_the_edge_notices(rotated: Rotated) -> None:
    """The regional function fetches the new one when a hash does not verify; the edge sees no answer of Cognito's."""
    kinds = {failure.partition(": ")[2] for failure in rotated.leaked.failures}
    assert kinds <= ({"NotAuthorizedException"} if rotated.run.outputs.variant == "edge" else set())
    assert rotated.recovered


@pytest.mark.proves("sessions-outlive-leaked", simulator="cognito")
def test_refresh_tokens_from_before_a_leaked_secret_was_ended_are_taken(rotated: Rotated) -> None:
    assert rotated.kept.failures == []
    assert (rotated.kept.count("refresh"), rotated.kept.count("old refresh")) == (2, 2)


def test_each_rotation_brought_a_new_secret_and_the_oldest_is_gone(rotated: Rotated) -> None:
    for values in rotated.values.values():
        # The first one, one a round, one while the test calls were throttled, one as if it had leaked.
        assert len(set(values)) == len(values) == rotated.rounds + 3
    assert set(rotated.listed.values()) == {1}


def test_what_was_changed_for_the_emulator_tells_that_there_is_no_schedule_here(rotated: Rotated) -> None:
    assert any("AWS::SecretsManager::RotationSchedule" in line for line in rotated.said)


def test_nothing_that_was_written_holds_a_secret(rotated: Rotated) -> None:
    secrets = [value for values in rotated.values.values() for value in values]
    written = _written(rotated)
    assert len(written) > 10
    assert [where for where, text in written.items() if any(secret in text for secret in secrets)] == []


def test_the_scan_would_find_one(rotated: Rotated) -> None:
    """It reads where rotation and proxies are told of: what they call stands there."""
    written = _written(rotated)
    assert "rotation" in written["templates and events"]
    assert "GetTokensFromRefreshToken" in written["logs"]
    assert "GetTokensFromRefreshToken" in written["journals"]
    assert any(name.endswith("outputs.json") for name in written)
    assert any(name.endswith(".template.json") for name in written)


def _written(rotated: Rotated) -> dict[str, str]:
    """Where → what: files of the run, logs, what was journaled, what CloudFormation tells, the screen."""
    files = [file for file in rotated.folder.rglob("*") if file.is_file()]
    return {
        **{str(file.relative_to(rotated.folder)): file.read_bytes().decode("latin-1") for file in files},
        "logs": rotated.run.logs(),
        "journals": "\n".join(_told(call) for call in _calls(rotated.run)),
        "templates and events": "\n".join(_cloudformation(rotated.run)),
        "screen": "\n".join(rotated.said),
    }


def _calls(run: LocalRun) -> tuple[Call, ...]:
    return run.journal.calls() + run.viewer_journal.calls()


def _told(call: Call) -> str:
    return f"{call.operation} {call!r} {json.dumps([call.body, call.answer])}"


def _cloudformation(run: LocalRun) -> Iterator[str]:
    for stack in run.stacks.values():
        cloudformation: Any = run.client("cloudformation", region=stack.region)
        for answer in (
            cloudformation.get_template(StackName=stack.name),
            cloudformation.describe_stacks(StackName=stack.name),
            cloudformation.describe_stack_events(StackName=stack.name),
        ):
            yield json.dumps(answer, default=str)
