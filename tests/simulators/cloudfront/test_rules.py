"""Each documented restriction on a function's answer, broken by a handler that the simulator has to catch."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.simulators.cloudfront.event import Event
from local.simulators.cloudfront.rules import ALL_RULES, GeneratedResponse, OnwardRequest, Refused, check
from tests.simulators.cloudfront.samples import load_handler, sample_event, viewer_request, write_handler

BIG = viewer_request(body=b"x" * 1_100_000)
PREFLIGHT = viewer_request(method="OPTIONS", body=b"", headers=(("Origin", "https://app.example.com"),))
CONDITIONAL = viewer_request(headers=(("If-None-Match", '"1"'), ("Accept-Encoding", "gzip"), ("Content-Length", "2")))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A handler that breaks a rule."""

    rule_id: str
    code: str
    event: Event
    also: frozenset[str] = frozenset()
    """Further rules that the same mistake breaks."""


def case(rule_id: str, code: str, *also: str, viewer: Any = None) -> Any:
    event = sample_event(viewer)
    return pytest.param(Case(rule_id=rule_id, code=code, event=event, also=frozenset(also)), id=rule_id)


def header_cases(prefix: str, headers: str, after: str) -> list[Any]:
    """The rules on the shape of headers, in the place that an expression names."""
    codes = {
        "array": f"{headers}['x-one'] = {{'value': '1'}}",
        "entry": f"{headers}['x-one'] = [{{'value': 1}}]",
        "lower-case": f"{headers}['X-One'] = [{{'value': '1'}}]",
        "key": f"{headers}['x-one'] = [{{'key': 'X-Two', 'value': '1'}}]",
        "name": f"{headers}['x one'] = [{{'value': '1'}}]",
        "value": f"{headers}['x-one'] = [{{'value': '1\\r\\nx-two: 2'}}]",
        "disallowed": f"{headers}['x-amzn-errortype'] = [{{'value': '1'}}]",
    }
    return [
        case(f"{prefix}.{name}", f"response = {{'status': '400', 'headers': {{}}}}\n{code}\n{after}")
        for name, code in codes.items()
    ]


CASES = [
    case("result.object", "return None"),
    # A request that goes on
    case("request.member", "request['cookies'] = {}"),
    case("request.missing", "del request['querystring']"),
    case("request.method", "request['method'] = 'GET'"),
    case("request.client-ip", "request['clientIp'] = '198.51.100.1'"),
    case("uri.string", "request['uri'] = 1"),
    case("uri.slash", "request['uri'] = 'sign-up'"),
    case("uri.characters", "request['uri'] = '/sign up'"),
    case("uri.size", "request['uri'] = '/' * 8192"),
    case("querystring.string", "request['querystring'] = {}"),
    case("querystring.characters", "request['querystring'] = 'a=1#b'"),
    case("headers.object", "request['headers'] = []", "headers.read-only"),
    *header_cases("headers", "request['headers']", "return request"),
    case("headers.read-only", "request['headers']['via'] = [{'value': '1.1 me'}]"),
    # Its body
    case("body.object", "request['body'] = '{}'"),
    case("body.exposed", "request['body'] = {'action': 'replace', 'data': ''}", viewer=PREFLIGHT),
    case("body.member", "request['body']['size'] = 2"),
    case("body.action", "request['body']['action'] = 'append'"),
    case("body.input-truncated", "request['body']['inputTruncated'] = False", viewer=BIG),
    case("body.truncated-replaced", "request['body'].update(action='replace', data='')", viewer=BIG),
    case("body.encoding", "request['body'].update(action='replace', encoding='gzip')"),
    case("body.data", "request['body'].update(action='replace', encoding='text', data={})"),
    case("body.base64", "request['body'].update(action='replace', data='{}')"),
    case("body.text-size", "request['body'].update(action='replace', encoding='text', data='x' * 1000001)"),
    case("body.base64-size", "request['body'].update(action='replace', data='AAAA' * 332501)"),
    # Its origin
    case("origin.custom", "request['origin'] = {'s3': {}}"),
    case("origin.member", "custom['hostHeader'] = 'example.com'"),
    case("origin.missing", "del custom['readTimeout']"),
    case("origin.domain-name", "custom['domainName'] = '192.0.2.1'"),
    case("origin.keepalive-timeout", "custom['keepaliveTimeout'] = 61"),
    case("origin.read-timeout", "custom['readTimeout'] = 3"),
    case("origin.path", "custom['path'] = '/v1/'"),
    case("origin.port", "custom['port'] = 1023"),
    case("origin.protocol", "custom['protocol'] = 'h2'"),
    case("origin.ssl-protocols", "custom['sslProtocols'] = ['TLSv1.3']"),
    case("custom-headers.object", "custom['customHeaders'] = None"),
    *header_cases("custom-headers", "custom['customHeaders']", "return request"),
    case("custom-headers.in-both", "request['headers']['x-proxy-settings'] = [{'value': '1'}]"),
    case("custom-headers.forbidden", "custom['customHeaders']['x-amz-one'] = [{'value': '1'}]"),
    case("custom-headers.read-only", "custom['customHeaders']['cdn-loop'] = [{'value': '1'}]"),
    case("custom-headers.count", "custom['customHeaders'] = {f'x-{n}': [{'value': '1'}] for n in range(31)}"),
    case("custom-headers.name-size", "custom['customHeaders']['x' * 257] = [{'value': '1'}]"),
    case("custom-headers.value-size", "custom['customHeaders']['x-one'] = [{'value': '1' * 1784}]"),
    case("custom-headers.total-size", "custom['customHeaders'] = {f'x{n}': [{'value': 'x' * 1700}] for n in range(7)}"),
    # A generated response
    case("response.member", "return {'status': '400', 'statusCode': 400}"),
    case("response.status-string", "return {'status': 400}"),
    case("response.status-range", "return {'status': '600'}"),
    case("response.status-description", "return {'status': '400', 'statusDescription': None}"),
    case("response.status-line", "return {'status': '400', 'statusDescription': 'Bad\\r\\nSet-Cookie: a=b'}"),
    case("response.body", "return {'status': '400', 'body': {'message': 'no'}}"),
    case("response.body-encoding", "return {'status': '400', 'body': '', 'bodyEncoding': 'json'}"),
    case("response.base64", "return {'status': '400', 'body': '{}', 'bodyEncoding': 'base64'}"),
    case("response.no-content", "return {'status': '204', 'body': 'none'}"),
    case("response.size", "return {'status': '400', 'body': 'x' * 1000001}"),
    case("response-headers.object", "return {'status': '400', 'headers': []}"),
    *header_cases("response-headers", "response['headers']", "return response"),
    case("response-headers.read-only", "return {'status': '400', 'headers': {'content-length': [{'value': '0'}]}}"),
]  # fmt: skip


def violated(event: Event, folder: Path, code: str) -> set[str]:
    """Ids of the rules that the handler's answer breaks, both taken through JSON as on their way to and from Lambda."""
    handler = load_handler(write_handler(folder, code))
    answer = json.loads(json.dumps(handler(json.loads(json.dumps(event)), None)))
    decision = check(event["Records"][0]["cf"]["request"], answer)
    return {violation.rule.rule_id for violation in decision.violations} if isinstance(decision, Refused) else set()


@pytest.mark.parametrize("broken", CASES)
def test_catches_a_handler_that_breaks(broken: Case, tmp_path: Path) -> None:
    assert violated(broken.event, tmp_path, broken.code) == {broken.rule_id} | broken.also


def test_every_rule_has_a_handler_that_breaks_it() -> None:
    assert {param.id for param in CASES} == {rule.rule_id for rule in ALL_RULES}


def test_no_two_rules_share_an_id() -> None:
    assert len({rule.rule_id for rule in ALL_RULES}) == len(ALL_RULES)


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "Expect",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Trailer",
        "Upgrade",
        "X-Accel-Buffering",
        "X-Accel-Charset",
        "X-Accel-Limit-Rate",
        "X-Accel-Redirect",
        "X-Amz-Cf-Id",
        "X-Amz-Cf-Anything",
        "X-Amzn-Auth",
        "X-Amzn-Cf-Billing",
        "X-Amzn-Cf-Id",
        "X-Amzn-Cf-Xff",
        "X-Amzn-Errortype",
        "X-Amzn-Fle-Profile",
        "X-Amzn-Header-Count",
        "X-Amzn-Header-Order",
        "X-Amzn-Lambda-Integration-Tag",
        "X-Amzn-RequestId",
        "X-Cache",
        "X-Edge-Anything",
        "X-Forwarded-Proto",
        "X-Real-IP",
    ],
)
@pytest.mark.parametrize("place", ["headers", "custom-headers", "response-headers"])
def test_catches_each_disallowed_header(name: str, place: str, tmp_path: Path) -> None:
    entry = f"{{{name.lower()!r}: [{{'key': {name!r}, 'value': '1'}}]}}"
    code = {
        "headers": f"request['headers'].update({entry})",
        "custom-headers": f"custom['customHeaders'] = {entry}",
        "response-headers": f"return {{'status': '400', 'headers': {entry}}}",
    }[place]
    assert f"{place}.disallowed" in violated(sample_event(), tmp_path, code)


@pytest.mark.parametrize(
    "name",
    [
        "accept-encoding",
        "cdn-loop",
        "content-length",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "transfer-encoding",
        "via",
    ],
)
@pytest.mark.parametrize("deed", ["adds", "changes", "deletes"])
def test_catches_whoever_touches_a_read_only_header(name: str, deed: str, tmp_path: Path) -> None:
    event = copy.deepcopy(sample_event())
    headers = event["Records"][0]["cf"]["request"]["headers"]
    headers.pop(name, None)
    if deed != "adds":
        headers[name] = [{"key": name, "value": "1"}]
    code = (
        f"del request['headers'][{name!r}]"
        if deed == "deletes"
        else f"request['headers'][{name!r}] = [{{'value': '2'}}]"
    )
    assert violated(event, tmp_path, code) == {"headers.read-only"}


@pytest.mark.parametrize(
    "name",
    [
        "cache-control", "cookie", "host", "if-match", "max-forwards", "pragma", "range", "request-range", "te",
        "x-amz-anything", "x-edge-anything",
    ],
)  # fmt: skip
def test_catches_each_header_that_cannot_be_an_origin_custom_header(name: str, tmp_path: Path) -> None:
    code = f"custom['customHeaders'] = {{{name!r}: [{{'value': '1'}}]}}"
    assert "custom-headers.forbidden" in violated(sample_event(), tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "request['headers']['host'] = [{'key': 'Host', 'value': 'example.com'}]",
        "request['headers']['x-amz-target'] = [{'key': 'X-Amz-Target', 'value': 'Service.Operation'}]",
        "del request['headers']['x-amz-target']",
        "request['headers']['x-new'] = [{'value': 'no key'}]",
        "custom['customHeaders'] = {}",
        "request['body'].update(action='replace', encoding='text', data='x' * 1000000)",
        "request['body'].update(action='replace', encoding='base64', data='AAAA' * 332500)",
        "request['body'].pop('data')",
        "request.pop('body')",
        "request['uri'] = '/' + 'x' * 8190",
        "custom.update(domainName='x' * 253, port=1024, path='/v1', readTimeout=60, keepaliveTimeout=1)",
        "custom['customHeaders'] = {f'x-{n}': [{'value': '1'}] for n in range(30)}",
        "custom['customHeaders'] = {'x' * 256: [{'value': '1' * 1783}]}",
        "return {'status': '200'}",
        "return {'status': '599', 'body': 'AAAA', 'bodyEncoding': 'base64', 'statusDescription': 'Sorry'}",
        "return {'status': '204', 'headers': {'x-one': [{'value': '1'}, {'value': '2'}]}}",
        "return {'status': '400', 'body': 'x' * 1000000}",
    ],
)
def test_lets_pass_what_is_just_within_the_rules(code: str, tmp_path: Path) -> None:
    assert violated(sample_event(), tmp_path, code) == set()


def test_conditional_headers_pass_untouched(tmp_path: Path) -> None:
    assert violated(sample_event(CONDITIONAL), tmp_path, "") == set()


def test_a_violation_names_the_rule_its_sentence_and_its_source_but_no_value() -> None:
    event = sample_event()["Records"][0]["cf"]["request"]
    answer = json.loads(json.dumps(event))
    answer["headers"]["x-amzn-errortype"] = [{"key": "x-amzn-errortype", "value": "hush"}]
    decision = check(event, answer)
    assert isinstance(decision, Refused)
    (violation,) = decision.violations
    assert str(violation) == (
        "[headers.disallowed] a function must not add a disallowed header: x-amzn-errortype "
        "(edge-function-restrictions-all)"
    )


def test_an_edited_body_that_stays_read_only_is_ignored_and_remarked() -> None:
    event = sample_event()["Records"][0]["cf"]["request"]
    answer = json.loads(json.dumps(event))
    answer["body"]["data"] = "e30K"
    decision = check(event, answer)
    assert isinstance(decision, OnwardRequest)
    assert decision.body is None
    assert len(decision.remarks) == 1


def test_a_replaced_body_is_decoded() -> None:
    event = sample_event()["Records"][0]["cf"]["request"]
    answer = json.loads(json.dumps(event))
    answer["body"].update(action="replace", data="aGVsbG8=")
    decision = check(event, answer)
    assert isinstance(decision, OnwardRequest)
    assert decision.body == b"hello"


def test_a_generated_header_without_a_key_gets_initial_capitals() -> None:
    event = sample_event()["Records"][0]["cf"]["request"]
    decision = check(event, {"status": "302", "headers": {"content-type": [{"value": "text/plain"}]}})
    assert isinstance(decision, GeneratedResponse)
    assert decision.headers == (("Content-Type", "text/plain"),)


def test_text_that_is_no_unicode_breaks_a_rule_and_not_the_simulator() -> None:
    event = sample_event()["Records"][0]["cf"]["request"]
    answer = json.loads(json.dumps(event))
    answer["headers"]["x-one"] = [{"value": "\ud800"}]
    assert isinstance(check(event, answer), Refused)
    assert isinstance(check(event, {"status": "200", "body": "\ud800"}), GeneratedResponse)
