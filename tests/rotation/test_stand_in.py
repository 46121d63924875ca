"""The function's calls, to the simulator's own two secrets."""

from aws_calls.service import Service
from aws_calls.time_left import TimeLeft
from rotation.app_client import AppClient
from tests.rotation.cognito import CLIENT, POOL
from tests.rotation.wire import REGION
from tests.rotation.world import World

SECOND = "dummySecondSecretOfTheTest002"


def test_the_function_sends_what_the_stand_in_takes(world: World) -> None:
    with Service("cognito-idp", region=REGION, time_left=TimeLeft.of(None, reserve=0)) as cognito:
        asked = AppClient(cognito, user_pool_id=POOL, client_id=CLIENT)
        asked.add(SECOND)
        old, new = asked.secrets()
        assert asked.accepts(SECOND)
        asked.delete(new.id)
        asked.delete(new.id)
        assert not asked.accepts(SECOND)
        assert asked.secrets() == [old]
