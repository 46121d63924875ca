"""The failing side of checks: what they say of a broken deployment, with scripted answers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.registry import CHECKS
from cognito_proxy.smoke.run import perform, plan
from cognito_proxy.smoke.target import AppClient
from cognito_proxy.smoke.verdicts import Failed, NotCheckable, Verdict
from cognito_proxy.smoke.world import Options
from tests.smoke.fakes import (
    CLIENT,
    ENDPOINT,
    ORIGIN,
    POOL,
    SECRET_ARN,
    UPSTREAM,
    check,
    error,
    payload,
    refusal,
    stack,
    success,
    world,
)

NOW = 1_800_000_000.0
NO_HASH = f"Client {CLIENT} is configured with secret but SECRET_HASH was not received"
SECRET_VALUE = {"user_pool_id": POOL, "client_id": CLIENT, "client_secret": "sentinel-of-a-secret"}


def fails(name: str, told: str, *, of=None, **changed) -> Failed:
    with pytest.raises(Failed, match=told) as raised:
        check(name).run(of or world(**changed))
    return raised.value


def passes(name: str, **changed) -> str:
    return check(name).run(world(**changed))


def described(**more):
    return {"VersionIdsToStages": {"one": ["AWSCURRENT"]}, **more}


def value(**changed):
    return {"SecretString": json.dumps(SECRET_VALUE | changed)}


# What answers


@pytest.mark.parametrize(
    "answer", [Answer(status=200, headers={}, body=b"<html>"), Answer(status=403, headers={}, body=b"Missing")]
)
def test_what_is_not_the_proxy_is_told_from_it(answer):
    fails("endpoint", "is not this proxy", answer=lambda *_: answer)


def test_a_function_that_is_not_configured_fails_after_an_endpoint_that_answers():
    def answer(*_):
        return error(500, "InternalErrorException", "The proxy is not configured correctly.")

    assert passes("endpoint", answer=answer)
    assert "may invoke" in (fails("function", "not configured", answer=answer).advice or "")


@pytest.mark.parametrize("granted", [(), ("https://other.example",), (ORIGIN, ORIGIN)])
def test_a_preflight_that_does_not_grant_fails(granted):
    def answer(*_):
        return Answer(
            status=200,
            headers={"access-control-allow-origin": granted, "access-control-allow-headers": ("*",)},
            body=b"",
        )

    fails("preflight-allowed-origin", "access-control-allow-origin", answer=answer)


def test_every_allowed_origin_is_asked():
    def answer(_url, _method, headers):
        granted = (headers["Origin"],) if headers["Origin"] == ORIGIN else ()
        named = {"access-control-allow-origin": granted, "access-control-allow-headers": ("*",)}
        return Answer(status=200, headers=named, body=b"")

    fails(
        "preflight-allowed-origin",
        "https://b.example: 200",
        answer=answer,
        allowed_origins=(ORIGIN, "https://b.example"),
    )


@pytest.mark.parametrize("granted", ["*", "https://cognito-proxy-smoke.example"])
def test_a_foreign_origin_that_may_read_fails(granted):
    def answer(*_):
        return error(400, "NotAuthorizedException", access_control_allow_origin=granted)

    fails("foreign-origin", "access-control-allow-origin", answer=answer)


def test_a_missing_security_header_is_named():
    told = fails("security-headers", "missing", answer=lambda *_: error(400, "A", cache_control="no-store"))
    assert "cache-control" not in str(told)
    assert "x-content-type-options: missing" in str(told)


def test_a_limited_machine_is_no_broken_proxy():
    with pytest.raises(NotCheckable, match="limited just now"):
        passes("function", answer=lambda *_: error(429, "TooManyRequestsException"))


# What is refused


def test_a_direct_call_is_refused_for_want_of_a_hash():
    def answer(url, operation, body):
        assert (url, operation) == (UPSTREAM, "ConfirmSignUp")
        assert "SecretHash" not in body
        return error(400, "NotAuthorizedException", NO_HASH)

    assert NO_HASH in passes("direct-call-refused", answer=answer)


@pytest.mark.parametrize("kind", ["CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"])
def test_a_public_app_client_is_seen_by_how_far_a_direct_call_gets(kind):
    fails("direct-call-refused", f"{CLIENT} is public", answer=lambda *_: error(400, kind))


def test_a_pool_shield_that_blocks_direct_calls_is_fine():
    assert "web ACL" in passes("direct-call-refused", answer=lambda *_: error(403, "ForbiddenException"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("foreign-client-refused", "ResourceNotFoundException"),
        ("administrator-operation-refused", "UnknownOperationException"),
        ("unknown-operation-refused", "UnknownOperationException"),
        ("malformed-body-refused", "SerializationException"),
    ],
)
def test_what_must_be_refused_must_be_so_in_cognito_s_shape(name, kind):
    assert kind in passes(name, answer=lambda *_: error(400, kind))
    fails(name, f"expected 400 {kind}", answer=lambda *_: success({}))
    fails(name, f"expected 400 {kind}", answer=lambda *_: error(500, kind))
    shapeless = Answer(status=400, headers={}, body=json.dumps({"__type": kind}).encode())
    fails(name, f"expected 400 {kind}", answer=lambda *_: shapeless)


def test_a_refusal_that_a_page_cannot_read_fails():
    fails("refusals-readable", "foreign client id: access-control-allow-origin: missing")


# The secret


def test_a_wrong_secret_is_found_by_the_call_that_needs_it():
    def answer(*_):
        return error(400, "NotAuthorizedException", "Unable to verify secret hash for client x")

    assert "is not the app client's" in (fails("app-clients-answer", CLIENT, answer=answer).advice or "")


def test_a_role_that_may_not_read_the_secret_is_found_by_the_call_that_needs_it():
    told = fails("app-clients-answer", "no access", answer=lambda *_: error(500, "InternalErrorException", "no access"))
    assert "GetSecretValue" in (told.advice or "")


@pytest.mark.parametrize(
    ("aws", "told"),
    [
        ({"describe_secret": refusal("DescribeSecret", "ResourceNotFoundException")}, "there is no secret"),
        ({"describe_secret": described(DeletedDate=1)}, "about to be deleted"),
        ({"describe_secret": {"VersionIdsToStages": {}}}, "no current value"),
        (
            {
                "describe_secret": described(),
                "get_secret_value": refusal("GetSecretValue", "ResourceNotFoundException"),
            },
            "no value that the proxy can read",
        ),
        ({"describe_secret": described(), "get_secret_value": {"SecretString": "{}"}}, "no value that the proxy"),
    ],
)
def test_a_secret_that_is_not_there_is_named(aws, told):
    fails("secret", told, aws=aws)


@pytest.mark.parametrize("other", [{"user_pool_id": "eu-west-1_Other"}, {"client_id": "other"}])
def test_another_ones_secret_is_named_without_its_value(other):
    told = fails("secret-belongs", "holds a value of", aws={"get_secret_value": value(**other)})
    assert "sentinel" not in str(told)
    assert next(iter(other.values())) in str(told)


def test_the_value_of_a_secret_is_nowhere_kept():
    a_world = world(aws={"describe_secret": described(), "get_secret_value": value()})
    assert check("secret").run(a_world)
    assert check("secret-belongs").run(a_world)
    assert "sentinel" not in repr(a_world.memory)


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([], "replica in us-east-1 missing"),
        ([{"Region": "us-east-1", "Status": "Failed", "StatusMessage": "no key"}], r"us-east-1 Failed \(no key\)"),
    ],
)
def test_a_replica_that_is_behind_is_named(statuses, told):
    settings = {"replica_regions": ["us-east-1"]}
    fails("secret-replicas", told, settings=settings, aws={"describe_secret": described(ReplicationStatus=statuses)})


def pending(changed: float):
    labels = {"one": ["AWSCURRENT"], "two": ["AWSPENDING"]}
    return {"describe_secret": {"VersionIdsToStages": labels, "LastChangedDate": datetime.fromtimestamp(changed, UTC)}}


def test_a_stuck_rotation_is_told_from_one_under_way():
    with pytest.raises(NotCheckable, match="under way"):
        passes("no-stuck-rotation", aws=pending(NOW - 60), now=NOW)
    fails("no-stuck-rotation", "version two is AWSPENDING", aws=pending(NOW - 3600), now=NOW)


def test_a_version_that_is_both_pending_and_current_is_done():
    aws = {"describe_secret": {"VersionIdsToStages": {"one": ["AWSPENDING", "AWSCURRENT"]}}}
    assert passes("no-stuck-rotation", aws=aws) == "none"


SCHEDULE = {
    "Type": "AWS::SecretsManager::RotationSchedule",
    "Properties": {"SecretId": {"Ref": "Secret"}, "RotationRules": {"AutomaticallyAfterDays": 30}},
}
ROTATING = stack({"Resources": {"Schedule": SCHEDULE}}, {"Secret": SECRET_ARN})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "no rotation schedule"),
        ({"RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": 90}}, "every 90 days, not every 30"),
        (
            {
                "RotationEnabled": True,
                "RotationRules": {"AutomaticallyAfterDays": 30},
                "NextRotationDate": datetime.fromtimestamp(NOW - 3 * 86_400, UTC),
            },
            "was to rotate by",
        ),
    ],
)
def test_a_schedule_that_is_not_the_promised_one_is_named(more, told):
    fails("rotation-schedule", told, stack=ROTATING, aws={"describe_secret": described(**more)}, now=NOW)


FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:rotation"


def rotation_aws(secrets: int, answer):
    return {
        "describe_secret": described(RotationLambdaARN=FUNCTION),
        "list_user_pool_client_secrets": {"ClientSecrets": [{}] * secrets},
        "invoke": answer,
    }


@pytest.mark.proves("smoke-ends-no-secret")
def test_the_rotation_function_is_never_asked_while_it_could_delete_something():
    a_world = world(aws=rotation_aws(2, AssertionError()))
    with pytest.raises(NotCheckable, match="still there"):
        check("rotation-function").run(a_world)
    assert "invoke" not in a_world.clients.called  # type: ignore[union-attr]


def test_the_rotation_function_is_asked_for_what_changes_nothing():
    def invoke(**asked):
        assert asked["FunctionName"] == FUNCTION
        assert json.loads(asked["Payload"]) == {"Step": "endPrevious", "SecretId": SECRET_ARN}
        return payload({"outcome": "nothing", "until": None})

    assert passes("rotation-function", aws=rotation_aws(1, invoke))


def test_a_rotation_function_that_fails_is_quoted():
    answer = payload({"errorMessage": "AccessDenied"}) | {"FunctionError": "Unhandled"}
    fails("rotation-function", "AccessDenied", aws=rotation_aws(1, answer))
    fails("rotation-function", "expected `nothing`", aws=rotation_aws(1, payload({"outcome": "ended"})))


# Settings and app clients


def settings(**changed):
    document = {"user_pool_id": POOL, "clients": {CLIENT: {"secret_arn": SECRET_ARN}}} | changed
    return {"Environment": {"Variables": {"PROXY_SETTINGS": json.dumps(document)}}}


REGIONAL = stack(
    {
        "Resources": {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "proxy.regional.handler"}},
            "Api": {"Type": "AWS::ApiGateway::RestApi"},
            "Stage": {"Type": "AWS::ApiGateway::Stage"},
        }
    },
    {"Function": "function", "Api": "api123", "Stage": "prod"},
)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, "PROXY_SETTINGS is not there"),
        (settings(user_pool_id="eu-west-1_Other"), "another user pool: eu-west-1_Other"),
        (settings(clients={}), f"missing: {CLIENT}"),
        (settings(clients={CLIENT: {"secret_arn": SECRET_ARN}, "x": {}}), "no output names: x"),
        (settings(clients={CLIENT: {"secret_arn": "arn:other"}}), "another secret"),
        ({"Environment": {"Variables": {"PROXY_SETTINGS": "["}}}, "no JSON object"),
    ],
)
def test_settings_that_are_not_the_outputs_are_named(found, told):
    fails("settings", told, stack=REGIONAL, aws={"get_function_configuration": found})


def test_settings_as_the_outputs_say_pass():
    assert passes("settings", stack=REGIONAL, aws={"get_function_configuration": settings()})


def permission(method: str, api: str = "api123"):
    return {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Condition": {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:eu-west-1:1:{api}/prod/{method}/"}},
    }


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ([], "for POST and OPTIONS"),
        ([permission("OPTIONS")], "for POST"),
        ([permission("OPTIONS"), permission("POST", "other")], "for POST"),
    ],
)
def test_a_function_that_nobody_may_invoke_is_named(statements, told):
    policy = {"Policy": json.dumps({"Statement": statements})}
    fails("may-invoke-function", told, stack=REGIONAL, aws={"get_policy": policy})


def test_a_function_without_any_policy_is_named():
    gone = refusal("GetPolicy", "ResourceNotFoundException")
    fails("may-invoke-function", "nobody", stack=REGIONAL, aws={"get_policy": gone})


VERSION_ARN = "arn:aws:lambda:us-east-1:1:function:edge:7"
EDGE_STACK = stack(
    {
        "Resources": {
            "Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {}}},
            "Version": {"Type": "AWS::Lambda::Version"},
            "Headers": {"Type": "AWS::CloudFront::ResponseHeadersPolicy"},
        }
    },
    {"Distribution": "E1", "Version": VERSION_ARN, "Headers": "policy-1"},
)


def edge(*, header=True, version=VERSION_ARN, body=True, policy="policy-1"):
    document = base64.b64encode(
        json.dumps({"user_pool_id": POOL, "clients": {CLIENT: {"secret_arn": SECRET_ARN}}}).encode()
    )
    headers = [{"HeaderName": "x-proxy-settings", "HeaderValue": document.decode()}] if header else []
    runs = {"EventType": "origin-request", "LambdaFunctionARN": version, "IncludeBody": body}
    config = {
        "Origins": {"Items": [{"CustomHeaders": {"Quantity": len(headers), "Items": headers}}]},
        "DefaultCacheBehavior": {
            "LambdaFunctionAssociations": {"Items": [runs] if version else []},
            "ResponseHeadersPolicyId": policy,
        },
    }
    return {
        "variant": "edge",
        "stack": EDGE_STACK,
        "aws": {"get_distribution_config": {"DistributionConfig": config}},
    }


def test_an_edge_as_its_stack_made_it_passes():
    for name in ("settings", "function-version", "response-headers-policy"):
        assert passes(name, **edge())


@pytest.mark.parametrize(
    ("name", "changed", "told"),
    [
        ("settings", {"header": False}, "origin header x-proxy-settings is not there"),
        ("function-version", {"version": ""}, "runs no function"),
        ("function-version", {"version": VERSION_ARN.replace(":7", ":6")}, "edge:6, which is not the stack's"),
        ("function-version", {"body": False}, "does not get the body"),
        ("response-headers-policy", {"policy": ""}, "has none"),
        ("response-headers-policy", {"policy": "other"}, "another one, other"),
    ],
)
def test_an_edge_that_was_edited_is_named(name, changed, told):
    fails(name, told, **edge(**changed))


def pool_aws(*clients: tuple[str, bool]):
    def describe(**asked):
        has_secret = dict(clients)[asked["ClientId"]]
        return {"UserPoolClient": {"ClientSecret": "sentinel-of-a-secret"} if has_secret else {}}

    listed = [{"ClientId": client_id, "ClientName": "mobile"} for client_id, _ in clients]
    return {"list_user_pool_clients": {"UserPoolClients": listed}, "describe_user_pool_client": describe}


def test_a_public_client_that_was_left_in_the_pool_is_named():
    aws = pool_aws((CLIENT, True), ("old", False))
    fails("no-public-client", r"public: old \(mobile\)", aws=aws)
    assert passes("app-clients-have-secrets", aws=aws) == "1 with a secret"


def test_a_proxied_client_without_a_secret_is_named_by_the_check_of_its_own():
    aws = pool_aws((CLIENT, False))
    fails("app-clients-have-secrets", f"without a secret: {CLIENT}", aws=aws)
    assert passes("no-public-client", aws=aws) == "no other app client"


# The firewall

ACL_ARN = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/acl/id"


def with_acl(**aws):
    made = stack(dict(REGIONAL.template), dict(REGIONAL.physical_ids))
    return {"stack": type(made)(**{**vars(made), "outputs": {**made.outputs, "WebAclArn": ACL_ARN}}), "aws": aws}


@pytest.mark.parametrize(
    ("stage", "told"), [({}, "in front stands none"), ({"webAclArn": "arn:other"}, "in front stands arn:other")]
)
def test_a_web_acl_that_is_not_attached_is_named(stage, told):
    fails("web-acl-attached", told, **with_acl(get_stage=stage))


def test_an_attached_web_acl_passes():
    assert passes("web-acl-attached", **with_acl(get_stage={"webAclArn": ACL_ARN})) == "acl"


def test_without_a_web_acl_of_its_own_there_is_nothing_to_check():
    with pytest.raises(NotCheckable, match="no web ACL"):
        passes("web-acl-attached")


def test_from_an_endpoint_alone_it_cannot_be_told_whether_a_firewall_only_counts():
    with pytest.raises(NotCheckable, match="may only count"):
        passes("firewall-stops", stack=None)
    assert passes("firewall-stops", stack=None, answer=lambda *_: error(403, "ForbiddenException"))


# Acting


def flooded(after: int, *, flood: int):
    asked = []

    def answer(*_):
        asked.append(1)
        return error(429, "TooManyRequestsException") if len(asked) > after else error(400, "ResourceNotFoundException")

    rule = {
        "Name": "SignUpRateLimit",
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {"Limit": 50}},
    }
    acl = {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [rule]}}
    return world(answer=answer, options=Options(flood=flood), stack=stack({"Resources": {"Acl": acl}})), asked


@pytest.mark.proves("smoke-flood-bounded")
def test_a_flood_ends_as_soon_as_it_is_stopped():
    a_world, asked = flooded(60, flood=200)
    assert check("flood-stopped").run(a_world) == "blocked from request 61 on; the rule's limit is 50"
    assert len(asked) == 61
    assert {url for url, _ in a_world.http.asked} == {ENDPOINT}  # type: ignore[attr-defined]


def test_a_flood_that_is_noticed_late_is_waited_for():
    a_world, _ = flooded(210, flood=200)
    assert check("flood-stopped").run(a_world).startswith("blocked some time after 200 requests")


def test_a_flood_that_gets_through_fails_and_is_bounded():
    a_world, asked = flooded(10_000, flood=200)
    fails("flood-stopped", "200 requests of one address got through", of=a_world)
    assert len(asked) < 250


@pytest.mark.parametrize(("after", "flood", "told"), [(0, 200, "limited already"), (60, 50, "give more")])
def test_a_flood_that_shows_nothing_is_no_proof(after, flood, told):
    a_world, _ = flooded(after, flood=flood)
    with pytest.raises(NotCheckable, match=told):
        check("flood-stopped").run(a_world)


# All of it


@pytest.mark.proves("not-checkable-not-passed")
def test_an_endpoint_alone_makes_no_call_of_aws_and_nothing_of_it_counts_as_passed():
    a_world = world(
        stack=None,
        user_pool_id=None,
        variant=None,
        app_clients=(AppClient(client_id=CLIENT),),
        answer=lambda *_: error(400, "NotAuthorizedException", "Invalid Access Token"),
    )
    a_world.clients = None
    results = {
        each.check.name: each
        for each in perform(a_world, plan(a_world, CHECKS, skip=["dns", "tls", "old-tls-refused"]))
    }
    assert results["function"].verdict is Verdict.PASSED
    for name in ("settings", "secret", "web-acl-attached", "log-line", "no-public-client"):
        assert (results[name].verdict, results[name].evidence) == (
            Verdict.NOT_CHECKABLE,
            "needs --stack, and AWS credentials",
        )
