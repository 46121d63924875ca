"""What a proxy is, wherever it stands: a function that adds the proof, a web ACL, a front, and a name."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.origins import warn_of_any_origin
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.firewall.web_acl_choice import chosen_web_acl
from cognito_proxy.proxies._client_context import prepare_client_context
from cognito_proxy.proxies._dns_records import alias_records, check_failover
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.proxy_properties import SharedProperties
from cognito_proxy.proxies.settings_document import SettingsDocument
from cognito_proxy.proxies.watched_metric import WatchedMetric

_SHORTEST_TIMEOUT = Duration.seconds(3)


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What the DNS records of a host name of one's own point at."""

    name: str
    target: route53.IAliasRecordTarget


@dataclass(frozen=True, kw_only=True)
class Front:
    """What takes the calls and asks the function: an API's stage, or a distribution."""

    resource: Construct
    """Nobody can call before it is there."""

    host_name: str
    """Of AWS's making."""

    url: str
    """How it is called by that name."""

    alias: Alias | None
    """For a host name of one's own; None without one."""

    health_check: route53.HealthCheck | None = None
    """Of Route 53, with failover. None without."""


class SignInProxy(Construct):
    """Base of `EdgeProxy` and `RegionalProxy`: what users of either can ask of it, and the order in which it is made.

    What differs is in the methods marked abstract; `_build` calls two of them, in their order. The mark is for type
    checkers: jsii's constructs have a metaclass of their own, beside which ABCMeta has no place.
    """

    app_clients: tuple[AppClient, ...]
    """Whom the proxy serves."""

    function: lambda_.Function
    """What adds the proof."""

    function_alias: lambda_.Alias | None
    """With `provisioned_concurrency` of a `RegionalProxy`: what its API calls. None else; then `function` is called."""

    web_acl: ProxyWebAcl | None
    """The web ACL in front. None when it is made elsewhere, or there is none."""

    web_acl_arn: str | None
    """Its ARN, wherever it is made. None when there is none."""

    endpoint: str
    """The URL that apps call."""

    domain_name: str
    """The host name in `endpoint`."""

    health_check: route53.HealthCheck | None
    """What Route 53 knows of it, with `DnsFailover`. None without."""

    alias_target: str | None
    """With a `domain`: the host name that its DNS records point at."""

    _waf_scope: ClassVar[WafScope]
    """Of a web ACL that can stand in front."""

    _longest_timeout: ClassVar[Duration]
    """That the front leaves the function."""

    _seals = False
    """Whether users get sealed access tokens."""

    @abstractmethod
    def watched_metrics(self) -> tuple[WatchedMetric, ...]:
        """What `ProxyAlarms` watches."""

    def _build(
        self, shared: SharedProperties, settings: SettingsDocument, *, default_timeout: Duration, ipv6: bool = False
    ) -> None:
        """Make everything, in the one order; a proxy calls it once it has checked what is its own.

        Raises:
            PropertyError: a property is out of its bounds, the settings are too large, or the web ACL cannot stand in
                front of this proxy.
        """
        timeout = shared.timeout or default_timeout
        require_duration_between("timeout", timeout, _SHORTEST_TIMEOUT, self._longest_timeout)
        check_failover(shared.domain)
        warn_of_any_origin(self, shared.allowed_origins)
        self.app_clients = tuple(shared.app_clients)
        for client in self.app_clients:
            client.is_served_by(self, seals=self._seals)
        self.function_alias = None
        self.function = self._new_function(settings, memory_size=shared.memory_size, timeout=timeout)
        prepare_client_context(
            self,
            self.function,
            app_clients=self.app_clients,
            failover_regions=shared.failover_regions,
            threat_protection=shared.threat_protection,
            propagate_client_ip=shared.propagate_client_ip,
        )
        if shared.oauth is not None:
            shared.oauth.allow(self.app_clients)
        chosen = chosen_web_acl(
            self,
            shared.web_acl,
            waf_scope=self._waf_scope,
            allowed_origins=shared.allowed_origins,
            ipv6=ipv6,
            health_check=shared.domain is not None and shared.domain.failover is not None,
            oauth_rate=None if shared.oauth is None else shared.oauth.rate,
            encryption_key=shared.encryption_key,
        )
        self.web_acl, self.web_acl_arn = chosen.construct, chosen.arn
        front = self._new_front(settings, shared.domain)
        # A proxy that answers has its secrets.
        front.resource.node.add_dependency(*self.app_clients)
        self._name(front, shared.domain, ipv6=ipv6)

    @abstractmethod
    def _new_function(self, settings: SettingsDocument, *, memory_size: int, timeout: Duration) -> lambda_.Function:
        """Make the function, with a role that may read the app clients' secrets."""

    @abstractmethod
    def _new_front(self, settings: SettingsDocument, domain: CustomDomain | None) -> Front:
        """Make what takes the calls, behind the web ACL."""

    def _name(self, front: Front, domain: CustomDomain | None, *, ipv6: bool) -> None:
        self.domain_name, self.endpoint, self.alias_target = front.host_name, front.url, None
        self.health_check = front.health_check
        if domain is None or front.alias is None:
            return
        self.domain_name = domain.domain_name
        self.endpoint = f"https://{domain.domain_name}/"
        self.alias_target = front.alias.name
        alias_records(self, domain, front.alias.target, ipv6=ipv6, health_check=front.health_check)
