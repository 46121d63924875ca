"""What of headers goes through CloudFront: towards the function, towards the origin and back. Without any server."""

import base64
from typing import Any

import pytest

from local.simulators.cloudfront import UnmatchedOrigin, ViewerCopies
from local.simulators.cloudfront.environment import FunctionSettings
from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.onward import returned_headers
from local.simulators.cloudfront.request_policy import MANAGED_ORIGIN_REQUEST_POLICIES, OriginRequestPolicy, Selection
from local.simulators.cloudfront.response_headers import apply_policy
from local.simulators.cloudfront.response_policy import AddedHeader, Cors, ResponseHeadersPolicy
from local.simulators.cloudfront.viewer import origin_headers, origin_querystring
from local.simulators.common.http import Headers, values_of
from tests.simulators.cloudfront.samples import ORIGIN_DOMAIN, sample_behaviour, sample_event, viewer_request

EXCEPT_HOST = MANAGED_ORIGIN_REQUEST_POLICIES["b689b0a8-53d0-40ab-baf2-68738e2966ac"]
ALL_VIEWER = MANAGED_ORIGIN_REQUEST_POLICIES["216adef6-5c7f-47e4-b989-5492eafa07d3"]
NOTHING = OriginRequestPolicy(
    headers=Selection(behavior="none"), cookies=Selection(behavior="none"), query_strings=Selection(behavior="none")
)
APP = "https://app.example.com"


def onward(
    *headers: tuple[str, str], policy: OriginRequestPolicy = EXCEPT_HOST, copies: ViewerCopies = ViewerCopies.VISIBLE
) -> Headers:
    return origin_headers(
        viewer_request(headers=(("Host", "edge.example.com"), *headers)),
        policy=policy,
        origin=sample_behaviour().origin,
        copies=copies,
        edge_host="edge.cloudfront.net",
    )


def test_the_host_is_the_origins_unless_the_policy_forwards_the_viewers() -> None:
    assert values_of(onward(), "host") == [ORIGIN_DOMAIN]
    assert values_of(onward(policy=ALL_VIEWER), "host") == ["edge.example.com"]


def test_the_true_address_is_appended_to_what_the_viewer_claims() -> None:
    assert values_of(onward(), "x-forwarded-for") == ["203.0.113.178"]
    assert values_of(onward(("X-Forwarded-For", "192.0.2.4")), "x-forwarded-for") == ["192.0.2.4,203.0.113.178"]


def test_a_via_is_added() -> None:
    assert values_of(onward(("Via", "1.0 fred")), "via") == ["1.0 fred, 1.1 edge.cloudfront.net (CloudFront)"]


def test_the_user_agent_is_cloudfronts_when_the_policy_does_not_forward_it() -> None:
    agent = ("User-Agent", "curl/8")
    assert values_of(onward(agent), "user-agent") == ["curl/8"]
    assert values_of(onward(agent, policy=NOTHING), "user-agent") == ["Amazon CloudFront"]


@pytest.mark.parametrize(
    "name",
    ["Connection", "Keep-Alive", "Proxy-Authorization", "TE", "Upgrade", "Expect", "X-Edge-Location", "X-Amz-Cf-Id",
     "X-Forwarded-Proto", "X-Real-IP", "X-Amzn-RequestId"],
)  # fmt: skip
def test_headers_of_the_connection_and_of_cloudfront_do_not_pass(name: str) -> None:
    assert values_of(onward((name, "1")), name.lower()) == []


def test_repeated_headers_stay_apart_and_keep_their_case() -> None:
    event = sample_event(viewer_request(headers=(("X-One", "1"), ("x-ONE", "2"))))
    assert event["Records"][0]["cf"]["request"]["headers"]["x-one"] == [
        {"key": "X-One", "value": "1"},
        {"key": "x-ONE", "value": "2"},
    ]


def test_without_a_policy_only_the_bodys_length_passes() -> None:
    headers = onward(("Authorization", "x"), ("Cookie", "a=b"), ("Content-Length", "2"), policy=NOTHING)
    assert {name for name, _ in headers} == {"X-Forwarded-For", "User-Agent", "Via", "Host", "Content-Length"}


@pytest.mark.parametrize(("copies", "seen"), [(ViewerCopies.VISIBLE, ["forged"]), (ViewerCopies.HIDDEN, [])])
def test_a_viewers_copy_of_an_origin_custom_header_is_seen_or_not(copies: ViewerCopies, seen: list[str]) -> None:
    assert values_of(onward(("X-Proxy-Settings", "forged"), copies=copies), "x-proxy-settings") == seen


def test_cookies_and_query_strings_pass_as_the_policy_selects_them() -> None:
    chosen = Selection(behavior="whitelist", names=frozenset({"a"}))
    policy = OriginRequestPolicy(headers=chosen, cookies=chosen, query_strings=chosen)
    assert values_of(onward(("Cookie", "a=1; b=2"), policy=policy), "cookie") == ["a=1"]
    assert origin_querystring("a=1&b=2&%61=3", policy) == "a=1&%61=3"
    assert origin_querystring("a=1&b=2", EXCEPT_HOST) == "a=1&b=2"


def test_the_event_has_the_documented_form() -> None:
    (record,) = sample_event(viewer_request(query="a=1"))["Records"]
    request = record["cf"]["request"]
    assert record["cf"]["config"] == {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "origin-request",
        "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
    }
    assert (request["clientIp"], request["method"], request["uri"], request["querystring"]) == (
        "203.0.113.178",
        "POST",
        "/",
        "a=1",
    )
    assert request["body"] == {"action": "read-only", "data": "e30=", "encoding": "base64", "inputTruncated": False}
    custom = request["origin"]["custom"]
    assert {name: value for name, value in custom.items() if name != "customHeaders"} == {
        "domainName": ORIGIN_DOMAIN,
        "keepaliveTimeout": 30,
        "path": "",
        "port": 443,
        "protocol": "https",
        "readTimeout": 20,
        "sslProtocols": ["TLSv1.2"],
    }
    assert [entry["key"] for entry in custom["customHeaders"]["x-proxy-settings"]] == ["x-proxy-settings"]


def test_a_large_body_is_truncated_and_said_to_be() -> None:
    body = sample_event(viewer_request(body=b"x" * 1_000_001))["Records"][0]["cf"]["request"]["body"]
    assert body["inputTruncated"]
    assert len(base64.b64decode(body["data"])) == 1_000_000


def test_preflight_has_no_body_in_its_event() -> None:
    assert "body" not in sample_event(viewer_request(method="OPTIONS"))["Records"][0]["cf"]["request"]


def test_what_belongs_to_the_connection_does_not_come_back() -> None:
    origin: Headers = (("Connection", "close"), ("Content-Length", "2"), ("Set-Cookie", "a=b"), ("X-One", "1"))
    assert returned_headers(origin, EXCEPT_HOST) == (("Set-Cookie", "a=b"), ("X-One", "1"))
    assert returned_headers(origin, NOTHING) == (("X-One", "1"),)


def test_vary_keeps_only_what_is_forwarded() -> None:
    vary = (("Vary", "Origin, Accept-Encoding"),)
    assert returned_headers(vary, EXCEPT_HOST) == vary
    assert returned_headers(vary, NOTHING) == (("Vary", "Accept-Encoding"),)
    assert returned_headers((("Vary", "Origin"),), NOTHING) == ()


def cors(**changes: Any) -> ResponseHeadersPolicy:
    values: dict[str, Any] = {
        "allow_origins": (APP,),
        "allow_headers": ("content-type", "x-amz-target"),
        "allow_methods": ("POST",),
        "expose_headers": ("x-amzn-errortype",),
        "allow_credentials": False,
        "max_age": 600,
        "override": True,
    }
    return ResponseHeadersPolicy(cors=Cors(**{**values, **changes}))


SIMPLE = {"access-control-allow-origin": APP, "access-control-expose-headers": "x-amzn-errortype"}
PREFLIGHT = {
    **SIMPLE,
    "access-control-allow-headers": "content-type,x-amz-target",
    "access-control-allow-methods": "POST",
    "access-control-max-age": "600",
}
STAR = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Max-Age", "172800"))
FROM_ORIGIN = {"access-control-allow-origin": "*", "access-control-max-age": "172800"}
ASKING = (("Origin", APP), ("Access-Control-Request-Method", "POST"))
DROP = UnmatchedOrigin.DROPS_ORIGINS_HEADERS
KEEP = UnmatchedOrigin.KEEPS_ORIGINS_HEADERS
EVIL = (("Origin", "https://evil.example.net"),)

TABLE: dict[str, tuple[ResponseHeadersPolicy, str, Headers, Headers, UnmatchedOrigin, dict[str, str]]] = {
    "no origin, no CORS": (cors(), "POST", (), (), KEEP, {}),
    "no origin, the origin's own stay": (cors(), "POST", (), STAR, KEEP, FROM_ORIGIN),
    "simple request": (cors(), "POST", (("Origin", APP),), (), KEEP, SIMPLE),
    "preflight": (cors(), "OPTIONS", ASKING, (), KEEP, PREFLIGHT),
    "OPTIONS that is no preflight": (cors(), "OPTIONS", (("Origin", APP),), (), KEEP, SIMPLE),
    "preflight, overriding": (cors(), "OPTIONS", ASKING, STAR, KEEP, PREFLIGHT),
    "preflight, not overriding": (cors(override=False), "OPTIONS", ASKING, STAR, KEEP, {**PREFLIGHT, **FROM_ORIGIN}),
    "overriding only what the policy has": (
        cors(max_age=None), "OPTIONS", ASKING, STAR, KEEP, {**PREFLIGHT, "access-control-max-age": "172800"},
    ),
    "any origin": (cors(allow_origins=("*",)), "POST", EVIL, (), KEEP, {**SIMPLE, "access-control-allow-origin": "*"}),
    "credentials": (
        cors(allow_credentials=True), "POST", (("Origin", APP),), (), KEEP,
        {**SIMPLE, "access-control-allow-credentials": "true"},
    ),
    "foreign origin": (cors(), "POST", EVIL, (), KEEP, {}),
    "foreign origin, strict reading": (cors(), "POST", EVIL, STAR, KEEP, FROM_ORIGIN),
    "foreign origin, other reading": (cors(), "POST", EVIL, STAR, DROP, {}),
    "foreign origin, not overriding": (cors(override=False), "POST", EVIL, STAR, DROP, FROM_ORIGIN),
    "subdomain": (
        cors(allow_origins=("https://*.example.com",)), "POST", (("Origin", APP),), (), KEEP, SIMPLE,
    ),
    "subdomain of another scheme": (
        cors(allow_origins=("http://*.example.com",)), "POST", (("Origin", APP),), (), KEEP, {},
    ),
    "a name that only ends alike": (
        cors(allow_origins=("https://*.example.com",)), "POST", (("Origin", "https://badexample.com"),), (), KEEP, {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", TABLE)
def test_cors_of_the_response_headers_policy(row: str) -> None:
    policy, method, request_headers, origin, unmatched, expected = TABLE[row]
    headers = apply_policy(origin, policy, method=method, request_headers=request_headers, unmatched=unmatched)
    assert sorted((name.lower(), value) for name, value in headers) == sorted(expected.items())


def test_a_policy_that_removes_cors_headers_is_safe_in_both_readings() -> None:
    policy = ResponseHeadersPolicy(cors=cors().cors, removed=("Access-Control-Allow-Origin", "Access-Control-Max-Age"))
    for unmatched in UnmatchedOrigin:
        assert apply_policy(STAR, policy, method="POST", request_headers=EVIL, unmatched=unmatched) == ()


@pytest.mark.parametrize(
    ("override", "origin", "expected"),
    [
        (True, (("cache-control", "public"),), (("Cache-Control", "no-store"),)),
        (False, (("cache-control", "public"),), (("cache-control", "public"),)),
        (True, (), (("Cache-Control", "no-store"),)),
        (False, (), (("Cache-Control", "no-store"),)),
    ],
)
def test_added_headers_win_only_when_they_override(override: bool, origin: Headers, expected: Headers) -> None:
    policy = ResponseHeadersPolicy(added=(AddedHeader(name="Cache-Control", value="no-store", override=override),))
    assert apply_policy(origin, policy, method="POST", request_headers=()) == expected


def test_removal_comes_before_addition() -> None:
    added = AddedHeader(name="X-One", value="policy", override=False)
    policy = ResponseHeadersPolicy(added=(added,), removed=("x-one", "x-powered-by"))
    origin = (("X-One", "origin"), ("X-Powered-By", "me"))
    assert apply_policy(origin, policy, method="POST", request_headers=()) == (("X-One", "policy"),)


def test_refuses_environment_variables_that_are_no_local_extras() -> None:
    with pytest.raises(EdgeSimulatorError, match="PROXY_SETTINGS"):
        FunctionSettings(handler="subject.handler", extras={"PROXY_SETTINGS": "{}"})
