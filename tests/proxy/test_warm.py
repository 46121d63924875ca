"""What the regional function does before its first call: both things that this one would wait for, at the same time."""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
import time
from types import SimpleNamespace

import pytest

from proxy import connection, regional, warm
from proxy.regional import handler
from proxy.settings import parse_settings
from proxy.warm import warm_up
from tests.proxy.certificate_authority import Authority
from tests.proxy.execution_environment import ExecutionEnvironment
from tests.proxy.fake_service import FakeService, answer, close, error, stall
from tests.proxy.regional_calls import event, give_secret
from tests.proxy.request_lines import lines_of
from tests.proxy.sample_requests import (
    CLIENT_ID,
    OTHER_CLIENT_ID,
    SECRET,
    SETTINGS_DOCUMENT,
    SIGN_UP,
    arn,
    secret_document,
)

INITIALIZATION_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"
ONE = SETTINGS_DOCUMENT | {"clients": {CLIENT_ID: {"secret_arn": arn(CLIENT_ID)}}}
MANY = {f"{number:02}example23456789": {"secret_arn": arn(f"{number:02}example23456789")} for number in range(30)}


@pytest.fixture
def cognito(fake, monkeypatch) -> FakeService:
    """Cognito."""
    service: FakeService = fake(default=answer({"UserSub": "dummy"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", service.url)
    return service


@pytest.fixture
def deployed(store, cognito, monkeypatch):
    """A function in its environment, in INIT."""
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT))
    monkeypatch.setenv(INITIALIZATION_TYPE, "on-demand")
    yield
    if regional._cached is not None:
        regional._cached[1].close()


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def sign_up(client_id=CLIENT_ID):
    return handler(event("SignUp", SIGN_UP | {"ClientId": client_id}), None)["statusCode"]


class HeldTls:
    """A server's TLS that waits with its handshake."""

    def __init__(self, context: ssl.SSLContext, until) -> None:
        self._context, self._until = context, until

    def wrap_socket(self, *arguments, **named):
        self._until()
        return self._context.wrap_socket(*arguments, **named)


@pytest.mark.usefixtures("deployed")
def test_init_fetches_the_secret_and_opens_the_connection_and_the_first_call_uses_both(
    store, cognito, capsys, monkeypatch
):
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(ONE))
    warm_up(regional._service)
    assert wait_for(lambda: cognito.connections == 1)
    assert [received.document["SecretId"] for received in store.received] == [arn(CLIENT_ID)]
    assert not cognito.received
    assert capsys.readouterr().out == ""
    assert sign_up() == 200
    assert (store.connections, cognito.connections) == (1, 1)
    (line,) = lines_of(capsys.readouterr().out)
    assert "secret_ms" not in line  # it was there


@pytest.mark.parametrize("kind", [None, "", "snap-start", "lambda-managed-instances", "native-http"])
@pytest.mark.usefixtures("deployed")
def test_where_lambda_does_not_initialize_the_function_for_calls_nothing_happens(kind, store, cognito, monkeypatch):
    """A test that imports the function, for one; a snapshot, which must hold no secret, for another."""
    if kind is None:
        monkeypatch.delenv(INITIALIZATION_TYPE)
    else:
        monkeypatch.setenv(INITIALIZATION_TYPE, kind)
    warm_up(regional._service)
    time.sleep(0.05)
    assert (regional._cached, store.connections, cognito.connections) == (None, 0, 0)


@pytest.mark.proves("init-warms")
@pytest.mark.usefixtures("deployed")
def test_init_waits_for_neither_before_it_begins_the_other(store, fake, tmp_path, monkeypatch):
    """The store answers only when Cognito has a connection, and Cognito shakes hands only when the store was asked."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.bundle))
    asked = threading.Event()
    cognito = fake(tls=HeldTls(authority.server(), lambda: asked.wait(5)))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", cognito.url)

    def answer_late(exchange):
        asked.set()
        wait_for(lambda: cognito.connections)
        return give_secret(exchange)

    store.script(answer_late)
    monkeypatch.setattr(warm, "MAX_SECONDS", 4.0)
    started = time.monotonic()
    warm_up(regional._service)
    assert time.monotonic() - started < 3.0
    assert wait_for(lambda: cognito.handshakes == 1)
    assert regional._cached[1]._secrets.get(CLIENT_ID) == SECRET
    assert store.received[0].document["SecretId"] == arn(CLIENT_ID)
    fetched = len(store.received)
    assert sign_up() == 200
    assert (len(store.received), cognito.connections) == (fetched, 1)


@pytest.mark.proves("cold-call-overlaps")
@pytest.mark.usefixtures("deployed")
def test_a_cold_call_opens_the_connection_while_it_waits_for_the_secret(store, fake, tmp_path, monkeypatch):
    """Where INIT came to nothing, or hours ago: the two still do not wait for each other."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.bundle))
    asked = threading.Event()
    cognito = fake(tls=HeldTls(authority.server(), lambda: asked.wait(5)), default=answer({"UserSub": "dummy"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", cognito.url)
    met = []

    def answer_late(exchange):
        asked.set()
        met.append(wait_for(lambda: cognito.connections, seconds=2))
        return give_secret(exchange)

    store.script(answer_late)
    assert sign_up() == 200
    assert met == [True]
    assert (len(store.received), cognito.connections, len(cognito.received)) == (1, 1, 1)


@pytest.mark.usefixtures("deployed")
def test_a_call_that_has_its_secret_begins_no_second_connection(store, cognito):
    assert sign_up() == 200
    assert sign_up() == 200
    assert (store.connections, cognito.connections) == (1, 1)


@pytest.mark.usefixtures("deployed")
def test_a_connection_that_a_call_without_a_secret_left_is_the_next_calls(store, cognito):
    store.script(error("AccessDeniedException", "no"))
    assert sign_up() == 500
    assert sign_up(OTHER_CLIENT_ID) == 200
    assert cognito.connections == 1


@pytest.mark.proves("init-leaves-no-trace")
@pytest.mark.parametrize("behaviour", [stall, close, error("AccessDeniedException", "no"), answer({}), answer([])])
@pytest.mark.usefixtures("deployed")
def test_what_the_store_does_in_init_keeps_no_call_from_being_answered(behaviour, store, monkeypatch, capsys):
    """Not even the pause that a failed fetch brings in a call: INIT's leaves no trace."""
    monkeypatch.setattr(warm, "MAX_SECONDS", 0.3)
    store.script(behaviour)
    started = time.monotonic()
    warm_up(regional._service)
    assert time.monotonic() - started < 2
    assert capsys.readouterr().out == ""
    assert sign_up() == 200


@pytest.mark.parametrize("drop", [True, False])
@pytest.mark.usefixtures("deployed")
def test_what_cognito_does_in_init_keeps_no_call_from_being_answered(drop, cognito, fake, monkeypatch, capsys):
    """It hangs up at once, or it takes the connection and never shakes hands."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bad = fake(drop_connections=True).url if drop else f"https://localhost:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", bad)
        monkeypatch.setattr(warm, "MAX_SECONDS", 0.3)
        started = time.monotonic()
        warm_up(regional._service)
        assert time.monotonic() - started < 2
        assert capsys.readouterr().out == ""
        regional._cached[1]._cognito._endpoint._host = "127.0.0.1"
        regional._cached[1]._cognito._endpoint._port = cognito.port
        regional._cached[1]._cognito._endpoint._tls = False
        assert sign_up() == 200


@pytest.mark.usefixtures("deployed")
def test_no_call_waits_for_what_init_left_hanging(store, cognito, monkeypatch):
    """The resolver gives no answer in INIT, and keeps its threads; it has no deadline that one could set."""
    hanging, resolve = threading.Event(), socket.getaddrinfo

    def hang(*arguments, **named):
        hanging.wait(10)
        return resolve(*arguments, **named)

    monkeypatch.setattr(warm, "MAX_SECONDS", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    warm_up(regional._service)
    hung = [thread for thread in threading.enumerate() if thread.name == "warm"]
    assert len(hung) == 2
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    started = time.monotonic()
    assert sign_up() == 200
    assert time.monotonic() - started < 2
    hanging.set()
    for thread in hung:
        thread.join(5)
    assert not any(thread.is_alive() for thread in hung)


@pytest.mark.parametrize("text", ["", "{", '{"region": 1}'])
@pytest.mark.usefixtures("store", "cognito")
def test_broken_settings_are_the_first_calls_to_tell(text, monkeypatch, capsys):
    monkeypatch.setenv(INITIALIZATION_TYPE, "on-demand")
    monkeypatch.setenv("PROXY_SETTINGS", text)
    warm_up(regional._service)
    assert capsys.readouterr().out == ""
    assert sign_up() == 500
    (line,) = lines_of(capsys.readouterr().out)
    assert line["problem"].startswith("settings: ")


def test_a_connection_of_init_that_idled_too_long_is_replaced_without_a_word(deployed, store, cognito, monkeypatch):
    """With provisioned concurrency the first call may come hours later: the secret, too, is fetched anew then."""
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(ONE))
    warm_up(regional._service)
    assert wait_for(lambda: cognito.connections == 1)
    hours = time.time() + 7200
    monkeypatch.setattr(time, "time", lambda: hours)
    cognito.hang_up()
    store.script(answer({"SecretString": secret_document(CLIENT_ID, "rotated-meanwhile")}))
    regional._cached[1]._secrets._clock = lambda: hours
    assert sign_up() == 200
    assert cognito.connections == 2
    assert len(store.received) == 2
    assert regional._cached[1]._secrets.get(CLIENT_ID) == "rotated-meanwhile"


@pytest.mark.usefixtures("deployed")
def test_on_demand_further_secrets_wait_for_nobody(store, cognito):
    """Somebody may wait for the end of INIT: what is not begun while the connection is opened is not begun."""

    def answer_late(exchange):
        assert wait_for(lambda: cognito.connections)
        exchange.pause(0.2)
        return give_secret(exchange)

    store.script(answer_late)
    warm_up(regional._service)
    assert [received.document["SecretId"] for received in store.received] == [arn(CLIENT_ID)]
    assert sign_up(OTHER_CLIENT_ID) == 200


def give_any(exchange):
    client_id = exchange.request.document["SecretId"].rpartition(":")[2].rpartition("-")[0]
    return answer({"SecretString": secret_document(client_id)})(exchange)


def test_provisioned_the_first_twenty_secrets_are_fetched_in_the_settings_order(deployed, store, monkeypatch):
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"clients": MANY}))
    monkeypatch.setenv(INITIALIZATION_TYPE, "provisioned-concurrency")
    monkeypatch.setattr(warm, "MAX_SECONDS", 10.0)
    store.default = give_any
    store.script(error("ResourceNotFoundException", "no"))  # the first one's harms no other
    warm_up(regional._service)
    wanted = [document["secret_arn"] for document in list(MANY.values())[:20]]
    assert [received.document["SecretId"] for received in store.received] == wanted
    assert store.connections == 1


def test_a_secret_that_a_call_has_fetched_meanwhile_is_not_replaced(deployed, store):
    service = regional._service()

    def call_comes(exchange):
        assert sign_up() == 200
        return answer({"SecretString": secret_document(CLIENT_ID, "older")})(exchange)

    store.script(call_comes)
    service.prefetch(CLIENT_ID, deadline=time.monotonic() + 5)
    assert service._secrets.get(CLIENT_ID) == SECRET


def test_a_secret_that_arrives_after_a_freeze_is_as_old_as_its_question(deployed, store, monkeypatch):
    service = regional._service()
    now = [1_000_000.0]
    service._secrets._clock = lambda: now[0]

    def frozen(exchange):
        now[0] += 7200
        return give_secret(exchange)

    store.script(frozen)
    service.prefetch(CLIENT_ID, deadline=time.monotonic() + 5)
    assert service._secrets.get(CLIENT_ID) is None


def test_an_interceptor_that_can_be_warmed_is_and_its_failure_harms_nothing(deployed, store, cognito):
    service = regional._service()
    warmed = []

    def fail(deadline):
        warmed.append(deadline - time.monotonic())
        raise OSError

    service._interceptors = (SimpleNamespace(warm=fail), SimpleNamespace(close=lambda: None))
    warm_up(regional._service)
    service._interceptors = ()
    assert len(warmed) == 1
    assert 0 < warmed[0] <= warm.MAX_SECONDS
    assert sign_up() == 200


def test_two_connections_that_are_opened_at_once_read_the_certificates_once(monkeypatch):
    made = []
    create = ssl.create_default_context

    def slowly(**named):
        made.append(named)
        time.sleep(0.1)
        return create(**named)

    monkeypatch.setattr(ssl, "create_default_context", slowly)
    threads = [threading.Thread(target=connection._tls_context) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def variables(store, cognito):
    """Those of the package as Lambda runs it, in the tests below."""
    return {
        "PROXY_SETTINGS": json.dumps(ONE),
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": store.url,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": cognito.url,
    }


@pytest.mark.proves("init-warms")
def test_the_first_call_after_a_freeze_finds_both_and_init_says_nothing(store, cognito):
    with ExecutionEnvironment(variables(store, cognito)) as environment:
        assert wait_for(lambda: cognito.connections == 1)
        assert len(store.received) == 1
        assert environment.written == ""
        environment.freeze()
        time.sleep(0.2)
        environment.thaw()
        assert environment.invoke(event("SignUp", SIGN_UP))["statusCode"] == 200
        (line,) = lines_of(environment.written)
        assert line["cold_start"]
        assert "secret_ms" not in line
    assert (len(store.received), cognito.connections) == (1, 1)


def test_a_connection_that_cognito_closed_during_the_freeze_is_replaced(store, cognito):
    with ExecutionEnvironment(variables(store, cognito)) as environment:
        assert wait_for(lambda: cognito._sockets)
        environment.freeze()
        cognito.hang_up()
        environment.thaw()
        assert environment.invoke(event("SignUp", SIGN_UP))["statusCode"] == 200
    assert cognito.connections == 2


@pytest.mark.proves("init-bounded")
def test_a_store_and_a_cognito_that_stall_cost_init_two_seconds_at_most(store):
    store.script(stall)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environs = variables(store, store) | {
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": f"https://localhost:{silent.getsockname()[1]}"
        }
        with ExecutionEnvironment(environs, handler="proxy.edge.handler") as environment:
            without = environment.init_seconds
        with ExecutionEnvironment(environs) as environment:
            assert environment.init_seconds - without < warm.MAX_SECONDS + 1.5
            answered = environment.invoke(event(None, method="OPTIONS", headers={"Origin": ["https://a.example"]}))
            assert answered["statusCode"] < 500


def test_nobody_there_at_all(store, cognito):
    environs = variables(store, cognito)
    for service in (store, cognito):
        service.drop_connections = True
    with ExecutionEnvironment(environs) as environment:
        assert environment.written == ""
        for service in (store, cognito):
            service.drop_connections = False
        assert environment.invoke(event("SignUp", SIGN_UP))["statusCode"] == 200


def test_the_edge_function_does_nothing_before_its_first_call(store, cognito):
    environs = variables(store, cognito)
    with ExecutionEnvironment(environs, handler="proxy.edge.handler") as environment:
        assert environment.written == ""
    assert (store.connections, cognito.connections) == (0, 0)


def test_the_variable_is_not_set_where_these_tests_run():
    """Else each of them that imports the function would call out."""
    assert INITIALIZATION_TYPE not in os.environ
    assert parse_settings(json.dumps(SETTINGS_DOCUMENT)).clients
