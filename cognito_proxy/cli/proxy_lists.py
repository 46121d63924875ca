"""Finding a proxy's lists: stack, web ACL, its two rules, their IP sets, and the table for notes.

Nothing is found by a name that CloudFormation makes up. The stack's output names the web ACL (it may be in another
Region than the stack). The web ACL's rules have fixed names. Of the IP sets that these refer to, those for editing by
hand say so in their description, which no deployment changes; one for v4 and one for v6. A tag of the web ACL names the
table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import CommandError, WrongUsage
from cognito_proxy.cli.stack_outputs import stack_outputs
from cognito_proxy.firewall.ip_lists import IpList
from cognito_proxy.list_edits.by_hand import BY_HAND
from cognito_proxy.list_edits.ip_set import WafArn, WafIpSet, shortest
from cognito_proxy.list_edits.stores import HandList
from cognito_proxy.list_edits.table import EntryTable
from cognito_proxy.list_edits.table_layout import TABLE_TAG

OUTPUT = "WebAclArn"
"""The stack's output with the web ACL's ARN."""

VERSIONS = {4: "IPV4", 6: "IPV6"}


class ListName(StrEnum):
    """The two lists, by the rules of the web ACL that stand for them."""

    ALLOW = "AllowList"
    DENY = "DenyList"

    @property
    def other(self) -> ListName:
        """The one that must not name the same address."""
        return ListName.DENY if self is ListName.ALLOW else ListName.ALLOW

    @property
    def spoken(self) -> str:
        """As it stands in a sentence."""
        return "allow list" if self is ListName.ALLOW else "deny list"


@dataclass(frozen=True, kw_only=True)
class ProxyList:
    """One list: what people edit, and what the deployment's settings say."""

    name: ListName
    by_hand: Mapping[int, HandList]
    """By IP version, 4 and 6."""

    from_settings: IpList
    """Put back by every deployment."""


@dataclass(frozen=True, kw_only=True)
class ProxyLists:
    """The lists of one web ACL."""

    web_acl_name: str
    region: str
    lists: Mapping[ListName, ProxyList]


def find_web_acl(aws: Aws, *, stack: str | None, arn: str | None) -> WafArn:
    """The web ACL that is meant; `arn` goes before `stack`.

    Raises:
        WrongUsage: neither is given, or the ARN is none.
        CommandError: the stack is not there or has no web ACL.
    """
    if arn is None and stack is None:
        raise WrongUsage("give --stack, the proxy's CloudFormation stack, --web-acl-arn, or --local")
    try:
        parsed = WafArn.parse(arn or _output(aws, str(stack)))
    except ValueError as error:
        raise WrongUsage(f"--web-acl-arn: {error}") from None
    if parsed.resource_type != "webacl":
        raise WrongUsage(f"--web-acl-arn: {arn!r} is the ARN of another thing ({parsed.resource_type})")
    return parsed


def find_lists(aws: Aws, arn: WafArn) -> ProxyLists:
    """The lists of that web ACL.

    Raises:
        CommandError: the web ACL is not there, or is not of this proxy's kind.
    """
    waf = aws.client("wafv2", region=arn.region)
    try:
        rules = waf.get_web_acl(**arn.key)["WebACL"]["Rules"]
    except waf.exceptions.WAFNonexistentItemException:
        raise CommandError(f"web ACL {arn.name} ({arn.id}): not in {arn.region}") from None
    statements = {rule["Name"]: rule["Statement"] for rule in rules}
    finder = _Finder(
        web_acl=arn, waf=waf, dynamodb=aws.client("dynamodb", region=arn.region), table_name=_table_name(waf, arn)
    )
    return ProxyLists(
        web_acl_name=arn.name,
        region=arn.region,
        lists={name: finder.find(name, statements.get(name.value, {})) for name in ListName},
    )


@dataclass(frozen=True, kw_only=True)
class _Finder:
    web_acl: WafArn
    waf: Any
    dynamodb: Any
    table_name: str

    def find(self, name: ListName, statement: Mapping[str, Any]) -> ProxyList:
        by_hand: dict[int, HandList] = {}
        settings: dict[int, list[str]] = {version: [] for version in VERSIONS}
        for arn in map(WafArn.parse, _ip_sets(statement)):
            ip_set = self.waf.get_ip_set(**arn.key)["IPSet"]
            version = 6 if ip_set["IPAddressVersion"] == VERSIONS[6] else 4
            if ip_set.get("Description", "").endswith(BY_HAND):
                by_hand[version] = self._hand_list(arn)
            else:
                settings[version] += map(shortest, ip_set["Addresses"])
        missing = " and ".join(VERSIONS[version] for version in VERSIONS if version not in by_hand)
        if missing:
            raise CommandError(
                f"web ACL {self.web_acl.name}: its rule {name.value} has no IP set for editing by hand for {missing}"
            )
        return ProxyList(name=name, by_hand=by_hand, from_settings=IpList(v4=tuple(settings[4]), v6=tuple(settings[6])))

    def _hand_list(self, arn: WafArn) -> HandList:
        return HandList(
            addresses=WafIpSet(client=self.waf, arn=arn),
            entries=EntryTable(client=self.dynamodb, table_name=self.table_name, ip_set_id=arn.id),
        )


def _table_name(waf: Any, arn: WafArn) -> str:
    answer = waf.list_tags_for_resource(ResourceARN=arn.text)
    for tag in answer.get("TagInfoForResource", {}).get("TagList", ()):
        if tag["Key"] == TABLE_TAG:
            return str(tag["Value"])
    raise CommandError(
        f"web ACL {arn.name}: no tag {TABLE_TAG}, so no table for notes and expiry; add IpListExpiry to its stack"
    )


def _output(aws: Aws, stack: str) -> str:
    outputs = stack_outputs(aws, stack)
    if OUTPUT not in outputs:
        where = aws.region or "the Region"
        raise CommandError(f"stack {stack}: no output {OUTPUT} in {where}; give the web ACL itself with --web-acl-arn")
    return outputs[OUTPUT]


def _ip_sets(statement: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs of all IP sets that a list's rule refers to: one statement, or several under an OrStatement."""
    if "OrStatement" in statement:
        for inner in statement["OrStatement"]["Statements"]:
            yield from _ip_sets(inner)
    elif "IPSetReferenceStatement" in statement:
        yield statement["IPSetReferenceStatement"]["ARN"]
