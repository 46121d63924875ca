"""The running simulator, with handlers in processes of their own behind the real Lambda runtime client."""

import asyncio
import gzip
import json
import os
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from aiohttp.test_utils import TestClient, TestServer

from local.simulators.cloudfront import (
    EdgeConfig,
    EdgeServer,
    EdgeSimulatorError,
    NotSimulatedError,
    ViewerCopies,
)
from local.simulators.cloudfront.environment import CREDENTIALS
from local.simulators.common.http import DEFAULT_BLOCK, HttpRequest, HttpResponse, TurnedAway
from local.simulators.common.journal import Journal
from tests.simulators.cloudfront.conftest import RecordingOrigin, StartEdge, served
from tests.simulators.cloudfront.samples import (
    ORIGIN_DOMAIN,
    distribution_config,
    handler_source,
    sample_behaviour,
    sample_template,
    write_handler,
)

TARGET = {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp", "Content-Type": "application/x-amz-json-1.1"}
ANSWER = "return {{'status': '200', 'body': json.dumps({})}}"
REWRITE = """\
del custom['customHeaders']['x-proxy-settings']
body = json.loads(base64.b64decode(request['body']['data']))
body['SecretHash'] = 'proof'
request['body'].update(action='replace', encoding='text', data=json.dumps(body))
request['headers']['x-amz-target'] = [{'key': 'X-Amz-Target', 'value': 'Service.Other'}]"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_rewritten_request_reaches_the_origin(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    edge = start_edge(REWRITE)
    response = edge.call(path="/?a=1", data=b'{"Username": "jane"}', headers=TARGET)
    assert (response.status_code, response.json()) == (200, {"ok": True})
    method, path, _, body = origin.requests[-1]
    assert (method, path, json.loads(body)) == ("POST", "/?a=1", {"Username": "jane", "SecretHash": "proof"})
    assert origin.header("x-amz-target") == "Service.Other"
    assert origin.header("host") == ORIGIN_DOMAIN
    assert origin.header("content-length") == str(len(body))
    assert origin.header("x-proxy-settings") is None
    assert origin.header("x-amz-cf-id") == response.headers["X-Amz-Cf-Id"]
    assert origin.header("x-forwarded-for") == "127.0.0.1"


def test_origin_custom_headers_overwrite_the_viewers(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    edge = start_edge(viewer_copies=ViewerCopies.HIDDEN)
    assert edge.call(headers={"X-Proxy-Settings": "forged"}).status_code == 200
    assert [value for name, value in origin.requests[-1][2] if name.lower() == "x-proxy-settings"] != ["forged"]
    assert origin.header("x-proxy-settings") == "eyJyZWdpb24iOiAiZXUtd2VzdC0xIn0="


def test_a_visible_copy_that_the_handler_leaves_in_place_fails(start_edge: StartEdge) -> None:
    edge = start_edge(viewer_copies=ViewerCopies.VISIBLE)
    assert edge.call(headers={"X-Proxy-Settings": "forged"}).status_code == 502
    assert edge.server.traces[-1].violations == ("custom-headers.in-both",)


def test_the_host_header_can_be_another_one(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    start_edge(origin_host="localhost").call()
    assert origin.header("host") == "localhost"


def test_a_header_beyond_ascii_reaches_the_origin_byte_by_byte(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    assert start_edge().call(headers={"User-Agent": "Jané".encode()}).status_code == 200
    assert origin.header("user-agent") == "Jané"


def test_connections_to_the_origin_are_kept_alive(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    edge = start_edge()
    for _ in range(5):
        assert edge.call(data=b"{}").status_code == 200
    assert len(origin.requests) == 5
    assert len(origin.peers) == 1
    assert edge.server.pool.started == 1


def test_a_generated_response_goes_to_the_viewer(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    edge = start_edge(
        "return {'status': '400', 'statusDescription': 'No', 'body': '{}',"
        " 'headers': {'content-type': [{'value': 'application/x-amz-json-1.1'}]}}"
    )
    response = edge.call(data=b"{}")
    assert (response.status_code, response.reason, response.text) == (400, "No", "{}")
    assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert response.headers["X-Cache"] == "LambdaGeneratedResponse from cloudfront"
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert origin.requests == []


def test_a_broken_rule_is_answered_with_502_and_the_reason(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    edge = start_edge("request['headers']['x-amzn-errortype'] = [{'value': 'hush'}]")
    response = edge.call(data=b"{}")
    assert response.status_code == 502
    assert "[headers.disallowed] a function must not add a disallowed header: x-amzn-errortype" in response.text
    assert "hush" not in response.text
    assert response.headers["X-Cache"] == "LambdaValidationError from cloudfront"
    assert edge.server.traces[-1].violations == ("headers.disallowed",)
    assert origin.requests == []


def test_a_crash_is_answered_with_503_and_its_kind_only(start_edge: StartEdge) -> None:
    edge = start_edge("raise KeyError('hunter2')")
    response = edge.call(data=b"{}")
    assert (response.status_code, response.headers["X-Cache"]) == (503, "LambdaExecutionError from cloudfront")
    assert "KeyError" in response.text
    assert "hunter2" not in response.text
    assert any("KeyError" in line for line in edge.server.function_log)


def test_a_process_that_ends_is_answered_with_503_and_replaced(start_edge: StartEdge, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    edge = start_edge(f"if not os.path.exists({str(flag)!r}):\n    open({str(flag)!r}, 'w').close()\n    os._exit(3)")
    assert "status 3" in edge.call(data=b"{}").text
    assert edge.call(data=b"{}").status_code == 200
    assert edge.server.pool.started == 2


def test_a_function_that_cannot_be_initialized_is_answered_with_503(start_edge: StartEdge, tmp_path: Path) -> None:
    asset = tmp_path / "broken"
    asset.mkdir()
    (asset / "subject.py").write_text("import no_such_module\n", encoding="utf-8")
    response = start_edge(asset=asset).call(data=b"{}")
    assert response.status_code == 503
    assert "could not be initialized: Runtime.ImportModuleError" in response.text


def test_a_timeout_is_answered_with_503_and_ends_the_process(start_edge: StartEdge) -> None:
    template = sample_template()
    template["Resources"]["Function"]["Properties"]["Timeout"] = 1
    edge = start_edge("time.sleep(60)", template=template)
    response = edge.call(data=b"{}")
    assert response.status_code == 503
    assert "Task timed out after 1.00 seconds" in response.text
    assert edge.server.pool.pids == []


def test_the_environment_holds_what_lambda_gives_and_nothing_else(
    start_edge: StartEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", "leaked")
    names = dict.fromkeys(CREDENTIALS, "dummy")
    extras = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:1"}
    edge = start_edge(ANSWER.format("sorted(os.environ)"), credentials=names, extras=extras, region="eu-central-1")
    lambdas = {
        "_HANDLER", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION",
        "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "PATH", "PYTHONPATH", "TZ", "_X_AMZN_TRACE_ID",
    }  # fmt: skip
    assert set(edge.call(data=b"{}").json()) - {"LC_CTYPE"} == lambdas | set(CREDENTIALS) | set(extras)


def test_a_function_cannot_import_this_machines_packages(start_edge: StartEdge) -> None:
    edge = start_edge("import aiohttp")
    assert "ModuleNotFoundError" in edge.call(data=b"{}").text


def test_the_invocation_tells_its_arn_and_deadline(start_edge: StartEdge) -> None:
    edge = start_edge(ANSWER.format("[context.invoked_function_arn, context.get_remaining_time_in_millis()]"))
    arn, remaining = edge.call(data=b"{}").json()
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:Function:1"
    assert 3_000 < remaining <= 5_000


def test_new_credentials_reach_new_workers(start_edge: StartEdge) -> None:
    edge = start_edge(ANSWER.format("os.environ['AWS_ACCESS_KEY_ID']"), credentials={"AWS_ACCESS_KEY_ID": "first"})
    assert edge.call(data=b"{}").json() == "first"
    (pid,) = edge.server.pool.pids
    edge.use_credentials({"AWS_ACCESS_KEY_ID": "second"})
    assert not is_alive(pid)
    assert edge.call(data=b"{}").json() == "second"


def test_each_worker_handles_one_request_at_a_time_and_more_are_started(start_edge: StartEdge) -> None:
    edge = start_edge("time.sleep(0.5)\n" + ANSWER.format("os.getpid()"), max_workers=2)
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(edge.call(data=b"{}").json())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(pids) == 3
    assert len(set(pids)) == edge.server.pool.started == 2


def test_stopping_ends_every_process_and_what_is_under_way(start_edge: StartEdge, tmp_path: Path) -> None:
    flag = tmp_path / "started"
    asset = write_handler(tmp_path / "slow", f"open({str(flag)!r}, 'w').close()\ntime.sleep(60)")
    config = EdgeConfig(behaviour=sample_behaviour(), asset=asset, origins={})
    with served(config) as running:
        with pytest.raises(requests.ReadTimeout):
            requests.post(running.url, data=b"{}", timeout=0.8)
        (pid,) = running.server.pool.pids
        assert is_alive(pid)
    assert flag.exists()
    assert not is_alive(pid)


def test_a_truncated_body_goes_on_whole_when_it_is_only_read(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    edge = start_edge("assert request['body']['inputTruncated']")
    body = b"x" * 1_100_000
    assert edge.call(data=body).status_code == 200
    assert origin.requests[-1][3] == body


def test_compressed_bodies_pass_untouched_in_both_directions(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    packed = gzip.compress(b"{}")
    origin.headers, origin.body = {"Content-Encoding": "gzip"}, packed
    response = start_edge().call(data=packed, headers={"Content-Encoding": "gzip"}, stream=True)
    assert origin.requests[-1][3] == packed
    assert response.raw.read(decode_content=False) == packed


def test_replacing_a_truncated_body_fails(start_edge: StartEdge) -> None:
    edge = start_edge("request['body'].update(action='replace', data='')")
    assert edge.call(data=b"x" * 1_100_000).status_code == 502
    assert edge.server.traces[-1].violations == ("body.truncated-replaced",)


def test_the_address_is_the_peers_whatever_headers_claim(start_edge: StartEdge) -> None:
    edge = start_edge(ANSWER.format("request['clientIp']"))
    assert (
        edge.call(data=b"{}", headers={"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.2"}).json() == "127.0.0.1"
    )


def test_cors_of_the_origin_is_overridden_on_the_way_back(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    origin.headers = {"Access-Control-Allow-Origin": "*", "X-Powered-By": "me", "X-Amzn-RequestId": "1"}
    response = start_edge().call(data=b"{}", headers={"Origin": "https://app.example.com"})
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Amzn-RequestId"] == "1"
    assert "X-Powered-By" not in response.headers


def test_preflight_reaches_the_function_and_gets_the_policys_headers(start_edge: StartEdge) -> None:
    edge = start_edge("return {'status': '204'}")
    asking = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    response = edge.call("OPTIONS", headers=asking)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Headers"] == "content-type,x-amz-target"
    assert response.headers["Access-Control-Max-Age"] == "600"


def test_methods_that_the_behaviour_does_not_allow_are_403(start_edge: StartEdge) -> None:
    template = sample_template()
    distribution_config(template)["DefaultCacheBehavior"]["AllowedMethods"] = ["GET", "HEAD", "OPTIONS"]
    edge = start_edge(template=template)
    assert edge.call("POST", data=b"{}").status_code == 403
    assert edge.server.pool.started == 0


def test_a_get_with_a_body_is_403(start_edge: StartEdge) -> None:
    assert start_edge().call("GET", data=b"{}").status_code == 403


@pytest.mark.parametrize(
    ("path", "headers"), [("/" + "x" * 8192, {}), ("/", {f"x-{n}": "1" * 2000 for n in range(11)})]
)
def test_requests_that_are_too_long_are_413(start_edge: StartEdge, path: str, headers: dict[str, str]) -> None:
    assert start_edge().call(path=path, headers=headers).status_code == 413


def test_an_origin_name_that_does_not_resolve_is_502(start_edge: StartEdge) -> None:
    response = start_edge("custom['domainName'] = 'elsewhere.example.com'").call(data=b"{}")
    assert response.status_code == 502
    assert "elsewhere.example.com" in response.text


def test_an_origin_that_refuses_connections_is_502(start_edge: StartEdge) -> None:
    assert start_edge(origins={ORIGIN_DOMAIN: "http://127.0.0.1:1"}).call(data=b"{}").status_code == 502


def test_a_slow_origin_is_504(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    origin.delay = 2
    template = sample_template()
    distribution_config(template)["Origins"][0]["ResponseCompletionTimeout"] = 1
    assert start_edge(template=template).call(data=b"{}").status_code == 504


def test_errors_of_the_origin_pass(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    origin.status, origin.headers, origin.body = 400, {"x-amzn-ErrorType": "NotAuthorizedException"}, b"{}"
    response = start_edge().call(data=b"{}")
    assert (response.status_code, response.headers["x-amzn-ErrorType"]) == (400, "NotAuthorizedException")


def test_the_firewall_comes_first(start_edge: StartEdge, origin: RecordingOrigin) -> None:
    blocked = HttpResponse(status=429, headers=(), body=b"slow down", turned_away=TurnedAway(by="it", why="Rate"))

    async def firewall(viewer: HttpRequest) -> HttpResponse | None:
        return blocked if viewer.client_ip == "127.0.0.1" else None

    journal = Journal()
    edge = start_edge(firewall=firewall, journal=journal)
    response = edge.call(data=b"{}")
    assert (response.status_code, response.text) == (429, "slow down")
    assert edge.server.traces[-1].answered_by == "firewall"
    assert (edge.server.pool.started, origin.requests) == (0, [])
    assert [call.turned_away for call in journal.calls()] == [blocked.turned_away]


def test_a_block_without_an_answer_of_its_own_is_cloudfronts(start_edge: StartEdge) -> None:
    async def firewall(_: HttpRequest) -> HttpResponse | None:
        return replace(DEFAULT_BLOCK, turned_away=TurnedAway(by="it", why="DenyList"))

    journal = Journal()
    response = start_edge(firewall=firewall, journal=journal).call(data=b"{}")
    assert (response.status_code, response.headers["Content-Type"]) == (403, "text/html")
    assert "Request blocked." in response.text
    assert [call.turned_away for call in journal.calls()] == [TurnedAway(by="it", why="DenyList")]


def test_a_trace_tells_names_and_no_values(start_edge: StartEdge) -> None:
    edge = start_edge(REWRITE)
    edge.call(data=b'{"Password": "hunter2"}', headers={**TARGET, "Authorization": "hunter2"})
    trace = edge.server.traces[-1]
    assert (trace.method, trace.status, trace.answered_by) == ("POST", 200, "origin")
    assert "authorization" in trace.event_headers
    assert "x-amz-cf-id" in trace.origin_headers
    assert "hunter2" not in repr(trace)


def test_a_zipped_package_runs_unpacked(start_edge: StartEdge, tmp_path: Path) -> None:
    package = tmp_path / "asset.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("subject.py", handler_source(ANSWER.format("os.environ['LAMBDA_TASK_ROOT'] == os.getcwd()")))
    assert start_edge(asset=package).call(data=b"{}").json() is True


def test_an_asset_that_is_neither_folder_nor_zip_is_refused(start_edge: StartEdge, tmp_path: Path) -> None:
    with pytest.raises(EdgeSimulatorError, match="neither a folder nor a zip file"):
        start_edge(asset=tmp_path / "nothing")


def test_the_functions_log_is_kept_in_a_file(start_edge: StartEdge, tmp_path: Path) -> None:
    log = tmp_path / "function.log"
    edge = start_edge("print('hello from the edge')", log_file=log)
    edge.call(data=b"{}")
    edge.use_credentials({})
    assert "hello from the edge" in log.read_text(encoding="utf-8")


def test_not_simulated_is_an_error_of_the_simulator() -> None:
    assert issubclass(NotSimulatedError, EdgeSimulatorError)


def test_the_journal_has_what_each_viewer_sent_and_got(start_edge: StartEdge) -> None:
    journal = Journal()
    edge = start_edge(ANSWER.format("{'TokenType': 'Bearer'}"), journal=journal)
    edge.call(headers=TARGET, data=b'{"Username": "jane"}')
    edge.call("PURGE")
    signed_up, purged = journal.calls()
    assert (signed_up.operation, signed_up.status, signed_up.turned_away) == ("SignUp", 200, None)
    assert (signed_up.body, signed_up.answer) == ({"Username": "jane"}, {"TokenType": "Bearer"})
    assert (purged.method, purged.status) == ("PURGE", 403)
    assert purged.turned_away is not None
    assert purged.turned_away.by == "CloudFront"
    assert "not configured to allow the HTTP request method" in purged.turned_away.why


def test_its_application_can_be_served_by_somebody_else(tmp_path: Path, origin: RecordingOrigin) -> None:
    asset = write_handler(tmp_path / "asset", ANSWER.format("{}"))
    config = EdgeConfig(behaviour=sample_behaviour(), asset=asset, origins={ORIGIN_DOMAIN: origin.url})

    async def serve() -> tuple[int, list[int], list[int]]:
        server = EdgeServer(config)
        async with TestClient(TestServer(server.web_application())) as client:
            answer = await client.post("/", data=b"{}", headers=TARGET)
            pids = server.pool.pids
        return answer.status, pids, [pid for pid in pids if is_alive(pid)]

    status, pids, running = asyncio.run(serve())
    assert (status, len(pids), running) == (200, 1, [])


def test_an_asset_that_is_none_leaves_nothing_open(tmp_path: Path) -> None:
    missing = EdgeConfig(behaviour=sample_behaviour(), asset=tmp_path / "nothing", origins={})
    with pytest.raises(EdgeSimulatorError, match="neither a folder nor a zip file"), served(missing):
        pass
