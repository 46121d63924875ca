"""Phone rules by the app's flags, with a real client: which numbers pass, how many messages go out, who is held back.

The emulator sends nothing: that Cognito took a sign-up, and says where its code went, stands for the message. The pool
of a demonstration sends e-mails, so there they count.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import LocalRun, local_run
from tests.e2e.boto3_story import cognito_client

LIMIT = 3
"""For all; a range of numbers gets one message."""

PASSWORD = "dummy-Password-1"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    flags = {"phone_countries": "+1,+44,-1876", "message_limit": str(LIMIT), "monitoring": "false"}
    with local_run(context=flags, work_dir=tmp_path_factory.mktemp("phone")) as run:
        yield run


@pytest.fixture(scope="module")
def client(run: LocalRun) -> Iterator[Any]:
    """An app's SDK. It does not try again what was refused, so that each call is one."""
    with cognito_client(run.endpoint, run.outputs.region) as client:
        yield client


def sign_up(run: LocalRun, client: Any, name: str, number: str | None = None) -> None:
    attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
    if number is not None:
        attributes.append({"Name": "phone_number", "Value": number})
    client.sign_up(ClientId=run.outputs.client_id, Username=name, Password=PASSWORD, UserAttributes=attributes)


def refusal(run: LocalRun, client: Any, name: str, number: str | None = None) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        sign_up(run, client, name, number)
    assert not run.has_user(name)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_numbers_of_other_countries_and_of_an_excluded_range_are_refused(run: LocalRun, client: Any) -> None:
    for number in ("+18764550100", "+8821234567", "+33612345678"):
        code, message = refusal(run, client, "mallory", number)
        assert (code, message) == (
            "InvalidParameterException",
            "Phone numbers of this country or region are not accepted.",
        )


def test_a_number_cannot_be_changed_to_one_of_them(run: LocalRun, client: Any) -> None:
    cognito, pool = run.client("cognito-idp"), run.outputs.user_pool_id
    cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True)
    token = sign_in(run, client, "ada")["AccessToken"]
    with pytest.raises(client.exceptions.InvalidParameterException, match="not accepted"):
        client.update_user_attributes(
            AccessToken=token, UserAttributes=[{"Name": "phone_number", "Value": "+18764550100"}]
        )


def sign_in(run: LocalRun, client: Any, name: str) -> Any:
    parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
    answer = client.initiate_auth(
        ClientId=run.outputs.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    return answer["AuthenticationResult"]


def test_a_range_of_numbers_has_a_ceiling_of_its_own_and_all_have_one(run: LocalRun, client: Any) -> None:
    sign_up(run, client, "robot-0", "+447700900123")
    if not uncounted(run):
        code, message = refusal(run, client, "robot-again", "+447700900124")
        assert code == "TooManyRequestsException"
        assert "Try again in" in message
    accepted, refused = 1, False
    for area in range(206, 230):
        try:
            sign_up(run, client, f"robot-{area}", f"+1{area}5550100")
        except client.exceptions.TooManyRequestsException:
            refused = True
            break
        accepted += 1
    assert refused
    # On a busy machine the table may not answer in time: then a message goes out, and is told of.
    assert accepted == LIMIT + uncounted(run)
    # Whoever else wants a message waits, and who has an account signs in.
    assert refusal(run, client, "newcomer")[0] == "TooManyRequestsException"
    assert "AccessToken" in sign_in(run, client, "ada")


def uncounted(run: LocalRun) -> int:
    """Calls that went on since the table did not answer."""
    return run.logs().count('"CounterFailures":1')


def test_what_was_counted_names_nobody_and_goes_by_itself(run: LocalRun) -> None:
    dynamodb = run.client("dynamodb")
    (table,) = [name for name in dynamodb.list_tables()["TableNames"] if "CounterTable" in name]
    items = dynamodb.scan(TableName=table)["Items"]
    assert max(int(item["count"]["N"]) for item in items) == LIMIT
    assert all("expires" in item for item in items)
    held = json.dumps(items)
    assert not any(word in held for word in ("robot", "7700900", "2065550", "2075550"))


def test_lines_say_why_and_hold_no_number(run: LocalRun) -> None:
    logs = run.logs()
    assert '"reason":"phone_number"' in logs
    assert '"reason":"messages"' in logs
    assert "18764550100" not in logs
    assert "447700900123" not in logs
