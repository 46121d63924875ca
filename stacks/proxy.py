"""What a stack with a proxy holds, whichever proxy it is: app clients, web ACL, proxy, alarms, outputs."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from aws_cdk import Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy import AppClient, CustomDomain, FailoverRole, ProxyOutputs, SealedTokens, WafScope
from cognito_proxy.proxies.proxy_properties import ProxyProperties
from cognito_proxy.proxies.sign_in_proxy import SignInProxy
from stacks.alarms import watch_proxy
from stacks.app_client import app_clients
from stacks.domain import add_domain_target, custom_domain
from stacks.flags import AppFlags
from stacks.guards import guards
from stacks.human_check import human_check
from stacks.oauth import oauth_endpoints
from stacks.phone_rules import phone_rules
from stacks.queries import log_queries
from stacks.reviewed import access_log_bucket, customer_key
from stacks.web_acl import web_acl


class ProxyStack(Stack):
    """Base of the stacks of both variants; what differs is the proxy."""

    proxy: SignInProxy
    """The stack's one proxy."""

    clients: Mapping[str, AppClient]
    """Whom the proxy serves, by what their construct ids and outputs end in."""

    encryption_key: kms.Key | None
    """What encrypts all that is kept. None: AWS's own keys do."""

    sealed_tokens: SealedTokens | None = None
    """The keys of sealed access tokens. None: users get Cognito's own."""

    access_log_bucket: s3.Bucket | None
    """Where S3 logs who reads the other buckets. None: nowhere."""

    _description: ClassVar[str]
    _waf_scope: ClassVar[WafScope]

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        flags: AppFlags,
        env: Environment | None = None,
        clients: Mapping[str, AppClient] | None = None,
        encryption_key: kms.Key | None = None,
        secret_replica_regions: Sequence[str] = (),
        secret_replica_keys: Mapping[str, kms.IKey] = MappingProxyType({}),
        role: FailoverRole = FailoverRole.PRIMARY,
    ) -> None:
        """Make everything; pool and app clients, too, unless `clients` of another stack are given.

        `encryption_key` is that of a stack before this one. Default: - one is made here, if the flags ask for one.
        `secret_replica_regions` and their keys are of the app clients that are made here. `role` is the stack's, where
        two Regions share a host name.
        """
        super().__init__(
            scope,
            construct_id,
            env=env,
            description=self._description,
            termination_protection=not flags.demonstration,
        )
        key = self.encryption_key = encryption_key or customer_key(self, flags)
        self.access_log_bucket = access_log_bucket(self, flags)
        self._role = role
        own_clients = (
            {}
            if clients
            else app_clients(
                self,
                flags,
                secret_replica_regions=secret_replica_regions,
                secret_replica_keys=secret_replica_keys,
                encryption_key=key,
            )
        )
        self.clients = clients or own_clients
        served = list(self.clients.values())
        domain = self._domain(flags)
        proxy = self.proxy = self._new_proxy(
            flags,
            {
                "app_clients": served,
                "allowed_origins": flags.allowed_origins,
                "threat_protection": flags.threat_protection,
                "propagate_client_ip": flags.propagate_client_ip,
                "log_level": flags.log_level,
                "log_plain": flags.log_plain,
                "web_acl": web_acl(
                    self,
                    flags,
                    waf_scope=self._waf_scope,
                    encryption_key=key,
                    health_check=domain is not None and domain.failover is not None,
                ),
                "domain": domain,
                "failover_regions": self._failover_regions(flags),
                "encryption_key": key,
                "phone_rules": phone_rules(flags),
                "guards": guards(flags),
                "human_check": human_check(self, flags, encryption_key=key),
                "oauth": oauth_endpoints(flags, served[0]),
            },
        )
        rotations = () if self.sealed_tokens is None else (self.sealed_tokens.alarm,)
        watch_proxy(self, flags, proxy, own_clients, encryption_key=key, rotations=rotations)
        log_queries(self, flags, proxy, encryption_key=key, access_log_bucket=self.access_log_bucket)
        ProxyOutputs(self, "Outputs", proxy=proxy, app_client_names=flags.app_clients)
        add_domain_target(self, flags, proxy.alias_target)

    def _domain(self, flags: AppFlags) -> CustomDomain | None:
        return custom_domain(self, flags)

    def _failover_regions(self, flags: AppFlags) -> Sequence[str]:
        """Where the pool is besides the Region that is asked first."""
        other = flags.second_region if self._role is FailoverRole.PRIMARY else flags.region
        return () if flags.second_region is None or other is None else (other,)

    @abstractmethod
    def _new_proxy(self, flags: AppFlags, shared: ProxyProperties) -> SignInProxy:
        """Make `Proxy`, of what both variants share and of what this one has of its own."""
