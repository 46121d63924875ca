"""A second firewall, on the user pool itself: callers who go past the proxy are stopped before Cognito counts them.

Without the secret such a call fails anyway, but it is counted against the pool's quotas first. What AWS WAF blocks is
not (Cognito Developer Guide, "Associate an AWS WAF web ACL with a user pool"). There, Cognito adds the headers
`x-amzn-cognito-client-id` and `x-amzn-cognito-operation-name` for rules to match, and answers what is blocked with its
own ForbiddenException. Calls that are signed with AWS credentials are not inspected, so the proxy's administrator calls
pass.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Annotations, Names, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.reach import EgressAddresses
from cognito_proxy.firewall._statements import (
    Acl,
    Statement,
    all_of,
    any_of,
    from_addresses,
    has_header,
    header_is,
    header_is_one_of,
    none_of,
    visible,
)
from cognito_proxy.firewall.ip_lists import IpList, parse_addresses

CLIENT_ID_HEADER = "x-amzn-cognito-client-id"
OPERATION_HEADER = "x-amzn-cognito-operation-name"

SIGNED_BY_THE_PROXY = ("InitiateAuth", "RespondToAuthChallenge")
"""The operations that the proxy replaces by signed administrator calls when threat protection is on."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_RESERVED_PREFIXES = ("x-amz-", "x-amzn-", "x-edge-")


@dataclass(frozen=True, kw_only=True)
class ProxyHeader:
    """A header that only the proxy knows the value of.

    To be verified on AWS before it is relied on: Cognito passes "selected non-confidential headers" to AWS WAF, and
    whether one of ours is among them is not documented. If it is not, the shield blocks the proxy, too. Known addresses
    need no such trust.

    The value never stands in a template: the rule holds a dynamic reference that CloudFormation resolves when it makes
    the web ACL, the way of the AWS Security Blog's "How to enhance Amazon CloudFront origin security with AWS WAF and
    AWS Secrets Manager". Whoever may read the web ACL (wafv2:GetWebACL) can read the value there; and a changed value
    reaches the rule only with the next change of the template.

    Raises:
        PropertyError: the name is no header name, or begins as AWS's own do.
    """

    name: str
    """The header's name; letters, digits and hyphens, not beginning with x-amz-, x-amzn- or x-edge-."""

    secret: secretsmanager.ISecret
    """The secret with the value, in the user pool's Region."""

    secret_field: str | None = None
    """Which field of the secret's JSON is the value. Default: - the secret's whole text."""

    def __post_init__(self) -> None:
        if not _HEADER_NAME.fullmatch(self.name) or self.name.lower().startswith(_RESERVED_PREFIXES):
            raise PropertyError(
                f"name: {self.name!r}; a header name has 1 to 64 letters, digits and hyphens "
                f"and does not begin with {', '.join(_RESERVED_PREFIXES)}"
            )


class PoolShield(Construct):
    """A regional web ACL on a user pool that lets the proxy's app clients be used through the proxy only.

    Other app clients of the pool, managed login and OAuth endpoints are left alone. A user pool has one web ACL: this
    construct is not for pools that have one already. It belongs in a stack in the pool's Region. No proxy makes one and
    no context flag does, since it changes what others may do with the pool:

        PoolShield(
            self, "Shield", user_pool=pool, app_client_ids=[client.client_id], threat_protection=True
        )

    That is how `RegionalProxy` and `EdgeProxy` can be used with it. A `RegionalProxy` whose private network has fixed
    addresses lets the shield block everybody else, whatever they call:

        proxy = RegionalProxy(…, vpc=PrivateNetwork(cognito_endpoint=False, nat_gateways=2))
        PoolShield(…, proxy_addresses=proxy.egress_addresses)

    Other addresses, and `proxy_header`, are for a proxy of your own. An `EdgeProxy`, and a `RegionalProxy` outside of
    any VPC, call from addresses of AWS that others use, too, and neither sends a header of yours: all their unsigned
    calls would be blocked. Both properties warn of that. The call by which a rotation tests a new secret comes from no
    known address either, so both are refused for an app client that is known to rotate.
    """

    web_acl: Acl
    """The web ACL on the pool."""

    metric_name: str
    """The web ACL's name in CloudWatch (dimension WebACL)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        app_client_ids: Sequence[str],
        threat_protection: bool = False,
        proxy_addresses: str | Sequence[str] | EgressAddresses = (),
        proxy_header: ProxyHeader | None = None,
        count_only: bool = False,
    ) -> None:
        """Make the web ACL and put it on the pool.

        Args:
            scope: The parent construct.
            construct_id: The construct's id.
            user_pool: The pool to shield.
            app_client_ids: Ids of the proxy's app clients; at least one.
            threat_protection: The proxy signs InitiateAuth and RespondToAuthChallenge, so nobody has a reason to call
                them unsigned: blocked outright. Must be what the proxy itself is set to. Default: False.
            proxy_addresses: Where the proxy's calls come from; every other public operation is let in only from there.
                `egress_addresses` of a `RegionalProxy`; or addresses and CIDRs of a proxy of your own, which blocks
                `EdgeProxy` and other `RegionalProxy`, and warns. Both block rotation. Default: none, not restricted.
            proxy_header: The same by a secret header that a proxy of your own sends; either is enough when both are
                given. Warns as `proxy_addresses` does, and is to be verified first. Default: none.
            count_only: Rules only count what they would block. Default: False.

        Raises:
            PropertyError: no app client, an address that is none, nothing to restrict, or `proxy_addresses` or
                `proxy_header` for an app client whose secret rotates.
        """
        super().__init__(scope, construct_id)
        if not app_client_ids:
            raise PropertyError("app_client_ids: none given; name at least one app client of the proxy")
        if proxy_header is not None:
            Annotations.of(self).add_warning_v2(
                "@cognito-proxy:poolShieldHeader",
                f"Whether AWS WAF on a user pool gets to see the header {proxy_header.name} is not documented. Deploy "
                "with count_only=True and look at the rule's metric before relying on it.",
            )
        ours = any_of([header_is(CLIENT_ID_HEADER, client_id) for client_id in app_client_ids])
        origins = [*self._known_addresses(proxy_addresses), *_secret_header(proxy_header)]
        rules: list[tuple[str, Statement]] = []
        if threat_protection:
            rules.append(("DirectSignIn", all_of([ours, header_is_one_of(OPERATION_HEADER, SIGNED_BY_THE_PROXY)])))
        if origins:
            rules.append(("NotThroughTheProxy", all_of([ours, has_header(OPERATION_HEADER), none_of(origins)])))
        if origins and not count_only:
            self._refuse_rotation(app_client_ids)
            if proxy_header is not None or not isinstance(proxy_addresses, EgressAddresses):
                self._warn_who_is_blocked(threat_protection=threat_protection)
        if not rules:
            raise PropertyError(
                "threat_protection, proxy_addresses, proxy_header: nothing to restrict; give one of them, since a "
                "shield without any would only cost money"
            )

        self.metric_name = Names.unique_resource_name(self, max_length=128, separator="-")
        self.web_acl = Acl(
            self,
            "Resource",
            scope="REGIONAL",
            default_action=Acl.DefaultActionProperty(allow=Acl.AllowActionProperty()),
            visibility_config=visible(self.metric_name),
            rules=[
                Acl.RuleProperty(
                    name=name,
                    priority=index,
                    statement=statement,
                    action=_action(count_only=count_only),
                    visibility_config=visible(name),
                )
                for index, (name, statement) in enumerate(rules)
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=user_pool.user_pool_arn, web_acl_arn=self.web_acl.attr_arn
        )

    def _refuse_rotation(self, app_client_ids: Sequence[str]) -> None:
        rotating = [client.node.path for client in _rotating(self, app_client_ids)]
        if rotating:
            raise PropertyError(
                f"proxy_addresses, proxy_header: the secret of {', '.join(rotating)} rotates, and the call by which a "
                "rotation tests the new secret comes from no known address and has no such header: every rotation "
                "would fail; leave both out, or turn rotation off"
            )

    def _warn_who_is_blocked(self, *, threat_protection: bool) -> None:
        but = " but InitiateAuth and RespondToAuthChallenge" if threat_protection else ""
        Annotations.of(self).add_warning_v2(
            "@cognito-proxy:poolShieldBlocksProxy",
            "proxy_addresses and proxy_header are for a proxy of your own. An EdgeProxy, and a RegionalProxy outside "
            f"of any VPC, have no such addresses and send no such header: all their calls{but} would be blocked. So "
            "would the call by which a rotation tests a new secret. Leave both out with these, or try with "
            "count_only=True and look at the metric NotThroughTheProxy. A RegionalProxy in a PrivateNetwork with NAT "
            "gateways has egress_addresses for this.",
        )

    def _known_addresses(self, proxy_addresses: str | Sequence[str] | EgressAddresses) -> list[Statement]:
        addresses = _parsed(proxy_addresses)
        ip_sets = [
            wafv2.CfnIPSet(
                self,
                f"ProxyAddresses{version}",
                scope="REGIONAL",
                ip_address_version=f"IP{version}",
                addresses=list(cidrs),
            )
            for version, cidrs in (("V4", addresses.v4), ("V6", addresses.v6))
            if cidrs
        ]
        return [from_addresses(ip_sets)] if ip_sets else []


def _parsed(proxy_addresses: str | Sequence[str] | EgressAddresses) -> IpList:
    if not isinstance(proxy_addresses, EgressAddresses):
        return parse_addresses(proxy_addresses, name="proxy_addresses")
    # What is known at deploy time only is a single address, and cannot be parsed.
    later = [each for each in proxy_addresses.addresses if Token.is_unresolved(each)]
    now = parse_addresses([each for each in proxy_addresses.addresses if each not in later], name="proxy_addresses")
    return IpList(v4=(*now.v4, *(f"{each}/32" for each in later)), v6=now.v6)


def _rotating(scope: Construct, app_client_ids: Sequence[str]) -> list[AppClient]:
    """Of these app clients, those that rotate, as far as they are in this app."""
    return [
        construct
        for construct in scope.node.root.node.find_all()
        if isinstance(construct, AppClient)
        and construct.secret_rotation is not None
        and construct.client_id in app_client_ids
    ]


def _secret_header(header: ProxyHeader | None) -> list[Statement]:
    if header is None:
        return []
    value = (
        header.secret.secret_value_from_json(header.secret_field) if header.secret_field else header.secret.secret_value
    )
    # A dynamic reference in the template, never the value: that is what "unsafe" stands for here.
    return [header_is(header.name, value.unsafe_unwrap())]


def _action(*, count_only: bool) -> Acl.RuleActionProperty:
    if count_only:
        return Acl.RuleActionProperty(count=Acl.CountActionProperty())
    return Acl.RuleActionProperty(block=Acl.BlockActionProperty())
