"""AWS WAF's web ACLs and IP sets on loopback, with lock tokens.

MiniStack's UpdateIPSet takes any lock token. This one keeps to the API reference: an update replaces description and
addresses as a whole, and is refused with WAFOptimisticLockException when its token is not the current one. An update
that changes nothing keeps the token, which is the harder case for those who rely on it. Requests and answers are
checked against botocore's model.
"""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

ACCOUNT = "000000000000"
MAX_ADDRESSES = 10_000


class Refused(Exception):
    """An error of AWS WAF."""

    def __init__(self, code: str, message: str = "refused") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass
class IpSet:
    """What UpdateIPSet changes, and what it does not."""

    arn: str
    name: str
    id: str
    version: str
    description: str
    addresses: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: str(uuid.uuid4()))


class WafStub:
    """The service: IP sets and web ACLs by ARN. `faults` are errors for the next calls, by operation."""

    def __init__(self, region: str = "eu-west-1") -> None:
        self.region = region
        self.endpoint = ""
        self.ip_sets: dict[str, IpSet] = {}
        self.web_acls: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.faults: dict[str, deque[Refused]] = {}
        self.updates = 0
        self.conflicts = 0
        self._lock = threading.Lock()

    def add_ip_set(self, name: str, version: str, description: str = "", addresses: Sequence[str] = ()) -> IpSet:
        """An IP set as CloudFormation makes it."""
        new_id = str(uuid.uuid4())
        arn = self._arn("ipset", name, new_id)
        ip_set = IpSet(arn=arn, name=name, id=new_id, version=version, description=description)
        ip_set.addresses = tuple(addresses)
        self.ip_sets[new_id] = ip_set
        return ip_set

    def add_web_acl(self, name: str, rules: Sequence[Mapping[str, Any]], tags: Mapping[str, str]) -> str:
        """A web ACL; gives its ARN."""
        new_id = str(uuid.uuid4())
        arn = self._arn("webacl", name, new_id)
        visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
        self.web_acls[new_id] = {
            "Name": name,
            "Id": new_id,
            "ARN": arn,
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": visible,
            "Rules": [{"Priority": 0, "VisibilityConfig": visible} | rule for rule in rules],
        }
        self.tags[arn] = dict(tags)
        return arn

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """One operation; one at a time."""
        with self._lock:
            if self.faults.get(operation):
                raise self.faults[operation].popleft()
            return dict(_OPERATIONS[operation](self, request))

    def get_ip_set(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ip_set = self._ip_set(request)
        shown = {
            "Name": ip_set.name,
            "Id": ip_set.id,
            "ARN": ip_set.arn,
            "IPAddressVersion": ip_set.version,
            "Addresses": list(ip_set.addresses),
        }
        if ip_set.description:
            shown["Description"] = ip_set.description
        return {"IPSet": shown, "LockToken": ip_set.token}

    def update_ip_set(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ip_set = self._ip_set(request)
        if request["LockToken"] != ip_set.token:
            self.conflicts += 1
            raise Refused("WAFOptimisticLockException")
        addresses = tuple(request["Addresses"])
        if len(addresses) > MAX_ADDRESSES:
            raise Refused("WAFLimitsExceededException")
        if len(set(addresses)) < len(addresses):
            raise Refused("WAFDuplicateItemException")
        self.updates += 1
        after = (addresses, request.get("Description", ""))
        if after != (ip_set.addresses, ip_set.description):
            ip_set.addresses, ip_set.description = after
            ip_set.token = str(uuid.uuid4())
        return {"NextLockToken": ip_set.token}

    def get_web_acl(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"WebACL": self.web_acls[request["Id"]], "LockToken": str(uuid.uuid4())}
        except KeyError:
            raise Refused("WAFNonexistentItemException") from None

    def list_tags(self, request: Mapping[str, Any]) -> dict[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in self.tags[request["ResourceARN"]].items()]
        # The model has no empty list here.
        return {"TagInfoForResource": {"ResourceARN": request["ResourceARN"]} | ({"TagList": tags} if tags else {})}

    def _ip_set(self, request: Mapping[str, Any]) -> IpSet:
        try:
            return self.ip_sets[request["Id"]]
        except KeyError:
            raise Refused("WAFNonexistentItemException") from None

    def _arn(self, kind: str, name: str, new_id: str) -> str:
        return f"arn:aws:wafv2:{self.region}:{ACCOUNT}:regional/{kind}/{name}/{new_id}"


_OPERATIONS = {
    "GetIPSet": WafStub.get_ip_set,
    "UpdateIPSet": WafStub.update_ip_set,
    "GetWebACL": WafStub.get_web_acl,
    "ListTagsForResource": WafStub.list_tags,
}


class _Model:
    """botocore's model of AWS WAF."""

    def __init__(self) -> None:
        description = (
            botocore.session.get_session().get_component("data_loader").load_service_model("wafv2", "service-2")
        )
        self._service = ServiceModel(description, "wafv2")
        self._validator = ParamValidator()

    def check(self, operation: str, document: Mapping[str, Any], *, answer: bool) -> None:
        model = self._service.operation_model(operation)
        shape = model.output_shape if answer else model.input_shape
        report = self._validator.validate(document, shape)
        if report.has_errors():
            raise Refused("WAFInvalidParameterException", report.generate_report())


class _Server(ThreadingHTTPServer):
    """Ends connections that clients keep open when it is closed."""

    request_queue_size = 256
    daemon_threads = False

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


@contextmanager
def waf_stub(region: str = "eu-west-1") -> Iterator[WafStub]:
    """The service, listening on a free port of loopback."""
    stub, model = WafStub(region), _Model()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        wbufsize = -1
        disable_nagle_algorithm: ClassVar[bool] = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            operation = self.headers["x-amz-target"].partition(".")[2]
            try:
                model.check(operation, body, answer=False)
                answer, status = stub.call(operation, body), 200
                model.check(operation, answer, answer=True)
            except Refused as refused:
                answer, status = {"__type": refused.code, "message": refused.message}, 400
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            self.wfile.flush()

        def log_message(self, *args: object) -> None:
            """Silence."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        stub.endpoint = f"http://127.0.0.1:{server.server_port}"
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join(timeout=10)
