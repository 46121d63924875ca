"""Allow and deny lists that people edit by hand and that no deployment empties.

CloudFormation updates a resource when its properties in the template change, and then sends all of them: an IP set
whose `Addresses` stand in the template is put back to them whenever anything about the set changes, tags included. So
each list has two kinds of IP sets, and its rule matches an address in any of them:

- **by hand**: one for v4 and one for v6, created empty. Nothing in their template properties ever changes: neither the
  addresses nor the description depend on a setting, and tags are left out. CloudFormation therefore never touches them
  again, and what the console, the API or the command line put there stays. These are the four IP sets of the articles.
  They outlive their stack (RetainExceptOnCreate), so that a renamed construct does not take the addresses with it.
- **from settings**: only there when `allow_ips` or `deny_ips` name addresses of the kind. They belong to the template;
  every deployment puts them back to what the settings say.

What remains: tags given to a whole stack (`cdk deploy --tags`, `Stack(tags=…)`, `Tags.of(app)`) are put on every
resource by CloudFormation itself, past the template. Changing these on a deployed stack may update by-hand sets, too
(what AWS does then could not be tried). Save the lists before doing that.
"""

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import RemovalPolicy
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from cognito_proxy.firewall.ip_lists import IpList
from cognito_proxy.list_edits.by_hand import BY_HAND


class WafScope(StrEnum):
    """What a web ACL can be put in front of."""

    REGIONAL = "REGIONAL"
    """An API Gateway stage or a user pool in the stack's Region."""

    CLOUDFRONT = "CLOUDFRONT"
    """A CloudFront distribution; the stack must be in us-east-1."""


# Part of the by-hand sets' template properties: a changed word here would empty lists at the next deployment.
_BY_HAND_DESCRIPTIONS = {
    "AllowList": f"Always let in. {BY_HAND}",
    "DenyList": f"Always blocked. {BY_HAND}",
}


@dataclass(frozen=True, kw_only=True)
class AddressList:
    """The IP sets of one list."""

    v4: wafv2.CfnIPSet
    """Edited by hand, IPv4; never changed by a deployment."""

    v6: wafv2.CfnIPSet
    """Edited by hand, IPv6; never changed by a deployment."""

    from_settings: tuple[wafv2.CfnIPSet, ...]
    """The addresses of the settings; put back by every deployment. Empty without settings."""

    @property
    def ip_sets(self) -> tuple[wafv2.CfnIPSet, ...]:
        """All of them: what the list's rule matches."""
        return (self.v4, self.v6, *self.from_settings)


def address_list(scope: Construct, name: str, *, waf_scope: WafScope, addresses: IpList) -> AddressList:
    """The IP sets of the list `name` ("AllowList" or "DenyList")."""
    return AddressList(
        v4=_by_hand(scope, name, "IPV4", waf_scope),
        v6=_by_hand(scope, name, "IPV6", waf_scope),
        from_settings=tuple(
            wafv2.CfnIPSet(
                scope,
                f"{name}FromSettings{version.removeprefix('IP')}",
                scope=waf_scope.value,
                ip_address_version=version,
                addresses=list(cidrs),
            )
            for version, cidrs in (("IPV4", addresses.v4), ("IPV6", addresses.v6))
            if cidrs
        ),
    )


def ipv6_sources(scope: Construct, *, waf_scope: WafScope) -> wafv2.CfnIPSet:
    """Every IPv6 address there is, in two halves: AWS WAF takes every prefix but /0 (API reference, IPSet)."""
    return wafv2.CfnIPSet(
        scope,
        "Ipv6Sources",
        scope=waf_scope.value,
        ip_address_version="IPV6",
        addresses=["::/1", "8000::/1"],
    )


def _by_hand(scope: Construct, name: str, version: str, waf_scope: WafScope) -> wafv2.CfnIPSet:
    ip_set = wafv2.CfnIPSet(
        scope,
        f"{name}{version.removeprefix('IP')}",
        scope=waf_scope.value,
        ip_address_version=version,
        addresses=[],
        description=_BY_HAND_DESCRIPTIONS[name],
    )
    ip_set.add_property_deletion_override("Tags")
    ip_set.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    return ip_set
