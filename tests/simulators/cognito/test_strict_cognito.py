import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local import LocalRun
from local.simulators.cognito.shapes import cognito_operations, problems
from local.simulators.common.journal import TARGET_PREFIX
from local.simulators.common.root_client import root_client
from tests.local.conftest import Tiny
from tests.local.plain_http import AWS_JSON, Answer, call, post

CONTEXT = {"IpAddress": "192.0.2.1", "ServerName": "auth.example.com", "ServerPath": "/", "HttpHeaders": []}
"""What an administrator's sign-in must tell."""


@pytest.fixture(scope="module")
def run(tiny: Tiny) -> LocalRun:
    return tiny.run


@pytest.fixture(scope="module")
def secret(run: LocalRun) -> str:
    found = run.client("cognito-idp").describe_user_pool_client(
        UserPoolId=run.outputs.user_pool_id, ClientId=run.outputs.client_id
    )
    return str(found["UserPoolClient"]["ClientSecret"])


@pytest.fixture(scope="module")
def public_client_id(run: LocalRun) -> str:
    return run.stacks["Tiny"].outputs["PublicClientId"]


def _refresh(run: LocalRun, **members: object) -> Answer:
    return call(
        run.upstream,
        "GetTokensFromRefreshToken",
        {"RefreshToken": "no such token", "ClientId": run.outputs.client_id, **members},
    )


def test_refuses_a_wrong_client_secret(run: LocalRun) -> None:
    answer = _refresh(run, ClientSecret="wrong")
    assert answer.status == 400
    assert answer.headers["content-type"] == AWS_JSON
    assert answer.headers["x-amzn-errortype"] == "NotAuthorizedException:"
    assert answer.document == {
        "__type": "NotAuthorizedException",
        "message": f"Unable to verify secret hash for client {run.outputs.client_id}",
    }


def test_refuses_a_missing_client_secret(run: LocalRun) -> None:
    assert _refresh(run).document["message"].startswith("Unable to verify secret hash")


@pytest.mark.parametrize("operation", ["GetTokensFromRefreshToken", "RevokeToken"])
def test_lets_the_right_client_secret_through_to_cognito(run: LocalRun, secret: str, operation: str) -> None:
    token = {"GetTokensFromRefreshToken": "RefreshToken", "RevokeToken": "Token"}[operation]
    members = {token: "no such token", "ClientId": run.outputs.client_id}
    right = call(run.upstream, operation, {**members, "ClientSecret": secret})
    wrong = call(run.upstream, operation, {**members, "ClientSecret": secret + "x"})
    assert "secret hash" not in right.body.decode()
    assert "secret hash" in wrong.body.decode()


def test_asks_no_secret_of_a_public_client_and_takes_none(run: LocalRun, public_client_id: str) -> None:
    assert "secret hash" not in _refresh(run, ClientId=public_client_id).body.decode()
    assert "secret hash" in _refresh(run, ClientId=public_client_id, ClientSecret="any").body.decode()


def test_leaves_an_unknown_client_to_cognito(run: LocalRun) -> None:
    answer = _refresh(run, ClientId="nobody", ClientSecret="any")
    assert "secret hash" not in answer.body.decode()


@pytest.mark.parametrize(
    ("operation", "document", "error", "named"),
    [
        ("SignUp", {"ClientId": "c", "Password": "p"}, "InvalidParameterException", "Username"),
        ("SignUp", {"ClientId": 7, "Username": "u"}, "SerializationException", "ClientId"),
        ("InitiateAuth", {"ClientId": "c", "AuthFlow": "A", "AuthParameters": []}, "SerializationException", "AuthPar"),
        (
            "SignUp",
            {"ClientId": "c", "Username": "u", "UserAttributes": [{"Value": "v"}]},
            "InvalidParameterE",
            "0.Name",
        ),
        ("RevokeToken", {"ClientId": "c", "Token": "t", "SecretHash": "h"}, "InvalidParameterException", "SecretHash"),
        (
            "AdminInitiateAuth",
            {"UserPoolId": "p", "ClientId": "c", "AuthFlow": "A", "UserContextData": {"IpAddress": "192.0.2.1"}},
            "InvalidParameterException",
            "UserContextData",
        ),
        (
            "AdminRespondToAuthChallenge",
            {"UserPoolId": "p", "ClientId": "c", "ChallengeName": "A", "UserContextData": {}},
            "InvalidParameterException",
            "UserContextData",
        ),
        *(
            (
                "AdminInitiateAuth",
                {
                    "UserPoolId": "p",
                    "ClientId": "c",
                    "AuthFlow": "A",
                    "ContextData": {name: value for name, value in CONTEXT.items() if name != missing},
                },
                "InvalidParameterException",
                f"ContextData.{missing}",
            )
            for missing in CONTEXT
        ),
        ("SignUp", [], "SerializationException", "JSON object"),
        ("SignUp", b"{", "SerializationException", "JSON object"),
    ],
)
def test_refuses_what_is_not_the_operation_s_shape(
    run: LocalRun, operation: str, document: object, error: str, named: str
) -> None:
    answer = call(run.upstream, operation, document)
    assert (answer.status, answer.document["__type"].startswith(error)) == (400, True)
    assert named in answer.document["message"]


def test_ignores_unknown_members_where_cognito_does(run: LocalRun) -> None:
    answer = call(run.upstream, "SignUp", {"ClientId": "c", "Username": "u", "Password": "p", "Extra": 1})
    assert answer.document["__type"] == "ResourceNotFoundException"


def test_a_shape_error_never_repeats_a_value() -> None:
    shape = cognito_operations()["SignUp"].input_shape
    assert shape is not None
    found = list(problems(shape, {"ClientId": ["sentinel"], "Username": {"sentinel": 1}, "Password": 5}))
    assert len(found) == 3
    assert "sentinel" not in str(found)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": AWS_JSON},
        {"Content-Type": AWS_JSON, "X-Amz-Target": "DynamoDB_20120810.ListTables"},
        {"Content-Type": "application/json", "X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"},
        {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"},
    ],
)
def test_refuses_what_is_not_cognito_s_protocol(run: LocalRun, headers: dict[str, str]) -> None:
    assert post(run.upstream, headers=headers).status == 400


def test_refuses_a_foreign_host(run: LocalRun) -> None:
    answer = call(run.upstream, "SignUp", {}, {"Host": "auth.example.com"})
    assert (answer.status, answer.document["__type"]) == (403, "AccessDeniedException")


def test_survives_member_names_that_do_not_fit_into_a_header(run: LocalRun) -> None:
    answer = call(run.upstream, "RevokeToken", {"ClientId": "c", "Token": "t", "Ü\r\nx: y": 1})
    assert answer.status == 400
    assert "x" not in answer.headers


def test_keeps_the_connection_alive(run: LocalRun) -> None:
    parts = urlsplit(run.upstream)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {"Content-Type": AWS_JSON, "X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser"}
    try:
        sockets = set()
        for _ in range(3):
            connection.request("POST", "/", b'{"AccessToken": "t"}', headers)
            connection.getresponse().read()
            sockets.add(id(connection.sock))
        assert len(sockets) == 1
        assert connection.sock is not None
    finally:
        connection.close()


@pytest.fixture(scope="module")
def reader_key(run: LocalRun) -> dict[str, str]:
    """An access key that may do one thing, and that the emulator checks (unlike root's)."""
    iam = run.client("iam")
    iam.create_user(UserName="reader")
    policy = {"Effect": "Allow", "Action": "cognito-idp:DescribeUserPool", "Resource": "*"}
    iam.put_user_policy(
        UserName="reader",
        PolicyName="read",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    key: dict[str, str] = iam.create_access_key(UserName="reader")["AccessKey"]
    return key


@pytest.mark.parametrize(("suffix", "error"), [("", None), ("x", "InvalidSignatureException")])
def test_a_signature_still_verifies_behind_it(
    run: LocalRun, reader_key: dict[str, str], suffix: str, error: str | None
) -> None:
    import boto3

    session = boto3.session.Session(reader_key["AccessKeyId"], reader_key["SecretAccessKey"] + suffix)
    client = root_client(session, "cognito-idp", endpoint_url=run.upstream, region=run.outputs.region)
    run.journal.clear()
    try:
        if error is None:
            client.describe_user_pool(UserPoolId=run.outputs.user_pool_id)
        else:
            with pytest.raises(ClientError, match=error):
                client.describe_user_pool(UserPoolId=run.outputs.user_pool_id)
    finally:
        client.close()
    assert [call.signed for call in run.journal.calls("DescribeUserPool")] == [True]


@pytest.mark.parametrize("signed_too", [True, False])
def test_wants_every_x_amz_header_of_a_signed_call_signed(
    run: LocalRun, reader_key: dict[str, str], signed_too: bool
) -> None:
    credentials = Credentials(reader_key["AccessKeyId"], reader_key["SecretAccessKey"])
    body = json.dumps({"UserPoolId": run.outputs.user_pool_id}).encode()
    request = AWSRequest(
        method="POST",
        url=run.upstream,
        data=body,
        headers={"Content-Type": AWS_JSON, "X-Amz-Target": f"{TARGET_PREFIX}DescribeUserPool"},
    )
    if signed_too:
        request.headers["X-Amz-Cf-Id"] = "id"
    SigV4Auth(credentials, "cognito-idp", run.outputs.region).add_auth(request)
    headers = dict(request.headers) | {"X-Amz-Cf-Id": "id"}
    answer = post(run.upstream, headers=headers, body=body)
    if signed_too:
        assert answer.status == 200
    else:
        assert answer.document["__type"] == "InvalidSignatureException"
        assert answer.document["message"] == "not signed: x-amz-cf-id"


def test_a_query_that_was_not_signed_breaks_a_signature(run: LocalRun, reader_key: dict[str, str]) -> None:
    credentials = Credentials(reader_key["AccessKeyId"], reader_key["SecretAccessKey"])
    headers = {"Content-Type": AWS_JSON, "X-Amz-Target": f"{TARGET_PREFIX}DescribeUserPool"}
    body = json.dumps({"UserPoolId": run.outputs.user_pool_id}).encode()
    request = AWSRequest(method="POST", url=run.upstream, data=body, headers=headers)
    SigV4Auth(credentials, "cognito-idp", run.outputs.region).add_auth(request)
    found = {}
    for target in ("/", "/?a=1", "/other"):
        connection = http.client.HTTPConnection(urlsplit(run.upstream).netloc, timeout=20)
        with closing(connection):
            connection.request("POST", target, body, dict(request.headers))
            found[target] = connection.getresponse().status
    assert found == {"/": 200, "/?a=1": 400, "/other": 400}


def test_wants_nothing_outside_the_contract_of_what_cloudfront_carried(run: LocalRun) -> None:
    members = {"ClientId": "nobody", "Username": "u", "Password": "p"}
    carried = {"X-Amz-Cf-Id": "id", "Via": "1.1 edge.cloudfront.net (CloudFront)"}
    taken = call(run.upstream, "SignUp", members, carried)
    assert taken.document["__type"] == "ResourceNotFoundException"
    run.journal.clear()
    refused = call(run.upstream, "SignUp", members, carried | {"Referer": "https://app.example.com/"})
    assert (refused.status, refused.document["__type"]) == (403, "EdgeContractException")
    assert refused.document["message"] == "CloudFront carried what it must not: the headers referer"
    assert [seen.error_type for seen in run.journal.calls("SignUp")] == ["EdgeContractException"]


def test_looks_at_every_method_that_cloudfront_carried(run: LocalRun) -> None:
    answer = post(run.upstream, headers={"X-Amz-Cf-Id": "id"}, method="PUT")
    assert answer.document["message"].endswith("the method PUT")


@pytest.mark.parametrize("operation", ["AdminInitiateAuth", "AdminRespondToAuthChallenge"])
def test_takes_an_administrator_s_operation_from_nobody_who_does_not_sign(run: LocalRun, operation: str) -> None:
    members = {"UserPoolId": run.outputs.user_pool_id, "ClientId": run.outputs.client_id}
    flow = {"AuthFlow": "USER_SRP_AUTH"} if operation == "AdminInitiateAuth" else {"ChallengeName": "PASSWORD_VERIFIER"}
    assert "MissingAuthenticationToken" in call(run.upstream, operation, members | flow).document["__type"]


@pytest.fixture(scope="module")
def propagating_client_id(run: LocalRun) -> str:
    """An app client that takes the address."""
    made = run.client("cognito-idp").create_user_pool_client(
        UserPoolId=run.outputs.user_pool_id,
        ClientName="Propagating",
        GenerateSecret=True,
        EnablePropagateAdditionalUserContextData=True,
    )
    return str(made["UserPoolClient"]["ClientId"])


@pytest.mark.parametrize("operation", ["SignUp", "ForgotPassword"])
def test_takes_an_address_only_for_an_app_client_that_was_set_to(
    run: LocalRun, propagating_client_id: str, operation: str
) -> None:
    members = {"Username": "u", "Password": "p", "UserContextData": {"IpAddress": "192.0.2.1"}}
    for client_id, refused in ((run.outputs.client_id, True), (propagating_client_id, False), ("nobody", False)):
        answer = call(run.upstream, operation, {**members, "ClientId": client_id})
        assert ("EnablePropagate" in answer.document["message"]) is refused


def test_takes_a_fingerprint_from_every_app_client(run: LocalRun) -> None:
    members = {"ClientId": run.outputs.client_id, "Username": "u", "UserContextData": {"EncodedData": "x"}}
    assert "EnablePropagate" not in call(run.upstream, "ForgotPassword", members).document["message"]
