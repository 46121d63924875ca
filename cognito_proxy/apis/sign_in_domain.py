"""The host of Cognito's own sign-in pages and of its OAuth 2.0 server."""

import re

from aws_cdk import Annotations, Aws, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from cognito_proxy.common.certificates import require_certificate_in
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.proxies.custom_domain import CustomDomain

# API reference, DomainType.
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = ("aws", "amazon", "cognito")
_CLASSIC, _MANAGED = 1, 2


class SignInDomain(Construct):
    """A user pool domain: a host of your own (`auth.example.com`), or a prefix of AWS's.

    It opens doors past the proxy: its pages take passwords and sign-ups for every app client that has an OAuth 2.0
    grant, and ask for no secret. So it warns, and `cognito-proxy audit` lists it. A web ACL on the user pool itself
    is asked for these pages, too.

    A user pool has one domain of each kind at most. With a domain that it has already, a deployment fails.
    """

    user_pool_domain: cognito.CfnUserPoolDomain
    """The domain in Cognito."""

    domain_name: str
    """Host name."""

    url: str
    """`https://` and the host name, without a slash at the end; `/oauth2/authorize` and `/oauth2/token` are below."""

    alias_target: str | None
    """With a `domain`: the host name that its DNS record points at."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        prefix: str | None = None,
        domain: CustomDomain | None = None,
        managed_login: bool = True,
    ) -> None:
        """Make the domain.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: Whose pages they are.
            prefix: First part of `PREFIX.auth.REGION.amazoncognito.com`, which nobody else in the Region has; 1 to 63
                lower-case letters, digits and hyphens, without `aws`, `amazon` and `cognito`. Default: made of the
                account and of the construct's place, so that no other account can have it.
            domain: A host name of your own, with a certificate in us-east-1 wherever the pool is, since Cognito makes
                a CloudFront distribution. The name above it must have a DNS A record, of whatever address: for
                `auth.example.com`, `example.com`. It takes up to an hour. Default: - a prefix.
                https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
            managed_login: Cognito's current pages, which need the Essentials or Plus plan; False: the classic ones,
                for a pool on the Lite plan. Managed login shows its pages for app clients with a branding style only,
                which `CodeGrantClient` makes. Default: True.

        Raises:
            PropertyError: there is a prefix beside a domain, the prefix has other characters, or the certificate is
                elsewhere.
        """
        super().__init__(scope, construct_id)
        if prefix is not None and domain is not None:
            raise PropertyError(f"prefix must be left out beside domain, not {prefix!r}")
        if prefix is not None:
            _check_prefix(prefix)
        if domain is not None:
            self._check_domain(domain)
        name = domain.domain_name if domain is not None else prefix or self._own_prefix()
        self.user_pool_domain = cognito.CfnUserPoolDomain(
            self,
            "Resource",
            user_pool_id=user_pool.user_pool_id,
            domain=name,
            managed_login_version=_MANAGED if managed_login else _CLASSIC,
            custom_domain_config=None
            if domain is None
            else cognito.CfnUserPoolDomain.CustomDomainConfigTypeProperty(
                certificate_arn=domain.certificate.certificate_arn
            ),
        )
        self.domain_name = name if domain is not None else f"{name}.auth.{Stack.of(self).region}.amazoncognito.com"
        self.url = f"https://{self.domain_name}"
        self.alias_target = None if domain is None else self.user_pool_domain.attr_cloud_front_distribution
        self._make_record(domain)
        Annotations.of(self).add_warning_v2(
            "@cognito-proxy:signInPages",
            "These pages take passwords and sign-ups past the proxy and its firewall, for every app client with an "
            "OAuth 2.0 grant. Put a web ACL on the user pool itself: AWS WAF is asked for them, too.",
        )

    def _own_prefix(self) -> str:
        # Hexadecimal digits spell none of the words that Cognito reserves.
        return f"sign-in-{Aws.ACCOUNT_ID}-{self.node.addr[-10:]}"

    def _check_domain(self, domain: CustomDomain) -> None:
        # "You must provide an SSL certificate in the US East (N. Virginia) Region": API_CreateUserPoolDomain.
        require_certificate_in(self, "domain", domain.certificate, EDGE_REGION)
        if Token.is_unresolved(domain.domain_name):
            return
        if domain.domain_name.count(".") < 2:
            raise PropertyError(
                f"domain must be below a name of yours, such as auth.example.com, not {domain.domain_name!r}"
            )
        parent = domain.domain_name.partition(".")[2]
        Annotations.of(self).add_info_v2(
            "@cognito-proxy:parentDomain",
            f"domain: Cognito refuses {domain.domain_name} unless {parent} has a DNS A record, of whatever address.",
        )

    def _make_record(self, domain: CustomDomain | None) -> None:
        if domain is None or domain.hosted_zone is None:
            return
        # Not by CDK's UserPoolDomainTarget: without a feature flag in the app, that makes a function in Node.js.
        route53.CfnRecordSet(
            self,
            "AliasRecord",
            hosted_zone_id=domain.hosted_zone.hosted_zone_id,
            name=f"{domain.domain_name}.",
            type="A",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=self.user_pool_domain.attr_cloud_front_distribution,
                hosted_zone_id=targets.CloudFrontTarget.get_hosted_zone_id(self),
            ),
        )


def _check_prefix(prefix: str) -> None:
    if Token.is_unresolved(prefix):
        return
    if _PREFIX.fullmatch(prefix) is None:
        raise PropertyError(
            f"prefix must be 1 to 63 lower-case letters, digits and hyphens, none at its ends, not {prefix!r}"
        )
    # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
    for word in _RESERVED:
        if word in prefix:
            raise PropertyError(f"prefix must not have {word!r} in it, as {prefix!r} has: Cognito reserves the word")
