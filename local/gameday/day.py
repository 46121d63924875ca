"""The scenes of the day, in order, and what each promises."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from botocore.exceptions import ClientError

from local import stopping
from local.errors import LocalRunError
from local.gameday.load import REFRESH, SIGN_IN, Deed, Load
from local.gameday.regions import Regions
from local.gameday.switch import Mode

_POLL_SECONDS = 0.05
_FLAP_SECONDS = 1.0
_LONGEST_RETURN_SECONDS = 60.0
_WAIT_HEADER = "x-cognito-proxy-retry-after"
_MOST_SIGN_UPS = 20
"""Each function instance has a breaker of its own, which opens after three failures."""


class Promise(Enum):
    """What may fail in a scene."""

    NOTHING = "nothing fails"
    IN_FLIGHT = "at most what is under way when the Region goes fails"
    UNTIL_DNS = "calls to the Region that is away fail until Route 53 and the resolvers have moved on, and none after"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One scene, as it was played."""

    name: str
    promise: Promise
    seconds: float
    succeeded: Counter[str]
    failed: Counter[str]
    """By what and the error that came."""
    may_fail: int
    """Users who were at something when something changed."""
    notes: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """What was promised and not kept."""


@dataclass(kw_only=True)
class Day:
    """What is played on."""

    regions: Regions
    load: Load
    scene_seconds: float
    say: Callable[[str], None]
    scenes: list[Scene] = field(default_factory=list)

    def play(self, *, flapping: bool) -> Sequence[Scene]:
        """All scenes, those of a Region that comes and goes with `flapping`."""
        for scene in (
            self._calm,
            self._cognito_goes,
            self._cognito_returns,
            *((self._cognito_flaps, self._cognito_is_steady_again) if flapping else ()),
            self._region_goes,
            self._region_returns,
        ):
            stopping.checkpoint()
            self.scenes.append(scene())
        return self.scenes

    def _calm(self) -> Scene:
        began = self._begin("both Regions are well")
        self._wait(self.scene_seconds)
        return self._end("both Regions are well", Promise.NOTHING, began, may_fail=0)

    def _cognito_goes(self) -> Scene:
        name = f"Cognito in {self.regions.first} goes away"
        began = self._begin(name)
        self.regions.cognito[self.regions.first].mode = Mode.GONE
        # Their first call may have been answered, and the second must go where the first was.
        may_fail = self.load.under_way(SIGN_IN)
        self._wait(self.scene_seconds)
        notes, broken = self._try_to_sign_up()
        return self._end(name, Promise.IN_FLIGHT, began, may_fail=may_fail, notes=notes, broken=broken)

    def _cognito_returns(self) -> Scene:
        name = f"Cognito in {self.regions.first} comes back"
        began = self._begin(name)
        self.regions.cognito[self.regions.first].mode = Mode.WELL
        took = self._until_first_is_asked()
        self._wait(self.scene_seconds)
        notes = (f"asked again after {took:.0f} s",)
        return self._end(name, Promise.NOTHING, began, may_fail=0, notes=notes)

    def _cognito_flaps(self) -> Scene:
        name = f"Cognito in {self.regions.first} comes and goes every {_FLAP_SECONDS:.0f} s"
        began = self._begin(name)
        before = self.regions.sign_ins(self.regions.first)
        may_fail = flaps = 0
        while time.monotonic() < began + 2 * self.scene_seconds:
            self.regions.cognito[self.regions.first].mode = Mode.GONE
            may_fail += self.load.under_way(SIGN_IN)
            self._wait(_FLAP_SECONDS)
            self.regions.cognito[self.regions.first].mode = Mode.WELL
            self._wait(_FLAP_SECONDS)
            flaps += 1
        here = self.regions.sign_ins(self.regions.first) - before
        notes = (f"{flaps} times away; {here} calls of sign-ins were answered there all the same",)
        return self._end(name, Promise.IN_FLIGHT, began, may_fail=may_fail, notes=notes)

    def _cognito_is_steady_again(self) -> Scene:
        name = "it stays"
        began = self._begin(name)
        took = self._until_first_is_asked()
        notes = (f"users are back after {took:.0f} s",)
        return self._end(name, Promise.NOTHING, began, may_fail=0, notes=notes)

    def _region_goes(self) -> Scene:
        name = f"all of {self.regions.first} goes away, API Gateway, too"
        began = self._begin(name)
        first = self.regions.first
        self.regions.cognito[first].mode = self.regions.front[first].mode = Mode.GONE
        moved = self._until(lambda: self.regions.name.answer() != first, "Route 53 moved")
        self._wait(self.regions.ttl_seconds)
        settled = time.monotonic() + 0.5
        self._wait(self.scene_seconds)
        late = [deed for deed in self.load.since(settled, time.monotonic()) if deed.outcome and deed.began > settled]
        kept = self.regions.ttl_seconds * self.regions.faster
        notes = (self._moved(self.regions.second, moved), f"resolvers keep the old answer for another {kept:.0f} s")
        broken = tuple({f"{deed.what}: {deed.outcome}, although all had moved on" for deed in late})
        return self._end(name, Promise.UNTIL_DNS, began, may_fail=0, notes=notes, broken=broken)

    def _region_returns(self) -> Scene:
        name = f"all of {self.regions.first} comes back"
        began = self._begin(name)
        first = self.regions.first
        self.regions.cognito[first].mode = self.regions.front[first].mode = Mode.WELL
        moved = self._until(lambda: self.regions.name.answer() == first, "Route 53 moved back")
        self._wait(self.regions.ttl_seconds + self.scene_seconds)
        notes = (self._moved(first, moved),)
        return self._end(name, Promise.NOTHING, began, may_fail=0, notes=notes)

    def _moved(self, to: str, seconds: float) -> str:
        return (
            f"Route 53 answered with {to} after {seconds:.1f} s, by its own clock {seconds * self.regions.faster:.0f} s"
        )

    def _try_to_sign_up(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What breaks off may have been done, so nobody can say "again"; after some of it the breaker speaks."""
        for before in range(_MOST_SIGN_UPS):
            try:
                self.regions.sign_up()
            except ClientError as error:
                code = str(error.response["Error"]["Code"])
                wait = error.response["ResponseMetadata"]["HTTPHeaders"].get(_WAIT_HEADER)
                if code == "ServiceUnavailableException" and wait:
                    lost = f"{before} sign-ups broke off, and then " if before else ""
                    return (f"{lost}signing up says 'try later': {code}, in {wait} s",), ()
                if code != "InternalErrorException":
                    return (), (f"signing up was answered {code}, without a time to wait",)
            else:
                return (), ("signing up went through, although only the pool's own Region can do it",)
        return (), (f"{_MOST_SIGN_UPS} sign-ups broke off, and none was told to try later",)

    def _until_first_is_asked(self) -> float:
        """Seconds until sign-ins are answered by the first Region, and by no other for as long as a probe lasts."""
        began = time.monotonic()
        while time.monotonic() < began + _LONGEST_RETURN_SECONDS:
            there = self.regions.sign_ins(self.regions.second)
            here = self.regions.sign_ins(self.regions.first)
            self._wait(1.0)
            at_first = self.regions.sign_ins(self.regions.first) - here
            if at_first and self.regions.sign_ins(self.regions.second) - there <= 0:
                return time.monotonic() - began
        raise LocalRunError(f"{self.regions.first} was not asked again within {_LONGEST_RETURN_SECONDS:.0f} seconds")

    def _until(self, there: Callable[[], bool], what: str) -> float:
        began = time.monotonic()
        while not there():
            if time.monotonic() > began + _LONGEST_RETURN_SECONDS:
                raise LocalRunError(f"not within {_LONGEST_RETURN_SECONDS:.0f} seconds: {what}")
            self._wait(_POLL_SECONDS)
        return time.monotonic() - began

    def _wait(self, seconds: float) -> None:
        stopping.pause(seconds)

    def _since(self, began: float) -> Sequence[Deed]:
        return self.load.since(began, time.monotonic())

    def _begin(self, name: str) -> float:
        self.say(name)
        return time.monotonic()

    def _end(
        self,
        name: str,
        promise: Promise,
        began: float,
        *,
        may_fail: int,
        notes: Sequence[str] = (),
        broken: Sequence[str] = (),
    ) -> Scene:
        # A busy machine may need longer for one sign-in than a short scene lasts.
        self._until(lambda: any(not deed.outcome for deed in self._since(began)), "anything succeeded")
        ended = time.monotonic()
        deeds = self.load.since(began, ended)
        failed = [deed for deed in deeds if deed.outcome]
        told = list(broken)
        if promise is not Promise.UNTIL_DNS and len(failed) > may_fail:
            told.append(f"{len(failed)} failed, and {may_fail} were under way")
        if promise is Promise.IN_FLIGHT:
            told += [f"a {REFRESH} failed, which another Region can do" for deed in failed if deed.what == REFRESH][:1]
        return Scene(
            name=name,
            promise=promise,
            seconds=ended - began,
            succeeded=Counter(deed.what for deed in deeds if not deed.outcome),
            failed=Counter(_failure(deed) for deed in failed),
            may_fail=may_fail,
            notes=tuple(notes),
            broken=tuple(told),
        )


def _failure(deed: Deed) -> str:
    return f"{deed.what}: {deed.outcome}"
