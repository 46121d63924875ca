"""The proxy as an app sees it, read from a stack's outputs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_CLIENT_ID = "AppClientId"
"""The output with the first app client's id; that of a further one ends in its name: `AppClientIdIos`."""
_NAMES = "AppClients"
"""The output with the names in the flag's order, `web,ios`; the first is that of `AppClientId`."""

# Their text goes into other languages' literals, so nothing but what such a value can be. Sources: botocore's model of
# cognito-idp (UserPoolIdType `[\w-]+_[0-9a-zA-Z]+`, ClientIdType `[\w+]+`); RFC 3986 for URLs, without `$`, `'`, `\`.
_FORMS = {
    "UserPoolId": re.compile(r"[\w-]+_[0-9a-zA-Z]+", re.ASCII),
    "Region": re.compile(r"[a-z0-9-]+"),
    "ProxyEndpoint": re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[\w.~-]+)*/?", re.ASCII),
}
_FORM_OF_CLIENT_ID = re.compile(r"[\w+]+", re.ASCII)


class NotConfigurable(Exception):
    """There is nothing to paste; the message says why, and what to do."""


class SeveralAppClients(NotConfigurable):
    """The stack has several app clients, and none was chosen."""


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """What an app must know of a proxy. Nothing in it is secret."""

    endpoint: str
    """URL that apps call, with its slash at the end."""
    region: str
    """The user pool's Region."""
    user_pool_id: str
    client_id: str

    @property
    def host(self) -> str:
        """Host name in the endpoint, without a port."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def path(self) -> str:
        """Path in the endpoint: `/`, or `/prod/` where API Gateway has no host name of ours."""
        return urlsplit(self.endpoint).path

    @property
    def is_https(self) -> bool:
        """Whether apps reach it over TLS, on the usual port; a local run is without."""
        url = urlsplit(self.endpoint)
        return url.scheme == "https" and url.port is None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in ("127.0.0.1", "localhost")


def proxy_of(outputs: Mapping[str, str], client: str | None, *, stack: str) -> Proxy:
    """The proxy that a stack's outputs tell of.

    Args:
        outputs: the stack's.
        client: which app client, by its id or by its name in the flag `app_clients`. None: the only one.
        stack: the stack's name, for errors.

    Raises:
        SeveralAppClients: there are several, and none is chosen.
        NotConfigurable: an output is missing or not what a proxy's stack has, or there is no such app client.
    """
    missing = [name for name in (*_FORMS, _CLIENT_ID) if not outputs.get(name)]
    if missing:
        raise NotConfigurable(f"stack {stack}: no output {', '.join(missing)}; name the proxy's stack")
    for name, form in _FORMS.items():
        _check(name, outputs[name], form, stack=stack)
    client_id = _chosen(_clients(outputs), client, stack=stack)
    _check(_CLIENT_ID, client_id, _FORM_OF_CLIENT_ID, stack=stack)
    endpoint = outputs["ProxyEndpoint"]
    return Proxy(
        endpoint=endpoint if endpoint.endswith("/") else f"{endpoint}/",
        region=outputs["Region"],
        user_pool_id=outputs["UserPoolId"],
        client_id=client_id,
    )


def _check(name: str, value: str, form: re.Pattern[str], *, stack: str) -> None:
    if form.fullmatch(value) is None:
        raise NotConfigurable(f"stack {stack}: output {name} is {value!r}, which no proxy's stack has")


def _clients(outputs: Mapping[str, str]) -> dict[str, str | None]:
    """Names of app clients by id, in the flag's order. The first one's is None where the stack does not tell it."""
    first, *others = outputs.get(_NAMES, "").split(",")
    further = {key.removeprefix(_CLIENT_ID).lower(): value for key, value in outputs.items() if _is_further(key)}
    in_order = [name for name in others if name in further] + sorted(further.keys() - set(others))
    return {outputs[_CLIENT_ID]: first or None} | {further[name]: name for name in in_order}


def _is_further(output: str) -> bool:
    return output.startswith(_CLIENT_ID) and output != _CLIENT_ID


def _chosen(clients: Mapping[str, str | None], client: str | None, *, stack: str) -> str:
    if client is None:
        if len(clients) > 1:
            raise SeveralAppClients(f"stack {stack} has several app clients, so choose with --client: {_told(clients)}")
        return next(iter(clients))
    found = next((client_id for client_id, name in clients.items() if client in (client_id, name)), None)
    if found is None:
        raise NotConfigurable(f"stack {stack}: no app client {client!r}; there is {_told(clients)}")
    return found


def _told(clients: Mapping[str, str | None]) -> str:
    return ", ".join(client_id if name is None else f"{client_id} ({name})" for client_id, name in clients.items())
