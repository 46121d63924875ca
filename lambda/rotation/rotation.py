"""The four steps of a rotation and the end of the secret that was replaced.

Whatever dies between any two calls, the same step run again ends well, because

- the new secret is chosen and staged before Cognito hears of it. Until it is promoted, Cognito can be given that very
  value again and again, and a call that needs a valid hash tells whether it has it.
- each value that is made here names the secret (by Cognito's id) that it replaces. Cognito never tells which id belongs
  to which value; so which one may go, and which one is current, is known without it.
- where something is deleted, Cognito's list is read before the staging labels are. Whatever is listed was there before,
  so a run that was overtaken finds its label gone (or its version filled) and deletes nothing.
- nothing is promoted that does not verify at that moment.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from aws_calls.errors import CallFailed
from rotation.client_secrets import ActiveSecret, ClientSecrets
from rotation.errors import RotationError
from rotation.stored_secret import StoredSecret, StoredValue
from rotation.stored_text import Versions

# A new secret may take a moment to hold everywhere.
_TEST_DELAYS_SECONDS = (1, 2, 4, 8)


class CleanUpOutcome(StrEnum):
    """What became of the secret that the current one replaced; the values are what the function answers."""

    DELETED = "ended"
    TOO_EARLY = "waiting"
    """It is still within its overlap, or a replica is behind."""
    NOTHING_TO_DELETE = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """What a run of the clean-up did."""

    outcome: CleanUpOutcome
    not_before: float | None = None
    """With `TOO_EARLY`: when the secret may go, in seconds since 1970; None while a replica is behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One app client's rotation."""

    secret: StoredSecret
    client_secrets: ClientSecrets
    overlap: float
    """How long the previous secret stays valid after the promotion, in seconds; longer than proxies keep a copy."""

    def create_secret(self, token: str) -> None:
        """Make room in Cognito, choose the new secret and stage it. A version that has a value keeps it.

        Raises:
            RotationError: the previous secret is still needed, or which of two secrets is current cannot be told.
            CallFailed: AWS refused or was not reached.
        """
        listed = self.client_secrets.active()
        versions = self.secret.look()
        if token == versions.current:
            return
        versions.require_pending(token)
        if self.secret.read(token) is not None:
            return
        current = self._current(versions)
        kept = self._make_room(listed, current, versions)
        self.secret.stage(token, current.value.successor(replaces=kept.id))

    def set_secret(self, token: str) -> None:
        """Give Cognito the staged secret, unless it has two.

        Two are the staged one, from a run that died or whose answer was lost, or somebody else took the room: the test
        tells. So this step needs no quota that a flood of public calls can use up.

        Raises:
            RotationError: nothing is staged.
            CallFailed: AWS refused or was not reached.
        """
        versions = self.secret.look()
        if token == versions.current:
            return
        versions.require_pending(token)
        client_secret = self._staged(token).value.client_secret
        if len(self.client_secrets.active()) > 1:
            return
        try:
            self.client_secrets.add(client_secret)
        except CallFailed:
            # It may be the one that is there, or have come to be while the answer was lost.
            if not self.client_secrets.accepts(client_secret):
                raise

    def test_secret(self, token: str) -> None:
        """Wait until Cognito accepts the staged secret: a quarter of a minute for a yes, all the time for an answer.

        Secrets Manager runs this step alone, too, when a schedule is set up. What it stages then is not documented; if
        it is nothing, the current secret is tested.

        Raises:
            RotationError: Cognito does not accept it, or does not tell.
            CallFailed: AWS refused or was not reached.
        """
        staged = self.secret.read(token)
        tested = self._ours(staged) if staged else self._current(self.secret.look())
        for delay in (*_TEST_DELAYS_SECONDS, None):
            if self.client_secrets.accepts(tested.value.client_secret):
                return
            if delay is None or not self.client_secrets.wait(delay):
                raise RotationError(f"Cognito does not accept the secret of version {token}")

    def finish_secret(self, token: str) -> None:
        """Let the proxies read the staged secret.

        Raises:
            RotationError: Cognito does not accept it, or does not tell.
            CallFailed: AWS refused or was not reached.
        """
        versions = self.secret.look()
        if token == versions.current:
            return
        versions.require_pending(token)
        staged = self._staged(token)
        if not self.client_secrets.accepts(staged.value.client_secret):
            raise RotationError(f"Cognito does not accept the secret of version {token}; the current one stays")
        if versions.current is None:
            raise RotationError("No version is AWSCURRENT")
        self.secret.promote(token, instead_of=versions.current)

    def end_previous(self, *, at_once: bool) -> CleanUp:
        """Delete the secret that the current one replaced, once nobody can still hold a copy of it.

        Args:
            at_once: Do not wait: it leaked. Proxies that still hold it fail until they fetch the current one.

        Raises:
            RotationError: Cognito does not accept the current secret or a replica failed, so the previous one stays
                (unless `at_once`).
            CallFailed: AWS refused or was not reached.
        """
        listed = self.client_secrets.active()
        versions = self.secret.look()
        current = self._current(versions)
        if len(listed) < 2 or current.value.replaces not in {secret.id for secret in listed}:
            return CleanUp(outcome=CleanUpOutcome.NOTHING_TO_DELETE)
        if not at_once:
            too_early = self._too_early(current, versions, since=versions.changed)
            if too_early is not None:
                return too_early
            if not self.client_secrets.accepts(current.value.client_secret):
                raise RotationError("Cognito does not accept the current secret, so the previous one stays")
        self.client_secrets.delete(str(current.value.replaces))
        return CleanUp(outcome=CleanUpOutcome.DELETED)

    def _current(self, versions: Versions) -> StoredValue:
        found = self.secret.read(versions.current) if versions.current else None
        if found is None:
            raise RotationError("The secret has no current value yet")
        return self._ours(found)

    def _staged(self, token: str) -> StoredValue:
        found = self.secret.read(token)
        if found is None:
            raise RotationError(f"Version {token} has no value: createSecret comes first")
        return self._ours(found)

    def _ours(self, stored: StoredValue) -> StoredValue:
        ours = self.client_secrets
        if (stored.value.user_pool_id, stored.value.client_id) != (ours.user_pool_id, ours.client_id):
            raise RotationError(f"The secret holds a value of another app client than {ours.client_id}")
        return stored

    def _make_room(self, listed: Sequence[ActiveSecret], current: StoredValue, versions: Versions) -> ActiveSecret:
        """Delete one of two secrets, never the current one. The one that stays is the one to replace."""
        if len(listed) == 1:
            return listed[0]
        spare = _not_current(listed, current)
        if spare.id == current.value.replaces:
            # Beginning a rotation changes the secret: that date says nothing here.
            too_early = self._too_early(current, versions, since=versions.rotated)
            if too_early is not None:
                raise RotationError(_why_too_early(too_early))
        self.client_secrets.delete(spare.id)
        return next(secret for secret in listed if secret.id != spare.id)

    def _too_early(self, current: StoredValue, versions: Versions, *, since: float) -> CleanUp | None:
        """None: nobody can still hold a copy of the previous secret."""
        failed = sorted(region for region, status in versions.replicas.items() if status == "Failed")
        if failed:
            raise RotationError(
                f"The secret's replica failed in {', '.join(failed)}; the previous secret is left alone"
            )
        not_before = max(since, current.created) + self.overlap
        if time.time() < not_before:
            return CleanUp(outcome=CleanUpOutcome.TOO_EARLY, not_before=not_before)
        if any(status != "InSync" for status in versions.replicas.values()):
            return CleanUp(outcome=CleanUpOutcome.TOO_EARLY)
        return None


def _not_current(listed: Sequence[ActiveSecret], current: StoredValue) -> ActiveSecret:
    """The one of two secrets that is not the current one.

    If the one that the current one replaced is gone, the current one is the older: only rotation adds, and it was added
    when the other was not there yet. A value that no rotation made was in Cognito before it was stored: what is newer
    than that is not the current one.

    Raises:
        RotationError: it cannot be told.
    """
    older, newer = listed[0], listed[-1]
    for secret in listed:
        if secret.id == current.value.replaces:
            return secret
    stored_while_both_were_there = current.value.replaces is None and newer.created <= current.created
    if older.created == newer.created or stored_while_both_were_there:
        raise RotationError(
            "The app client has two secrets and which one is current cannot be told: delete the other one in Cognito"
        )
    return newer


def _why_too_early(clean_up: CleanUp) -> str:
    if clean_up.not_before is None:
        return "A replica does not have the current secret yet, so the previous one is still needed"
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(clean_up.not_before))
    return f"The last rotation is too fresh: proxies may use the previous secret until {moment} UTC"
