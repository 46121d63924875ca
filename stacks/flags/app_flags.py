"""The settings of the app, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from constructs import Node

from cognito_proxy import EdgeAdminCalls, FirewallRule, HumanCheckProvider, LogLevel, ManagedGroups, OperationRates
from cognito_proxy.firewall.rates import DEFAULT_RATE_LIMIT
from stacks.flags.errors import FlagError
from stacks.flags.firewall import RATES, operation_rates
from stacks.flags.pool_replica import PoolReplica
from stacks.flags.rules import broken_rule, region_of
from stacks.flags.sample import Sample, SignInHost
from stacks.flags.sources import read_flags
from stacks.flags.variant import Variant


@dataclass(frozen=True, kw_only=True)
class AppFlags:
    """What the flags say. Every flag is optional."""

    variant: Variant = Variant.REGIONAL
    """`regional`: API Gateway and a function in the pool's Region. `edge`: CloudFront and Lambda@Edge. Default:
    `regional`."""

    user_pool_id: str | None = None
    """An existing pool, such as `eu-west-1_AbCdEf123`. Default: - a demonstration, with a pool of its own."""

    app_clients: tuple[str, ...] = ()
    """Names of the apps that get an app client of their own, comma-separated: `web,ios,android`. The first is the app
    client that there is without this flag, so keep its place and append new ones. Default: one app client."""

    app_client_ids: tuple[tuple[str, str], ...] = ()
    """Names and ids of app clients that exist and are taken over instead of made; the name is empty where there is one
    app client. Default: each is made."""

    auth_flows: tuple[str, ...] = ()
    """How users sign in with the app clients that are made here: `srp`, `password`, `user`, `custom`. Default: `srp`;
    of a demonstration also `password`."""

    rotation_days: int | None = None
    """Days between rotations of the app clients' secrets, 1 to 1,000. Default: - they are not rotated."""

    allowed_origins: tuple[str, ...] = ()
    """Exact origins of web pages, comma-separated, or `*`. Default: none."""

    threat_protection: bool = False
    """Sign-in as administrator calls that carry the client's true address. Default: False."""

    propagate_client_ip: bool = False
    """The client's true address on the public operations that take it. Default: False."""

    edge_admin_calls: EdgeAdminCalls | None = None
    """At the edge with `threat_protection`, who sends the administrator calls. Default: `generated`."""

    log_level: LogLevel = LogLevel.REQUESTS
    """Which calls have a line in the log of the proxy's function, and count in its metrics. Default: all."""

    log_plain: bool = False
    """Usernames and addresses in plain text on these lines. Default: False."""

    allow_ips: tuple[str, ...] = ()
    """Addresses and CIDRs that are always let in, v4 and v6 mixed, comma-separated. Default: none besides those set by
    hand."""

    deny_ips: tuple[str, ...] = ()
    """Addresses and CIDRs that are always blocked, likewise. Default: none besides those set by hand."""

    rate_limit: int = DEFAULT_RATE_LIMIT.limit
    """Requests of one address within the window, 10 to 2,000,000,000. Default: 1,000."""

    rate_window_seconds: int = DEFAULT_RATE_LIMIT.window_seconds
    """The window of `rate_limit`: 60, 120, 300 or 600 seconds. Default: 300."""

    operation_rates: OperationRates = field(default_factory=OperationRates)
    """Rates of groups of operations, each by a flag of its own: `sign_up_rate_limit` and so on, 10 to 2,000,000,000 in
    300 seconds, or `none`. Default: as `OperationRates`."""

    managed_groups: ManagedGroups = field(default_factory=ManagedGroups)
    """AWS's managed rule groups, by name, or `none`. Default: as `ManagedGroups`."""

    count_only: tuple[FirewallRule, ...] = ()
    """Rules of the firewall that only count; `true`: all of them. Default: none."""

    throttle_rate: int | None = None
    """Requests a second that the regional stage takes of all callers together, 1 to 10,000. Default: 100."""

    throttle_burst: int | None = None
    """Requests at once, likewise, 1 to 5,000. Default: 200."""

    api_gateway_account_role: bool = False
    """Set the role with which API Gateway logs, for the whole account and Region. Default: False."""

    ipv6: bool = False
    """Answer on IPv6, too, and hold its networks to rates of their own. Default: False."""

    domain_name: str | None = None
    """A host name of your own; needs `certificate_arn`. Default: - AWS's own."""

    certificate_arn: str | None = None
    """ACM certificate for `domain_name`: in the pool's Region for `regional`, in us-east-1 for `edge`."""

    hosted_zone_id: str | None = None
    """Route 53 zone that gets the record for `domain_name`. Default: - no record is made."""

    second_region: str | None = None
    """A Region to which the pool is replicated: for `regional` there is a second stack in it, behind the same host
    name; the edge calls Cognito there while the pool's own Region is away. Default: - one Region."""

    second_certificate_arn: str | None = None
    """ACM certificate for `domain_name` in `second_region`, for `regional`."""

    pool_replica: PoolReplica = PoolReplica.EXISTING
    """The replica of the pool in `second_region`: `existing`, which is yours; `inactive` or `active`, which are made
    here. Default: `existing`."""

    monitoring: bool = True
    """A dashboard and alarms. Default: True."""

    alarm_email: str | None = None
    """Who is told of alarms. Default: - nobody; without `monitoring` there are no alarms, either."""

    trail_bucket: str | None = None
    """The bucket of a CloudTrail trail, for queries. Default: - no queries over CloudTrail."""

    sample: tuple[Sample, ...] = ()
    """Samples that use the tokens, each in a stack of its own, comma-separated. Default: none."""

    api_domain: str | None = None
    """Of the sample `http`: a host name of your own for the API; needs `api_certificate_arn`. Default: - API Gateway's
    own."""

    api_certificate_arn: str | None = None
    """ACM certificate for `api_domain`, in the pool's Region."""

    sign_in_domain: SignInHost | None = None
    """Of the sample `http`: a host name of your own for Cognito's sign-in pages, which needs `sign_in_certificate_arn`;
    or a prefix of AWS's; or `none`, and there are no pages and no OAuth 2.0. Default: - a prefix that is made up."""

    sign_in_certificate_arn: str | None = None
    """ACM certificate for a host name in `sign_in_domain`, in us-east-1."""

    nat_gateways: int | None = None
    """NAT gateways of the network of the sample `http`, and of `private_network`, 0 to 2, each charged by the hour.
    Default: 0."""

    implicit_grant: bool = False
    """Of the sample `http`: allow the implicit grant, too. Default: False."""

    provisioned_concurrency: int | None = None
    """Execution environments of the regional function that are kept ready, 1 to 1,000, charged by the hour. Default:
    - none is kept."""

    private_network: bool = False
    """The regional function runs in a VPC, and calls Cognito through an endpoint; with `nat_gateways` through these,
    from fixed addresses. Default: False."""

    customer_key: bool = False
    """One key for what the deployment keeps, instead of AWS's own. Default: False."""

    tracing: bool = False
    """Traces of the regional API and function to X-Ray. Default: False."""

    reserved_concurrency: int | None = None
    """Runs of the regional function at the same time, 1 to 100,000; kept free for it. Default: - as the account has."""

    bucket_access_log: bool = False
    """S3 logs who reads the log bucket and the results of queries. Default: False."""

    events: bool = False
    """Of the regional variant: tell EventBridge of each call that changed something of a user. Default: False."""

    user_limits: int | None = None
    """Attempts on a username in a window, whatever addresses they come from, 3 to 1,000, or `true` for 10; regional.
    Default: - not counted."""

    sealed_tokens: bool = False
    """Of the regional variant: users get access tokens that Cognito itself does not take. Default: False."""

    phone_countries: tuple[str, ...] = ()
    """Prefixes of phone numbers that users may have, such as `+1`, and with a minus, such as `-1876`, those that they
    may not have; comma-separated. Default: any number."""

    message_limit: int | None = None
    """Text messages an hour, 1 to 100,000, and a tenth of that for numbers that begin alike (regional). Default: no
    ceiling."""

    guards: str | None = None
    """Code of your own around the calls: a folder and a module in it, `folder:module`. What the code is shown stands
    in the folder's `guards.json`. Default: none."""

    human_check: HumanCheckProvider | None = None
    """Whose token sign-up, sign-in and recovery need: `turnstile`, `recaptcha` or `hcaptcha`. Default: none."""

    human_check_secret_arn: str | None = None
    """The secret in Secrets Manager that holds the provider's secret key. Default: - one is made, for you to fill."""

    human_check_site_key: str | None = None
    """The provider's public site key, for the sample `page`, and for hCaptcha to check. Default: none."""

    oauth_domain: SignInHost | None = None
    """Of the user pool: its domain, whose OAuth 2.0 endpoints the proxy serves, too; a prefix of AWS's, or a host name
    of your own. A demonstration makes it. Default: - none is served."""

    oauth_callback_urls: tuple[str, ...] = ()
    """Where apps come back to with a code, comma-separated; new app clients need one. Default: none are known here."""

    oauth_logout_urls: tuple[str, ...] = ()
    """Where users who signed out are sent, comma-separated. Default: none are known here."""

    @classmethod
    def from_context(cls, node: Node) -> Self:
        """Read the flags of an app; `config` is a path from the working directory.

        Raises:
            FlagError: a flag is unknown, empty or wrong, or flags do not go together.
        """
        return cls.from_mapping(node.get_all_context())

    @classmethod
    def from_mapping(cls, context: Mapping[str, Any], *, folder: Path | None = None) -> Self:
        """Read the flags of `context`; keys of CDK's own are ignored. `folder` is where `config` is looked for.

        Raises:
            FlagError: a flag is unknown, empty or wrong, or flags do not go together.
        """
        given = read_flags(context, folder=folder or Path.cwd())
        limits = {name: given.pop(name) for name in RATES if name in given}
        flags = cls(operation_rates=operation_rates(limits), **given)
        message = broken_rule(flags)
        if message:
            raise FlagError(message)
        return flags

    @property
    def demonstration(self) -> bool:
        """Whether there is no pool that anybody relies on."""
        return self.user_pool_id is None

    @property
    def region(self) -> str | None:
        """The pool's Region, as far as the flags settle it: its own, else that of a certificate for a regional API.
        None: the deployer's."""
        if self.user_pool_id is not None:
            return self.user_pool_id.partition("_")[0]
        regional = None if self.variant is Variant.EDGE else self.certificate_arn
        certificate = regional or self.api_certificate_arn
        return None if certificate is None else region_of(certificate)

    @property
    def client_count(self) -> int:
        """How many app clients there are."""
        return max(1, len(self.app_clients))

    @property
    def existing_client_ids(self) -> dict[int, str]:
        """Ids of the app clients that are taken over, by their place among all."""
        return {self.app_clients.index(name) if name else 0: client_id for name, client_id in self.app_client_ids}
