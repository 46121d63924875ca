"""Which tests stay together, and which come first."""

from collections import OrderedDict
from unittest import mock

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.setups import EVERY, setup_in
from tests.needs import ROOT
from tests.scheduling import OF_FOLDERS, ByDeployment, emulator_of, place_of


@pytest.mark.parametrize(
    ("test_id", "shared"),
    [
        ("tests/cli/test_rotate.py::test_rotates", "lists"),
        ("tests/list_edits/test_handler.py::test_takes_off[1]", "lists"),
        ("tests/local/deployment/test_deploy.py::test_outputs", "local"),
        ("tests/local/test_demo.py::test_outputs", None),
        ("tests/proxy/test_tls.py::test_x", None),
    ],
)
def test_tests_that_share_an_emulator_stay_together(test_id: str, shared: str | None) -> None:
    assert emulator_of(test_id) == shared


def test_every_folder_that_shares_an_emulator_is_there_and_has_tests() -> None:
    assert [folder for folder in OF_FOLDERS if not list((ROOT / folder).rglob("test_*.py"))] == []


@pytest.mark.parametrize("setup", EVERY, ids=lambda setup: f"of-{setup}")
def test_tests_of_a_setup_are_known_by_their_ids(setup: object) -> None:
    assert setup_in(f"tests/e2e/test_cors.py::test_x[{setup}]") == str(setup)
    assert setup_in(f"tests/e2e/test_story.py::test_x[{setup}-boto3]") == str(setup)
    assert setup_in(f"tests/e2e/test_bad_input.py::test_x[SignUp-{setup}]") == str(setup)
    assert setup_in(f"tests/e2e_of_another_kind/test_x.py::test_x[{setup}]") is None


def test_what_deploys_comes_before_what_synthesizes_and_that_before_the_rest() -> None:
    deploys, synthesizes = "tests/smoke/test_broken.py::test_x", "tests/app/test_app.py::test_x"
    rest = "tests/proxy/test_tls.py::test_x"
    assert [place_of([test_id]) for test_id in (deploys, synthesizes, rest)] == [0, 1, 2]
    assert place_of([rest, deploys]) == 0


def test_of_two_that_deploy_the_one_with_more_tests_comes_first() -> None:
    queue = {
        "many": {f"tests/proxy/test_tls.py::test_{number}": False for number in range(9)},
        "some": {"tests/smoke/test_broken.py::test_x": False, "tests/smoke/test_broken.py::test_y": False},
        "few": {"tests/smoke/test_local.py::test_x": False},
    }
    scheduler, given = ByDeployment.__new__(ByDeployment), list[str]()
    scheduler.workqueue = OrderedDict(queue)
    with mock.patch.object(LoadFileScheduling, "_assign_work_unit", lambda self, _: given.append(_first(self))):
        while scheduler.workqueue:
            scheduler._assign_work_unit(None)
    assert given == ["some", "few", "many"]


def _first(scheduler: ByDeployment) -> str:
    scope: str = scheduler.workqueue.popitem(last=False)[0]
    return scope
