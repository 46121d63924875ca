"""What a run makes is written down first, and removed however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cognito_proxy.smoke.leftovers import Gone, Leftovers, NotMine, state_folder
from cognito_proxy.smoke.removers import USER, removers
from tests.smoke.fakes import POOL, refusal, target

ROOT = Path(__file__).resolve().parents[2]
FACTS = {"username": "ada", "told": "the user ada"}

RUN = """
import sys, time
from pathlib import Path
from cognito_proxy.smoke.leftovers import Leftovers
leftovers = Leftovers(Path(sys.argv[1]), {})
leftovers.will_make("user", {"username": "ada", "told": "the user ada"})
print("made", flush=True)
time.sleep(60)
"""


@pytest.fixture
def removed():
    return []


@pytest.fixture
def leftovers(tmp_path, removed):
    made = Leftovers(tmp_path / "state", {"user": lambda facts: removed.append(facts["username"])})
    yield made
    made.remove_own()


def files(tmp_path):
    return sorted((tmp_path / "state").glob("*"))


@pytest.mark.proves("smoke-removes")
def test_it_is_on_disk_before_it_is_made(leftovers, tmp_path):
    leftovers.will_make("user", FACTS)
    (file,) = files(tmp_path)
    assert json.loads(file.read_text()) == {"kind": "user", "facts": FACTS}
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_nothing_may_be_made_that_cannot_be_written_down(tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="state"):
        Leftovers(tmp_path / "state", {}).will_make("user", FACTS)


def test_what_a_run_made_it_removes_at_its_end(leftovers, removed, tmp_path):
    leftovers.will_make("user", FACTS)
    assert leftovers.remove_own() == []
    assert (removed, files(tmp_path)) == (["ada"], [])


def test_what_is_gone_already_is_not_removed_again(leftovers, removed, tmp_path):
    leftovers.will_make("user", FACTS).is_gone()
    assert files(tmp_path) == []
    assert leftovers.remove_own() == []
    assert removed == []


def test_what_cannot_be_removed_is_told_and_left_for_the_next_run(tmp_path, removed):
    def refuse(_):
        raise refusal("AdminDeleteUser", "AccessDeniedException")

    one = Leftovers(tmp_path / "state", {"user": refuse})
    one.will_make("user", FACTS)
    assert one.remove_own() == [
        "the user ada is still there (AdminDeleteUser: AccessDeniedException); the next run removes it"
    ]
    other = Leftovers(tmp_path / "state", {"user": lambda facts: removed.append(facts["username"])})
    assert other.remove_earlier() == (["an earlier run left the user ada: removed"], [])
    assert (removed, files(tmp_path)) == (["ada"], [])


def test_one_thing_that_cannot_be_removed_keeps_no_other(tmp_path, removed):
    def remove(facts):
        if facts["username"] == "bob":
            raise RuntimeError("sentinel")
        removed.append(facts["username"])

    one = Leftovers(tmp_path / "state", {"user": remove})
    one.will_make("user", {"username": "bob", "told": "the user bob"})
    one.will_make("user", FACTS)
    assert one.remove_own() == ["the user bob is still there (RuntimeError); the next run removes it"]
    assert removed == ["ada"]


@pytest.fixture
def other_run(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path / "state")],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "made\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_what_a_killed_run_left_is_removed_by_the_next(leftovers, removed, other_run, tmp_path):
    other_run.send_signal(signal.SIGKILL)
    other_run.wait()
    assert len(files(tmp_path)) == 1
    assert leftovers.remove_earlier() == (["an earlier run left the user ada: removed"], [])
    assert (removed, files(tmp_path)) == (["ada"], [])


def test_what_a_run_under_way_uses_is_left_alone(leftovers, removed, other_run, tmp_path):
    assert leftovers.remove_earlier() == ([], [])
    assert removed == []
    assert len(files(tmp_path)) == 1


def test_a_file_that_is_no_record_harms_nothing(leftovers, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "half.json").write_text('{"kind": ')
    assert leftovers.remove_earlier() == ([], [])


@pytest.mark.parametrize(
    ("facts", "local_id", "expected"),
    [
        ({"user_pool_id": "eu-west-1_Other"}, "", NotMine),
        ({"user_pool_id": POOL, "local_id": "http://127.0.0.1:1"}, "", Gone),
        ({"user_pool_id": POOL, "local_id": "http://127.0.0.1:1"}, "http://127.0.0.1:2", Gone),
        ({"user_pool_id": POOL}, "http://127.0.0.1:2", NotMine),
    ],
    ids=["another pool", "an ended local run, seen from AWS", "an ended local run", "AWS, seen from a local run"],
)
def test_only_what_is_of_the_deployment_at_hand_is_removed(facts, local_id, expected):
    remove = removers(target(), cognito=lambda: pytest.fail("called"), lists=list, local_id=local_id)[USER]
    with pytest.raises(expected):
        remove(facts | FACTS)


@pytest.mark.parametrize("code", ["UserNotFoundException", "ResourceNotFoundException"])
def test_a_user_that_is_gone_is_fine(code):
    class Cognito:
        def admin_delete_user(self, **_):
            raise refusal("AdminDeleteUser", code)

    removers(target(), cognito=Cognito, lists=list)[USER]({"user_pool_id": POOL, **FACTS})


def test_the_folder_is_the_users_state_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "cognito-proxy" / "smoke"
    # "All paths set in these environment variables must be absolute": others are ignored.
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert state_folder() == tmp_path / ".local" / "state" / "cognito-proxy" / "smoke"


def test_no_time_is_lost_waiting_for_a_lock(leftovers, other_run):
    began = time.monotonic()
    leftovers.remove_earlier()
    assert time.monotonic() - began < 2
