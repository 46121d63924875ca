import pytest

from local import LocalRunError
from local.errors import as_local_run_error
from local.simulators.cloudfront import NotSimulatedError
from local.simulators.waf import FirewallError


@pytest.mark.parametrize("kind", [FirewallError, NotSimulatedError])
def test_what_a_simulator_cannot_do_is_told_as_an_error_of_the_run(kind: type[Exception]) -> None:
    with pytest.raises(LocalRunError, match=r"^in one line$"), as_local_run_error():
        raise kind("in one line")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), as_local_run_error():
        _ = 1 / 0
