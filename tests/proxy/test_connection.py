"""HTTP over kept-alive connections, against a server that does what servers should not."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
import time
from types import SimpleNamespace

import pytest

from proxy import connection
from proxy.connection import MAX_IDLE_SECONDS, MAX_RESPONSE_BYTES, ConnectionFailed, DeadlinePassed, Endpoint
from tests.proxy.fake_service import FakeService, answer, close, drip, http, raw, stall

HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "Service.Operation"}
SENTINEL = b"sentinel-in-an-answer"


@pytest.fixture
def endpoint(service):
    made = Endpoint(service.url)
    yield made
    made.close()


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def post(endpoint, body=b"{}", *, seconds=5.0, headers=HEADERS):
    return endpoint.post(headers, body, deadline=soon(seconds))


def wait_for(condition, seconds=5.0):
    end = soon(seconds)
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_sends_a_plain_http_request(endpoint, service):
    post(endpoint, b'{"a":1}')
    (received,) = service.received
    assert received.raw == (
        b"POST / HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: 7\r\n"
        b"content-type: application/x-amz-json-1.1\r\nx-amz-target: Service.Operation\r\n\r\n"
        b'{"a":1}' % service.port
    )


def test_posts_to_a_path_of_its_own(service):
    endpoint = Endpoint(service.url, path="/turnstile/v0/siteverify")
    post(endpoint, b"secret=dummy", headers={"content-type": "application/x-www-form-urlencoded"})
    endpoint.close()
    (received,) = service.received
    assert received.request_line == "POST /turnstile/v0/siteverify HTTP/1.1"
    assert received.header("content-type") == "application/x-www-form-urlencoded"
    assert received.body == b"secret=dummy"


@pytest.mark.parametrize("path", ["", "siteverify", "/a b", "/a\r\nx: y", "/\u00e4"])
def test_a_path_that_would_break_the_request_line_is_refused(path):
    with pytest.raises(ValueError, match="path"):
        Endpoint("https://api.example.com", path=path)


@pytest.mark.parametrize("as_chunks", [False, True])
def test_an_answer_beyond_the_bound_of_its_own_is_none(service, as_chunks):
    endpoint = Endpoint(service.url, longest_answer=100)
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"a" * 101 + b"\r\n0\r\n\r\n"
    service.script(raw(http(200, b"a" * 100)), raw(chunks if as_chunks else http(200, b"a" * 101)))
    assert len(post(endpoint).body) == 100
    with pytest.raises(ConnectionFailed, match="too long"):
        post(endpoint)
    endpoint.close()


def test_hands_back_status_headers_and_body(endpoint, service):
    service.script(answer({"a": 1}, status=400, headers={"X-Amzn-RequestId": "r", "X-Twice": "1", "x-twice": "2"}))
    response = post(endpoint)
    assert (response.status, response.body) == (400, b'{"a": 1}')
    assert response.headers["x-amzn-requestid"] == "r"
    assert response.headers["x-twice"] in ("1, 2", "2")


def test_many_requests_go_over_one_connection(endpoint, service):
    for _ in range(20):
        post(endpoint)
    assert [received.connection for received in service.received] == [1] * 20


def test_a_connection_closed_while_idle_is_noticed_before_anything_is_sent(endpoint, service):
    for _ in range(5):
        post(endpoint)
        service.hang_up()
        wait_for(lambda: readable(endpoint))
    assert [received.connection for received in service.received] == [1, 2, 3, 4, 5]
    assert len(service.received) == 5


def readable(endpoint):
    """Whether the end of the idle connection has arrived, so that the test does not race with the loopback."""
    (idle,) = endpoint._idle
    return bool(select.select([idle._socket], [], [], 0)[0])


def test_a_connection_on_which_something_unasked_arrived_is_not_used_again(endpoint, service):
    def two_answers(exchange):
        exchange.send(http(200, b"{}"))
        exchange.pause(0.05)
        exchange.send(http(200, SENTINEL))
        return True

    service.script(two_answers)
    post(endpoint)
    wait_for(lambda: readable(endpoint))
    assert post(endpoint).body == b"{}"
    assert [received.connection for received in service.received] == [1, 2]


def test_a_second_answer_right_behind_the_first_is_not_taken_for_the_next_one(endpoint, service):
    service.script(raw(http(200, b"{}") + http(200, SENTINEL)))
    post(endpoint)
    assert post(endpoint).body == b"{}"
    assert [received.connection for received in service.received] == [1, 2]


@pytest.mark.parametrize(("idle", "connections"), [(MAX_IDLE_SECONDS - 0.5, 1), (MAX_IDLE_SECONDS, 2), (-1.0, 2)])
def test_a_connection_that_idled_too_long_is_not_used_again(endpoint, service, monkeypatch, idle, connections):
    """A clock that went backwards tells nothing of the time that passed."""
    post(endpoint)
    later = time.time() + idle
    monkeypatch.setattr(connection, "time", SimpleNamespace(time=lambda: later, monotonic=time.monotonic))
    post(endpoint)
    assert service.connections == connections
    assert len(service.received) == 2


def close_midway(exchange):
    exchange.send(http(200, b"x" * 100)[:-50])
    return False


def reset(exchange):
    exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


@pytest.mark.proves("sent-once")
@pytest.mark.parametrize(
    "behaviour",
    [
        close,
        reset,
        close_midway,
        raw(b"HTTP/1.1 200", then_close=True),
        raw(b"HTTP/1.1 200 OK\r\n", then_close=True),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", then_close=True),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", then_close=True),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n", then_close=True),
    ],
)
@pytest.mark.parametrize("warm", [False, True], ids=["first request", "kept-alive connection"])
def test_a_request_that_may_have_been_processed_is_never_sent_twice(endpoint, service, behaviour, warm):
    if warm:
        post(endpoint)
    service.script(behaviour)
    with pytest.raises(ConnectionFailed) as raised:
        post(endpoint, b'{"only":"once"}')
    assert not isinstance(raised.value, DeadlinePassed)
    time.sleep(0.02)
    assert sum(received.body == b'{"only":"once"}' for received in service.received) == 1
    assert service.connections == 1


def test_after_a_failure_the_next_request_gets_a_new_connection(endpoint, service):
    service.script(close)
    with pytest.raises(ConnectionFailed):
        post(endpoint)
    assert post(endpoint).status == 200
    assert [received.connection for received in service.received] == [1, 2]


def test_a_server_that_accepts_and_hangs_up_is_tried_once(fake):
    service = fake(drop_connections=True)
    with pytest.raises(ConnectionFailed):
        post(Endpoint(service.url))
    assert service.connections == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        stall,
        drip(http(200, b"x" * 1000), every=0.02),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, every=0.005),
        raw(http(200, b"x" * 100)[:-1]),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n\r\nwithout an end"),
    ],
    ids=["stall", "drip", "drip interim answers", "a byte short", "a chunk short", "no last line", "no end"],
)
def test_no_answer_outlasts_the_deadline(endpoint, service, behaviour):
    service.script(behaviour)
    started = time.monotonic()
    with pytest.raises(DeadlinePassed):
        post(endpoint, seconds=0.4)
    assert 0.35 < time.monotonic() - started < 2
    assert len(service.received) == 1
    service.stopping.set()


def test_sending_does_not_outlast_the_deadline(fake):
    service = fake(stall_reading=True)
    started = time.monotonic()
    with pytest.raises(DeadlinePassed):
        post(Endpoint(service.url), b"x" * 50_000_000, seconds=0.4)
    assert 0.35 < time.monotonic() - started < 2


def test_nothing_is_sent_after_the_deadline(endpoint, service):
    with pytest.raises(DeadlinePassed):
        post(endpoint, seconds=0)
    post(endpoint)
    with pytest.raises(DeadlinePassed):
        post(endpoint, seconds=-1)
    assert len(service.received) == 1


@pytest.fixture
def pair():
    """A connection, and the other end of it."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    with ours, theirs:
        yield connection._Connection(ours, MAX_RESPONSE_BYTES), theirs


def test_not_a_byte_is_sent_when_there_is_no_time_left(pair):
    ours, theirs = pair
    with pytest.raises(DeadlinePassed):
        ours.exchange(b"too late", time.monotonic() - 0.001)
    ours.close()
    assert theirs.recv(100) == b""


def test_what_arrived_after_the_deadline_is_not_taken_for_an_answer(pair):
    ours, theirs = pair
    theirs.sendall(http(200, b"late"))
    with pytest.raises(DeadlinePassed):
        ours._read_head(time.monotonic() - 0.001)


def slowly(*parts: bytes, pause: float = 0.3):
    """An answer in parts that let one wait."""

    def behave(exchange):
        for part in parts:
            exchange.pause(pause)
            exchange.send(part)
        return True

    return behave


WAITING = {
    "for an answer": (http(200, b"ab"),),
    "for the rest of the head": (b"HTTP/1.1 200 OK\r\ncontent-", b"length: 2\r\n\r\nab"),
    "for the rest of the body": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na", b"b"),
}


class Watched:
    """A socket that counts how often there was nothing to read, or no room to write: each must be waited for once."""

    def __init__(self, watched):
        self.watched = watched
        self.blocked = self.done = 0

    def __getattr__(self, name):
        return getattr(self.watched, name)

    def recv(self, size):
        return self._count(self.watched.recv, size)

    def send(self, data):
        return self._count(self.watched.send, data)

    def _count(self, call, argument):
        try:
            result = call(argument)
        except BlockingIOError:
            self.blocked += 1
            raise
        self.done += 1
        return result


@pytest.mark.parametrize("parts", WAITING.values(), ids=WAITING)
def test_a_wait_for_an_answer_waits(endpoint, service, parts):
    """One that does not asks the socket over and over, at the price of a processor, and gets there just the same."""
    post(endpoint)
    (idle,) = endpoint._idle
    idle._socket = watched = Watched(idle._socket)
    service.script(slowly(*parts))
    started = time.monotonic()
    assert post(endpoint).body == b"ab"
    assert time.monotonic() - started >= 0.29
    assert service.connections == 1
    assert watched.blocked == len(parts)  # first whether the connection is still good, then before each further part


def test_a_wait_for_room_to_send_waits(pair):
    ours, theirs = pair
    ours._socket = watched = Watched(ours._socket)
    received = bytearray()

    def read_late():
        time.sleep(0.3)
        while not received.endswith(b"end"):
            received.extend(theirs.recv(1 << 20))
        theirs.sendall(http(200, b"ab"))

    reader = threading.Thread(target=read_late)
    reader.start()
    data = b"x" * 8_000_000 + b"end"
    response, _ = ours.exchange(data, soon())
    reader.join(5)
    assert response.body == b"ab"
    assert received == data
    assert 0 < watched.blocked <= watched.done


class WantsOnce:
    """A TLS socket in the middle of a handshake of its own: it wants the other direction first."""

    def __init__(self, wanted, error):
        self.wanted, self.error = wanted, error

    def __getattr__(self, name):
        return getattr(self.wanted, name)

    def _once(self, call, argument):
        if self.error is None:
            return call(argument)
        error, self.error = self.error, None
        raise error

    def recv(self, size):
        return self._once(self.wanted.recv, size)

    def send(self, data):
        return self._once(self.wanted.send, data)


@pytest.mark.parametrize(
    ("error", "event"), [(ssl.SSLWantReadError(), select.POLLIN), (ssl.SSLWantWriteError(), select.POLLOUT)]
)
@pytest.mark.parametrize("step", ["send", "read"])
def test_what_tls_wants_is_waited_for(pair, monkeypatch, step, error, event):
    ours, theirs = pair
    theirs.sendall(b"answer")
    ours._socket = WantsOnce(ours._socket, error)
    waited = []
    monkeypatch.setattr(connection._Connection, "_wait", lambda _, event, deadline: waited.append(event))
    if step == "read":
        assert ours._read(soon()) == b"answer"
    else:
        ours._send(b"request", soon())
        assert theirs.recv(100) == b"request"
    assert waited == [event]


def test_a_small_request_is_not_held_back_for_another(endpoint, service):
    """Nagle's algorithm would keep the second part of a request until the first is acknowledged: up to 40 ms a call."""
    post(endpoint)
    (idle,) = endpoint._idle
    assert idle._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.fixture
def blackhole(monkeypatch):
    """A listener whose queue is full: the system lets further connections wait for ever."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            waiting.append(filler)
        time.sleep(0.02)
        yield f"http://127.0.0.1:{address[1]}"
        for filler in waiting:
            filler.close()


def test_connecting_does_not_outlast_the_deadline(blackhole):
    started = time.monotonic()
    with pytest.raises(DeadlinePassed):
        post(Endpoint(blackhole), seconds=0.3)
    assert time.monotonic() - started < 2


def test_connecting_may_have_less_time_than_the_answer(blackhole):
    started = time.monotonic()
    with pytest.raises(DeadlinePassed) as raised:
        Endpoint(blackhole).post(HEADERS, b"{}", deadline=soon(5.0), connect_by=soon(0.2))
    assert time.monotonic() - started < 2
    assert raised.value.unsent


def test_what_may_have_arrived_is_told_from_what_has_not(endpoint, service, closed_port):
    service.script(close)
    with pytest.raises(ConnectionFailed) as raised:
        post(endpoint)
    assert not raised.value.unsent
    nobody = Endpoint(f"http://127.0.0.1:{closed_port}")
    with pytest.raises(ConnectionFailed) as raised:
        post(nobody)
    assert raised.value.unsent
    nobody.open_meanwhile(deadline=(deadline := soon()))
    with pytest.raises(ConnectionFailed) as raised:
        nobody.post(HEADERS, b"{}", deadline=soon(), connect_by=deadline)
    assert raised.value.unsent


def test_an_address_that_does_not_answer_leaves_time_for_something_else(blackhole, monkeypatch):
    """Not a deadline that passed: whoever asked can still turn elsewhere."""
    monkeypatch.setattr(connection, "MAX_CONNECT_SECONDS", 0.2)
    started = time.monotonic()
    with pytest.raises(ConnectionFailed) as raised:
        post(Endpoint(blackhole))
    assert not isinstance(raised.value, DeadlinePassed)
    assert time.monotonic() - started < 2


def addresses(*ports):
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_the_next_address_is_tried_when_one_refuses(endpoint, service, monkeypatch, closed_port):
    monkeypatch.setattr(socket, "getaddrinfo", addresses(closed_port, service.port))
    assert post(endpoint).status == 200


def test_an_address_family_that_the_system_lacks_is_passed_over(endpoint, service, monkeypatch):
    impossible = (9999, socket.SOCK_STREAM, 6, "", ("::1", service.port, 0, 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [impossible, *addresses(service.port)()])
    assert post(endpoint).status == 200


def test_nobody_listens(closed_port):
    with pytest.raises(ConnectionFailed, match="connecting failed \\(ConnectionRefusedError\\)") as raised:
        post(Endpoint(f"http://127.0.0.1:{closed_port}"))
    assert not isinstance(raised.value, DeadlinePassed)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.mark.parametrize(
    ("error", "late", "expected"),
    [
        (TimeoutError, True, DeadlinePassed),
        (TimeoutError, False, ConnectionFailed),
        (ConnectionRefusedError, True, ConnectionFailed),
        (ConnectionRefusedError, False, ConnectionFailed),
    ],
)
def test_a_time_out_and_a_refusal_are_told_apart(monkeypatch, error, late, expected):
    """The caller's deadline, an address that does not answer, nobody there: each is answered in another way."""
    clock = Clock()

    def connected(plain, _address, deadline):
        plain.close()
        clock.now = deadline if late else deadline - 0.001
        raise error

    monkeypatch.setattr(connection, "time", clock)
    monkeypatch.setattr(connection, "_connected", connected)
    monkeypatch.setattr(socket, "getaddrinfo", addresses(9))
    with pytest.raises(ConnectionFailed) as raised:
        Endpoint("http://service.example").post({}, b"", deadline=clock.now + 1)
    assert type(raised.value) is expected
    assert error.__name__ in str(raised.value) or expected is DeadlinePassed


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://service.example", ("service.example", 443)),
        ("http://service.example", ("service.example", 80)),
        ("https://service.example:8443/", ("service.example", 8443)),
    ],
)
def test_a_port_that_is_not_named_is_the_schemes(monkeypatch, url, expected):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: asked.append((host, port)) or [])
    with pytest.raises(ConnectionFailed):
        post(Endpoint(url))
    assert asked == [expected]


def test_a_name_that_does_not_resolve(endpoint, monkeypatch):
    def no_such_name(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(ConnectionFailed, match="did not resolve"):
        post(endpoint)


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nx: y\r\n\r\n"
_TWO = b"content-length: 2\r\n\r\nab"
GOOD = {
    "chunked": (_CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde"),
    "chunked in capitals": (_CHUNKED.upper() + b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    "chunked with trailers": (_CHUNKED + b"2\r\nab\r\n0\r\nx: y\r\nz: y\r\n\r\n", b"ab"),
    "empty chunked": (_CHUNKED + b"0\r\n\r\n", b""),
    "interim answers first": (_INTERIM + http(200, b"ab"), b"ab"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "an empty reason": (b"HTTP/1.1 200 \r\n" + _TWO, b"ab"),
    "no reason": (b"HTTP/1.1 200\r\n" + _TWO, b"ab"),
    "an empty header": (b"HTTP/1.1 200 OK\r\nx:\r\n" + _TWO, b"ab"),
}
LAST = {
    "connection: close": (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n" + _TWO, b"ab"),
    "close among others": (b"HTTP/1.1 200 OK\r\nConnection: x, close\r\n" + _TWO, b"ab"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + _TWO, b"ab"),
}


@pytest.mark.parametrize("behave", [raw, lambda data: drip(data, every=0)], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("case", [*GOOD, *LAST])
def test_reads_every_form_of_answer(endpoint, service, case, behave):
    data, body = (GOOD | LAST)[case]
    service.script(behave(data))
    response = post(endpoint)
    assert response.body == body
    assert response.status in (200, 204)
    post(endpoint)
    assert service.connections == (1 if case in GOOD else 2)


def test_reads_an_answer_that_ends_with_its_connection(endpoint, service):
    service.script(raw(b"HTTP/1.1 200 OK\r\n\r\nab", then_close=True))
    assert post(endpoint).body == b"ab"
    post(endpoint)
    assert service.connections == 2


LONG = b"9" * 5000
BAD = {
    "no HTTP": SENTINEL + b"\r\n\r\n",
    "TLS": b"\x15\x03\x03\x00\x02\x02\x28\r\n\r\n",
    "HTTP/2": b"HTTP/2 200\r\ncontent-length: 0\r\n\r\n",
    "no status": b"HTTP/1.1\r\n\r\n",
    "a status that is no number": b"HTTP/1.1 2xx OK\r\n\r\n",
    "a negative status": b"HTTP/1.1 -20 OK\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
    "the same length twice": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nContent-Length: 2\r\n\r\nab",
    "a length and chunks": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "another transfer encoding": b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "a length with a sign": b"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nab",
    "a length in other digits": "HTTP/1.1 200 OK\r\ncontent-length: ²\r\n\r\nab".encode("latin-1"),
    "an empty length": b"HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
    "a length of five thousand digits": b"HTTP/1.1 200 OK\r\ncontent-length: " + LONG + b"\r\n\r\n",
    "a length that is too long": b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (MAX_RESPONSE_BYTES + 1),
    "a header without a colon": b"HTTP/1.1 200 OK\r\n" + SENTINEL + b"\r\n\r\n",
    "a header without a name": b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
    "a space before the colon": b"HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nab",
    "a folded header": b"HTTP/1.1 200 OK\r\nx: y\r\n content-length: 2\r\n\r\nab",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 40_000,
    "an endless status line": b"HTTP/1.1 200 " + b"x" * 200_000,
    "a chunk that is too long": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFF\r\n",
    "a chunk of five thousand digits": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + LONG + b"\r\n",
    "a chunk without a size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n;x\r\nab\r\n0\r\n\r\n",
    "a chunk of a negative size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n",
    "a chunk with a prefix": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n",
    "a chunk with underscores": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0_2\r\nab\r\n0\r\n\r\n",
    "a chunk longer than it says": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "a chunk that does not end": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n",
    "an endless chunk size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"0" * 200_000,
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_refuses_a_malformed_answer_and_quotes_nothing_of_it(endpoint, service, data):
    service.script(raw(data))
    with pytest.raises(ConnectionFailed) as raised:
        post(endpoint, seconds=3)
    assert not isinstance(raised.value, DeadlinePassed)
    assert SENTINEL.decode() not in str(raised.value)
    post(endpoint)
    assert [received.connection for received in service.received] == [1, 2]


def in_chunks(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(MAX_RESPONSE_BYTES // 65536 + 1):
        exchange.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    return True


def without_end(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(MAX_RESPONSE_BYTES // 65536 + 4):
        exchange.send(b"x" * 65536)
    return True


@pytest.mark.parametrize("behaviour", [in_chunks, without_end])
def test_refuses_an_answer_that_never_ends(endpoint, service, behaviour):
    service.script(behaviour)
    with pytest.raises(ConnectionFailed, match="too long"):
        post(endpoint)


def test_reads_the_largest_answer_that_can_be_handed_on(endpoint, service):
    service.script(raw(http(200, b"x" * MAX_RESPONSE_BYTES)))
    assert len(post(endpoint).body) == MAX_RESPONSE_BYTES


@pytest.mark.parametrize("value", ["a\r\nx-injected: 1", "a\nx-injected: 1", "a\rb", "a\0b", "\r\n\r\nGET / HTTP/1.1"])
@pytest.mark.parametrize("where", ["name", "value"])
def test_refuses_a_header_that_would_become_two(endpoint, service, value, where):
    headers = {"user-agent": value} if where == "value" else {value: "x"}
    with pytest.raises(ConnectionFailed):
        post(endpoint, headers=headers)
    assert not service.received
    assert not service.plaintext


def test_a_large_request_arrives_whole(endpoint, service):
    body = bytes(range(256)) * 4096
    post(endpoint, body)
    assert service.received[0].body == body


def test_a_request_waits_for_the_connection_that_was_begun_for_it_and_opens_no_second(endpoint, service, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    connect = endpoint._connect

    def slowly(deadline):
        begun.set()
        go_on.wait(5)
        return connect(deadline)

    monkeypatch.setattr(endpoint, "_connect", slowly)
    deadline = soon()
    endpoint.open_meanwhile(deadline=deadline)
    endpoint.open_meanwhile(deadline=deadline)  # is being opened
    assert begun.wait(5)
    threading.Timer(0.1, go_on.set).start()
    assert endpoint.post(HEADERS, b"{}", deadline=deadline).status == 200
    endpoint.open_meanwhile(deadline=soon())  # idles
    assert service.connections == 1


def test_a_connection_that_was_begun_and_failed_is_not_tried_again_by_its_call(endpoint, monkeypatch):
    tried = []

    def refuse(deadline):
        tried.append(deadline)
        raise ConnectionFailed("connecting failed")

    monkeypatch.setattr(endpoint, "_connect", refuse)
    deadline = soon()
    endpoint.open_meanwhile(deadline=deadline)
    with pytest.raises(ConnectionFailed, match="connecting failed"):
        endpoint.post(HEADERS, b"{}", deadline=deadline)
    assert tried == [deadline]


def test_what_was_begun_for_another_call_fails_none_and_is_waited_for_by_none(endpoint, monkeypatch):
    connect, hanging = endpoint._connect, threading.Event()

    def refuse(_):
        raise ConnectionFailed("connecting failed")

    def hang(deadline):
        hanging.wait(5)
        return connect(deadline)

    for begun in (refuse, hang):
        with monkeypatch.context() as patch:
            patch.setattr(endpoint, "_connect", begun)
            endpoint.open_meanwhile(deadline=soon(4.0))
            patch.undo()
            started = time.monotonic()
            assert post(endpoint).status == 200
            assert time.monotonic() - started < 2
        endpoint.close()
    hanging.set()
    wait_for(lambda: endpoint._idle)


def test_closing_waits_for_a_connection_that_is_being_opened_and_closes_it(endpoint, monkeypatch):
    connect, made = endpoint._connect, []

    def slowly(deadline):
        time.sleep(0.1)
        made.append(connect(deadline))
        return made[0]

    monkeypatch.setattr(endpoint, "_connect", slowly)
    endpoint.open_meanwhile(deadline=soon())
    endpoint.close()
    assert made[0]._socket.fileno() == -1


def test_where_no_thread_can_be_had_a_call_opens_its_connection_itself(endpoint, service, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        deadline = soon()
        endpoint.open_meanwhile(deadline=deadline)
    assert endpoint.post(HEADERS, b"{}", deadline=deadline).status == 200
    assert service.connections == 1


def test_waiting_for_a_connection_that_was_begun_does_not_outlast_the_deadline(endpoint, monkeypatch):
    hanging = threading.Event()

    def hang(_):
        hanging.wait(5)
        raise ConnectionFailed("too late")

    monkeypatch.setattr(endpoint, "_connect", hang)
    deadline = soon(0.3)
    endpoint.open_meanwhile(deadline=deadline)
    with pytest.raises(DeadlinePassed):
        endpoint.post(HEADERS, b"{}", deadline=deadline)
    assert 0 <= time.monotonic() - deadline < 1
    hanging.set()


def test_several_threads_share_an_endpoint_without_mixing_answers_up(endpoint, service):
    def echo(exchange):
        exchange.send(http(200, exchange.request.body))
        return True

    service.default = echo
    wrong = []

    def call(name):
        for number in range(25):
            body = f"{name}-{number}".encode()
            if post(endpoint, body).body != body:
                wrong.append(body)

    threads = [threading.Thread(target=call, args=(name,)) for name in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not wrong
    assert len(service.received) == 300
    assert service.connections < 60


def test_more_threads_than_idle_connections_leave_none_open(endpoint, service):
    """Each connection is either kept or closed, never forgotten: a forgotten one warns, and warnings are errors."""
    together = threading.Barrier(16)
    service.default = lambda exchange: (together.wait(5), raw(http(200, b"{}"))(exchange))[1]
    threads = [threading.Thread(target=post, args=(endpoint,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert service.connections == 16
    assert 0 < len(endpoint._idle) < 16


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "https://host/path", "http://host:x"]
)
def test_refuses_an_endpoint_that_is_none(url):
    with pytest.raises(ValueError, match=r"endpoint|[Pp]ort"):
        Endpoint(url)


def test_an_endpoint_may_end_with_a_slash(service):
    endpoint = Endpoint(service.url + "/")
    assert post(endpoint).status == 200
    endpoint.close()


def test_fake_service_ends_every_thread():
    """The instrument itself: what it says of connections can be relied upon."""
    with FakeService() as service:
        endpoint = Endpoint(service.url)
        post(endpoint)
        endpoint.close()
    assert not any(thread.is_alive() for thread in service._threads)
