"""C1: what is told of signing in place, by what Cognito says to two signatures."""

from __future__ import annotations

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from tests.smoke.fakes import check, world


class Raw:
    """A body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self):
        yield self._body


def cognito(takes):
    """boto3's own client, whose requests end here: `takes(request)` is whether the signature holds."""

    def client(service, *, region=None):
        made = boto3.client(
            service, region_name="eu-west-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="x"
        )

        def answer(request, **_):
            kind = "NotAuthorizedException" if takes(request) else "InvalidSignatureException"
            body = f'{{"__type": "{kind}", "message": "sentinel"}}'.encode()
            return AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.1"}, Raw(body))

        made.meta.events.register_last("before-send.cognito-idp", answer)
        return made

    return client


def signs_cf_id(request) -> bool:
    assert request.headers["x-amz-cf-id"]
    authorization = request.headers["Authorization"]
    text = authorization.decode() if isinstance(authorization, bytes) else authorization
    return "x-amz-cf-id" in text.partition("SignedHeaders=")[2].partition(",")[0].split(";")


def probe(takes, **changed):
    made = world(**changed)
    made.clients = cognito(takes)
    return check("signing-in-place").run(made)


def test_a_signature_over_cloudfronts_header_that_is_taken_says_what_to_deploy():
    with pytest.raises(NotCheckable, match=r"-c edge_admin_calls=in_place`, without user_pool_id") as raised:
        probe(signs_cf_id)
    assert "leaves x-amz-cf-id out" not in str(raised.value)


def test_one_that_leaves_it_out_may_be_taken_too():
    with pytest.raises(NotCheckable, match=r"leaves x-amz-cf-id out, too"):
        probe(lambda _: True)


def test_if_only_that_one_is_taken_signing_in_place_cannot_work_as_it_does():
    with pytest.raises(Failed, match="only without x-amz-cf-id: keep edge_admin_calls=generated"):
        probe(lambda request: not signs_cf_id(request))


def test_if_neither_is_taken_it_may_be_the_credentials():
    with pytest.raises(Failed, match="neither signature"):
        probe(lambda _: False)


def test_a_deployment_that_signs_in_place_is_asked_itself():
    settings = {"threat_protection": True, "edge_admin_calls": "in_place"}
    with pytest.raises(NotCheckable, match="run with --user"):
        probe(lambda _: pytest.fail("called"), variant="edge", settings=settings)
