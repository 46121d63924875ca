"""A proxy's stack, web ACL, IP sets and table, as a deployment would leave them."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cognito_proxy.list_edits.entries import Entry
from cognito_proxy.list_edits.ip_set import WafArn, WafIpSet
from cognito_proxy.list_edits.stores import HandList
from cognito_proxy.list_edits.table import EntryTable
from cognito_proxy.list_edits.table_layout import PARTITION_KEY, SORT_KEY, TABLE_TAG
from local.deployment.emulator import Emulator
from local.simulators.waf.api import KeptIpSet
from tests.cli.waf_stub import WafStub

REGION = "eu-west-1"
ALLOW_BY_HAND = "Always let in. Edit by hand: deployments leave this set alone."
DENY_BY_HAND = "Always blocked. Edit by hand: deployments leave this set alone."
KEY = "test"


@dataclass(frozen=True, kw_only=True)
class DeployedProxy:
    """What a test looks at and moves."""

    emulator: Emulator
    waf: WafStub
    stack: str
    web_acl_arn: str
    table_name: str
    allow: dict[int, KeptIpSet]
    deny: dict[int, KeptIpSet]
    deny_from_settings: KeptIpSet

    @classmethod
    def deploy(cls, emulator: Emulator, waf: WafStub) -> Self:
        """Make all of it anew."""
        unique = uuid.uuid4().hex[:8]
        table_name = f"table-{unique}"
        create_table(emulator.client("dynamodb"), table_name)
        allow = {4: waf.add_ip_set("Allow4", "IPV4", ALLOW_BY_HAND), 6: waf.add_ip_set("Allow6", "IPV6", ALLOW_BY_HAND)}
        deny = {4: waf.add_ip_set("Deny4", "IPV4", DENY_BY_HAND), 6: waf.add_ip_set("Deny6", "IPV6", DENY_BY_HAND)}
        settings = waf.add_ip_set("DenySettings", "IPV4", addresses=["198.51.100.0/24"])
        arn = waf.add_web_acl(
            f"acl-{unique}",
            [list_rule("AllowList", allow.values()), list_rule("DenyList", [*deny.values(), settings])],
            {TABLE_TAG: table_name},
        )
        stack = f"stack-{unique}"
        create_stack(emulator.client("cloudformation"), stack, {"WebAclArn": arn})
        return cls(
            emulator=emulator,
            waf=waf,
            stack=stack,
            web_acl_arn=arn,
            table_name=table_name,
            allow=allow,
            deny=deny,
            deny_from_settings=settings,
        )

    def environment(self, home: Path) -> dict[str, str]:
        """Variables under which AWS is the emulator and the stub, and nothing of the machine's own."""
        return {
            "AWS_ENDPOINT_URL": self.emulator.endpoint,
            "AWS_ENDPOINT_URL_WAFV2": self.waf.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(home),
            "NO_PROXY": "127.0.0.1",
            # Help texts are as wide as this.
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }

    def entries(self, ip_set: KeptIpSet) -> dict[str, Entry]:
        """What is recorded of one IP set."""
        return {entry.address: entry for entry in self.table(ip_set).all()}

    def table(self, ip_set: KeptIpSet) -> EntryTable:
        """The entries of one IP set."""
        client = self.emulator.client("dynamodb")
        return EntryTable(client=client, table_name=self.table_name, ip_set_id=ip_set.id)

    def hand_list(self, ip_set: KeptIpSet, *, waf_client: Any, dynamodb_client: Any) -> HandList:
        """One list through clients of the test's own."""
        return HandList(
            addresses=WafIpSet(client=waf_client, arn=WafArn.parse(ip_set.arn)),
            entries=EntryTable(client=dynamodb_client, table_name=self.table_name, ip_set_id=ip_set.id),
        )


def list_rule(name: str, ip_sets: Any) -> dict[str, Any]:
    """A rule that refers to IP sets, as `ProxyWebAcl` makes it."""
    references = [{"IPSetReferenceStatement": {"ARN": ip_set.arn}} for ip_set in ip_sets]
    return {"Name": name, "Statement": {"OrStatement": {"Statements": references}}}


def create_table(dynamodb: Any, name: str) -> None:
    """A table as `IpListExpiry` makes it."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
            {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (PARTITION_KEY, SORT_KEY)],
    )


def create_stack(cloudformation: Any, name: str, outputs: dict[str, str]) -> None:
    """A stack with these outputs."""
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {key: {"Value": value} for key, value in outputs.items()},
    }
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100}
    )
