"""The properties that both proxies take, with what they mean.

They are keys of a TypedDict, and a proxy takes them as `**shared: Unpack[ProxyProperties]` (PEP 692). So each is
documented once and a caller writes keywords as ever. mypy and Pyright check their names and types; Pyright's signature
help lists them one by one, and hovering over one shows the text below its key (seen with basedpyright 1.40.2). With
parameters spelt out in both classes, that text would have to stand twice, or in neither docstring. The price:
`help(EdgeProxy)` and completion by Jedi name `**shared` and lead here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict

from aws_cdk import Duration
from aws_cdk import aws_kms as kms

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.checks import require_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.firewall.web_acl_choice import WebAclChoice
from cognito_proxy.interceptors.guards import Guards
from cognito_proxy.interceptors.human_check import HumanCheck
from cognito_proxy.interceptors.made import Made
from cognito_proxy.interceptors.phone_rules import PhoneRules
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.oauth_endpoints import OAuthEndpoints
from cognito_proxy.proxies.settings_document import EdgeAdminCalls, LogLevel, SettingsDocument


class ProxyProperties(TypedDict, total=False):
    """What an `EdgeProxy` and a `RegionalProxy` are given alike; all but `app_clients` may be left out."""

    app_clients: Required[Sequence[AppClient]]
    """Whom the proxy serves, at least one, all of one pool. Any other client id is refused. About twenty-five fit into
    the settings, at the edge about twenty."""

    allowed_origins: Sequence[str]
    """Exact origins whose pages may call (`https://app.example.com`, `capacitor://localhost`), or `*` alone, which
    warns. Native apps need none. Default: none."""

    secret_ttl: Duration | None
    """How long the function uses a fetched secret, from 1 second to 24 hours. Default: 300 seconds."""

    threat_protection: bool
    """Sign-in goes through the administrator operations, with the client's true address and device, so that Cognito's
    threat protection judges the client and not the proxy. Needs the Plus feature plan, and warns. Default: False."""

    propagate_client_ip: bool
    """Sign-up, confirmation and password recovery (and sign-in, without `threat_protection`) are told the client's true
    address. Needs the Plus feature plan. Default: False."""

    log_level: LogLevel
    """Which calls have a line in the function's log. CloudWatch makes the proxy's metrics of these lines.
    Default: `LogLevel.REQUESTS`, all of them."""

    log_plain: bool
    """Usernames and addresses stand on the lines in plain text, beside their keyed hashes. They are personal data.
    Default: False."""

    web_acl: WebAclChoice | None
    """What stands in front: a `ProxyWebAcl` (of scope REGIONAL for a `RegionalProxy`, CLOUDFRONT for an `EdgeProxy`),
    an `ExistingWebAcl`, or `NoWebAcl()`, which warns. Default: - a `ProxyWebAcl` of the proxy's own."""

    domain: CustomDomain | None
    """A host name of your own, with a certificate in the stack's Region, at the edge in us-east-1. API Gateway's own is
    then switched off. Default: - AWS's own: API Gateway's, whose URL holds the stage as a path, or CloudFront's, for
    which CloudFront also accepts TLS versions before 1.2."""

    encryption_key: kms.IKey | None
    """Customer-managed key of what the proxy keeps: its log groups, the function's environment, the log bucket at the
    edge, and what the interceptors make. Not of the secrets, which are the app clients'. Of a function at the edge
    there is nothing to encrypt with it: it has no environment, and Lambda@Edge makes its log groups. Default: - AWS's
    own keys."""

    phone_rules: PhoneRules | None
    """Which phone numbers users may have and, of a `RegionalProxy`, how many messages are sent. Default: - any, and any
    number of them."""

    guards: Guards | None
    """Code of your own that has a say in each call. At the edge it has no `seen`, unless the function makes the signed
    calls itself; then that sees sign-ins. Default: - none."""

    memory_size: int
    """Of the function, from 128 to 10,240 MB; more memory is also more CPU. Default: 512."""

    failover_regions: Sequence[str]
    """Further Regions to which the pool is replicated (`ReplicaRegion`), in the order in which they are asked while one
    does not answer. What a replica cannot do, such as signing up, waits for the pool's own Region. A proxy that stands
    in a replica's Region asks that one first, and has the pool's own Region here. Default: none."""

    human_check: HumanCheck | None
    """A token that guarded calls need, which only a human's app has. Default: - no call needs one."""

    oauth: OAuthEndpoints | None
    """A user pool domain whose OAuth 2.0 endpoints are served, too. Default: - none is."""

    timeout: Duration | None
    """Of the function, from 3 seconds to 28 (API Gateway gives up after 29), at the edge to 30. Default: 15 seconds; at
    the edge 10 where the function makes no signed calls itself, since only a fetch of a secret takes time then."""


@dataclass(frozen=True, kw_only=True)
class SharedProperties:
    """The same, checked, with the defaults; `ProxyProperties` says what they mean.

    Raises:
        PropertyError: `memory_size` is out of its bounds. The rest is checked by what it is for.
    """

    app_clients: Sequence[AppClient]
    allowed_origins: Sequence[str] = ()
    secret_ttl: Duration | None = None
    threat_protection: bool = False
    propagate_client_ip: bool = False
    log_level: LogLevel = LogLevel.REQUESTS
    log_plain: bool = False
    web_acl: WebAclChoice | None = None
    domain: CustomDomain | None = None
    encryption_key: kms.IKey | None = None
    phone_rules: PhoneRules | None = None
    guards: Guards | None = None
    memory_size: int = 512
    timeout: Duration | None = None
    failover_regions: Sequence[str] = ()
    human_check: HumanCheck | None = None
    oauth: OAuthEndpoints | None = None

    def __post_init__(self) -> None:
        require_between("memory_size", self.memory_size, 128, 10_240, "MB")
        if self.oauth is not None and self.failover_regions:
            raise PropertyError(
                "oauth: not with failover_regions; a user pool domain is in one Region, so nothing of OAuth would "
                "answer while that Region is away, and discovery names the issuer that a replicated pool leaves"
            )

    def settings(
        self,
        *,
        edge_admin_calls: EdgeAdminCalls | None = None,
        server_name: str | None = None,
        region: str | None = None,
        interceptors: Sequence[Made] = (),
    ) -> SettingsDocument:
        """What the function is told of them, and of what is the edge's own.

        Raises:
            PropertyError: app clients, origins or times are not as the document says.
        """
        return SettingsDocument(
            app_clients=self.app_clients,
            allowed_origins=self.allowed_origins,
            secret_ttl=self.secret_ttl,
            threat_protection=self.threat_protection,
            propagate_client_ip=self.propagate_client_ip,
            log_level=self.log_level,
            log_plain=self.log_plain,
            edge_admin_calls=edge_admin_calls,
            server_name=server_name,
            region=region,
            failover_regions=self.failover_regions,
            interceptors=interceptors,
        )
