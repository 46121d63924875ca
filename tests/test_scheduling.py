"""Which tests stay together."""

import pytest

from tests.e2e.setups import EVERY, setup_in
from tests.needs import ROOT
from tests.scheduling import OF_FOLDERS, emulator_of


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
