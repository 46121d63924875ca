"""The settings document that the proxy function reads; the same for both variants."""

import bisect
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Fn, Stack, Token
from constructs import IConstruct

from cognito_proxy.app_clients.cross_region import ClientValues, seen_from
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.origins import check_origins
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.region_names import check_failover_regions
from cognito_proxy.interceptors.made import Made
from cognito_proxy.proxies._value_lengths import (
    LONGEST_ORIGIN,
    LONGEST_REGION,
    SHORTEST_REGION,
    longest,
    longest_values,
    shortest,
    shortest_values,
)

if TYPE_CHECKING:
    from cognito_proxy.app_clients.app_client import AppClient


class EdgeAdminCalls(StrEnum):
    """At the edge, who sends the administrator calls of threat protection."""

    IN_PLACE = "in_place"
    """CloudFront sends what the function has signed; the function makes no network call of its own."""

    GENERATED = "generated"
    """The function makes the call and answers with what Cognito says."""


class LogLevel(StrEnum):
    """Which calls have a line in the function's log; its metrics are made of the lines."""

    REQUESTS = "requests"
    """All calls."""

    PROBLEMS = "problems"
    """Calls that failed or met a problem."""

    NONE = "none"
    """No call, and so there are no metrics."""


SETTINGS_HEADER = "x-proxy-settings"
"""The origin's custom header that carries the document at the edge; further ones end in `-2`, `-3` and so on."""

# CloudFront's limits for origin custom headers:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-custom-headers
MAX_HEADERS = 30
MAX_HEADER_VALUE = 1_783
MAX_HEADERS_TOTAL = 10_240
"""Characters of all names and values together."""
MAX_DOCUMENT_BYTES = MAX_HEADER_VALUE // 4 * 3
"""Base64 makes four characters of three bytes."""

MAX_ENVIRONMENT_BYTES = 4_096
"""Of a Lambda function's environment variables, names and values together:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

ENVIRONMENT_VARIABLE = "PROXY_SETTINGS"
"""What carries the document in a Lambda function's environment."""

# What `cognito-proxy failover` adds in an emergency, when it is too late to find that it does not fit: see
# `cognito_proxy.cli.pinned_proxies`.
PIN_HEADER = "x-proxy-cognito-region"
PIN_KEY = "pin"
WITH_CHANGES = "+changes"

_MORE_CLIENTS = "and a second proxy of the same pool takes the others"


@dataclass(frozen=True, kw_only=True)
class SettingsDocument:
    """What the function knows of its deployment. Values may be known at deploy time only.

    It is made of fields and not of keys, so an unknown key cannot get in.

    Raises:
        PropertyError: the app clients do not belong together, an origin is none, `secret_ttl` is out of its bounds or
            too long for a rotation's overlap, `failover_regions` are not Regions besides the first one, or nobody knows
            that `edge_admin_calls` or `log_level`.
    """

    app_clients: Sequence["AppClient"]
    """The app clients that the proxy serves, all of one user pool; at least one."""

    allowed_origins: Sequence[str] = ()
    """Exact origins that browsers may call from, or `*`. Default: none."""

    secret_ttl: Duration | None = None
    """How long a fetched secret is used, from 1 second to 24 hours. Default: the function's own, 300 seconds."""

    threat_protection: bool = False
    """Sign-in goes through the administrator operations. Default: False."""

    propagate_client_ip: bool = False
    """The caller's address is told to Cognito. Default: False."""

    edge_admin_calls: EdgeAdminCalls | None = None
    """At the edge, who sends administrator calls. Default: - the key is left out, which the function reads as
    `in_place`; an `EdgeProxy` always writes it."""

    server_name: str | None = None
    """The host name that apps call, where the event does not tell. Default: - the event's."""

    log_level: LogLevel = LogLevel.REQUESTS
    """Which calls have a line in the log. Default: all."""

    log_plain: bool = False
    """Usernames and addresses stand there in plain text, too. Default: False."""

    region: str | None = None
    """The Region whose Cognito is asked first. Default: - the app clients', which is the pool's own."""

    failover_regions: Sequence[str] = ()
    """Further Regions to which the pool is replicated, in their order. Default: none."""

    interceptors: Sequence[Made] = ()
    """What stands around calls by choice; each has its own keys. Default: nothing."""

    def __post_init__(self) -> None:
        check_app_clients(self.app_clients)
        check_origins("allowed_origins", self.allowed_origins)
        if self.secret_ttl is not None:
            require_duration_between("secret_ttl", self.secret_ttl, Duration.seconds(1), Duration.hours(24))
        if self.edge_admin_calls is not None and self.edge_admin_calls not in tuple(EdgeAdminCalls):
            raise PropertyError(
                f"edge_admin_calls must be one of {', '.join(EdgeAdminCalls)}, not {self.edge_admin_calls!r}"
            )
        if self.log_level not in tuple(LogLevel):
            raise PropertyError(f"log_level must be one of {', '.join(LogLevel)}, not {self.log_level!r}")
        check_failover_regions(self.failover_regions)
        if self._first_region in self.failover_regions:
            raise PropertyError(f"failover_regions must not hold {self._first_region}, which is asked first anyway")
        for client in self.app_clients:
            client.check_secret_ttl(self.secret_ttl)

    def to_json(self, scope: IConstruct) -> str:
        """The JSON text for the stack of `scope`; an optional key stands in it only if it says something.

        Raises:
            PropertyError: it cannot fit into a function's environment. What is known at deploy time only counts as
                short as it can get.
        """
        self._check_environment()
        clients = [seen_from(scope, client) for client in self.app_clients]
        options = self._options(self.allowed_origins)
        return Stack.of(scope).to_json_string(self._document(clients) | options | self._parts())

    def to_headers(self, scope: IConstruct) -> dict[str, str]:
        """Origin custom headers for the stack of `scope`: names, and values that are base64 of JSON.

        App clients that do not fit into one header go on in further documents of the same form; the first has the
        optional keys. What is known at deploy time only counts as long as it can get.

        Raises:
            PropertyError: they are more than CloudFront takes; the numbers are named.
        """
        self._check_headers()
        stack = Stack.of(scope)
        headers = {}
        for index, (group, _) in enumerate(self._groups(self.app_clients)):
            document = self._document([seen_from(scope, client) for client in group])
            options = self._options(self.allowed_origins) | self._parts() if index == 0 else {}
            headers[_header_name(index)] = Fn.base64(stack.to_json_string(document | options))
        return headers

    def _check_environment(self) -> None:
        clients, origins, bound = self.app_clients, self.allowed_origins, MAX_ENVIRONMENT_BYTES
        holds = f"a function's environment holds {bound:,}"
        self._check_one_client(lambda count: self._least_size(clients[:1], origins[:count]), bound, holds)
        size = self._least_size(clients, origins)
        if size > bound:
            fit = _most(len(clients), lambda count: self._least_size(clients[:count], origins), bound)
            raise PropertyError(
                f"app_clients: the settings of {len(clients)} have at least {size:,} bytes, and {holds}; "
                f"at most {fit} fit, {_MORE_CLIENTS}"
            )

    def _check_headers(self) -> None:
        clients, origins = self.app_clients, self.allowed_origins
        holds = f"{MAX_DOCUMENT_BYTES:,} fit into a header of {MAX_HEADER_VALUE:,} characters"
        self._check_one_client(
            lambda count: self._size(clients[:1], self._longest_options(origins[:count])), MAX_DOCUMENT_BYTES, holds
        )
        headers, characters = self._headers_size(clients)
        if headers > MAX_HEADERS or characters > MAX_HEADERS_TOTAL:
            fit = _most(len(clients), lambda count: self._headers_size(clients[:count])[1], MAX_HEADERS_TOTAL)
            raise PropertyError(
                f"app_clients: the settings of {len(clients)} need up to {headers} headers with {characters:,} "
                f"characters, and CloudFront takes {MAX_HEADERS} with {MAX_HEADERS_TOTAL:,}; "
                f"at most {fit} fit, {_MORE_CLIENTS}"
            )

    def _check_one_client(self, size: Callable[[int], int], bound: int, holds: str) -> None:
        """Refuse what is too much for one app client already. `size` is its document's, by the number of origins."""
        origins = len(self.allowed_origins)
        if size(origins) <= bound:
            return
        if size(0) > bound and self.interceptors:
            keys = ", ".join(key for made in self.interceptors for key in made.settings)
            raise PropertyError(f"{keys}: with them the settings of one app client have {size(0):,} bytes, and {holds}")
        # Besides origins only the Regions of replicas are many.
        name, count = "allowed_origins", origins
        if size(0) > bound:
            name, count = "secret_replica_regions", len(self.app_clients[0].secret_replica_regions)
        raise PropertyError(
            f"{name}: with {count} of them the settings of one app client have {size(origins):,} bytes, and {holds}"
            + (f"; at most {_most(origins, size, bound)} of these fit" if name == "allowed_origins" else "")
        )

    def _headers_size(self, clients: Sequence["AppClient"]) -> tuple[int, int]:
        """How many headers, and the most characters in their names and values together."""
        sizes = [size for _, size in self._groups(clients)]
        characters = sum(len(_header_name(index)) + _base64_length(size) for index, size in enumerate(sizes))
        if not self.failover_regions:
            return len(sizes), characters
        return len(sizes) + 1, characters + len(PIN_HEADER) + len(self._longest_pin)

    def _groups(self, clients: Sequence["AppClient"]) -> Iterator[tuple[Sequence["AppClient"], int]]:
        """The app clients of each document, and the most bytes that it can have. One fits, as `_check_headers` saw."""
        rest, options = list(clients), self._longest_options(self.allowed_origins)
        while rest:
            count = self._most_clients(rest, options)
            yield rest[:count], self._size(rest[:count], options)
            rest, options = rest[count:], {}

    def _most_clients(self, clients: Sequence["AppClient"], options: dict[str, Any]) -> int:
        return _most(len(clients), lambda count: self._size(clients[:count], options), MAX_DOCUMENT_BYTES)

    def _size(self, clients: Sequence["AppClient"], options: dict[str, Any]) -> int:
        document = self._document([longest_values(client) for client in clients]) | options
        document["region"] = longest(document["region"], LONGEST_REGION)
        if "allowed_origins" in document:
            document["allowed_origins"] = [longest(origin, LONGEST_ORIGIN) for origin in document["allowed_origins"]]
        return len(json.dumps(document, separators=(",", ":")))

    def _least_size(self, clients: Sequence["AppClient"], origins: Sequence[str]) -> int:
        document = self._document([shortest_values(client) for client in clients]) | self._options(origins)
        document |= shortest(self._parts())
        document["region"] = "x" * SHORTEST_REGION
        if self.failover_regions:
            document[PIN_KEY] = self._longest_pin
        return len(ENVIRONMENT_VARIABLE) + len(json.dumps(document, separators=(",", ":")))

    @property
    def _longest_pin(self) -> str:
        """The first Region is none: to ask it first takes the pin away."""
        return max(self.failover_regions, key=len) + WITH_CHANGES

    def _document(self, clients: Sequence[ClientValues]) -> dict[str, Any]:
        """The required keys."""
        return {
            "region": self._first_region,
            "user_pool_id": clients[0].user_pool_id,
            "clients": {client.client_id: {"secret_arn": client.secret_arn} for client in clients},
        }

    @property
    def _first_region(self) -> str:
        return self.region or Stack.of(self.app_clients[0]).region

    def _options(self, origins: Sequence[str]) -> dict[str, Any]:
        optional = {
            "threat_protection": self.threat_protection,
            "propagate_client_ip": self.propagate_client_ip,
            "edge_admin_calls": self.edge_admin_calls,
            "server_name": self.server_name,
            "allowed_origins": list(origins),
            "secret_ttl_seconds": self.secret_ttl and self.secret_ttl.to_seconds(integral=False),
            "replica_regions": list(self.app_clients[0].secret_replica_regions),
            "failover_regions": list(self.failover_regions),
            "log": None if self.log_level == LogLevel.REQUESTS else self.log_level,
            "log_plain": self.log_plain,
        }
        return {key: value for key, value in optional.items() if value}

    @property
    def files(self) -> dict[str, Path]:
        """What is bundled with the function for them: path within its asset to the file."""
        return {path: file for made in self.interceptors for path, file in made.files.items()}

    def _parts(self) -> dict[str, Any]:
        """The parts of what stands around calls."""
        return {key: dict(part) for made in self.interceptors for key, part in made.settings.items()}

    def _longest_options(self, origins: Sequence[str]) -> dict[str, Any]:
        """All that is optional, the parts as long as they can get."""
        parts = {key: dict(part) for made in self.interceptors for key, part in (made.longest or made.settings).items()}
        return self._options(origins) | parts


def check_app_clients(app_clients: Sequence["AppClient"]) -> None:
    """Refuse what one proxy cannot serve.

    Raises:
        PropertyError: there is no client, one stands there twice, their pools or the Regions of their secrets differ.
    """
    if not app_clients:
        raise PropertyError("app_clients must hold at least one AppClient, not none")
    paths = [client.node.path for client in app_clients]
    if len(set(paths)) < len(paths):
        raise PropertyError(f"app_clients must not hold an AppClient twice: {', '.join(paths)}")
    pools = list(dict.fromkeys(client.user_pool.user_pool_id for client in app_clients))
    if len(pools) > 1:
        raise PropertyError(f"app_clients must be of one user pool, not of {len(pools)}: {_readable(pools)}")
    if len({tuple(sorted(client.secret_replica_regions)) for client in app_clients}) > 1:
        raise PropertyError(f"app_clients must have the same secret_replica_regions: {', '.join(paths)}")


def _readable(values: Sequence[str]) -> str:
    return ", ".join("(known at deploy time)" if Token.is_unresolved(value) else value for value in values)


def _most(count: int, size: Callable[[int], int], bound: int) -> int:
    """The largest number up to `count` whose size is within the bound; the more, the larger."""
    return bisect.bisect_right(range(1, count + 1), bound, key=size)


def _base64_length(size: int) -> int:
    return -(-size // 3) * 4


def _header_name(index: int) -> str:
    return SETTINGS_HEADER if index == 0 else f"{SETTINGS_HEADER}-{index + 1}"
