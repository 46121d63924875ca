"""The function's calls for an app client's secrets, against the simulator of Cognito."""

from aws_calls.service import Service
from aws_calls.time_left import TimeLeft
from rotation.client_secrets import ClientSecrets
from tests.rotation.cognito import CLIENT, POOL
from tests.rotation.in_process_transport import REGION
from tests.rotation.simulated_aws import SimulatedAws

SECOND = "dummySecondSecretOfTheTest002"


def test_the_function_sends_what_the_simulator_takes(aws: SimulatedAws) -> None:
    with Service("cognito-idp", region=REGION, time_left=TimeLeft.of(None, reserve=0)) as cognito:
        asked = ClientSecrets(cognito, user_pool_id=POOL, client_id=CLIENT)
        asked.add(SECOND)
        old, new = asked.active()
        assert asked.accepts(SECOND)
        asked.delete(new.id)
        asked.delete(new.id)
        assert not asked.accepts(SECOND)
        assert asked.active() == [old]
