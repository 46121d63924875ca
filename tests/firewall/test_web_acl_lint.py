"""Every combination of options is CloudFormation that cfn-lint takes, checked in one run over all templates."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager
from cfnlint.api import lint_by_config
from cfnlint.config import ManualArgs

from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.managed_groups import (
    AccountCreationFraudPrevention,
    AccountTakeoverPrevention,
    ManagedGroups,
)
from cognito_proxy.firewall.pool_shield import PoolShield, ProxyHeader
from cognito_proxy.firewall.rates import OperationRates, RateLimit
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from cognito_proxy.firewall.web_acl_logging import DEFAULT_LOGGING
from local.simulators.waf import load_web_acl

NO_GROUPS = ManagedGroups(ip_reputation=False, anonymous_ip=False, known_bad_inputs=False)
ALL_GROUPS = ManagedGroups(
    bot_control=True,
    account_takeover=AccountTakeoverPrevention(login_path="/prod/"),
    account_creation=AccountCreationFraudPrevention(email_pointer="/a", phone_pointer="/b"),
)
OPTIONS: dict[str, list[Any]] = {
    "front": [
        {},
        {"waf_scope": WafScope.CLOUDFRONT},
        {"waf_scope": WafScope.CLOUDFRONT, "ipv6": True},
    ],
    "managed_groups": [NO_GROUPS, ManagedGroups(), ALL_GROUPS],
    "allowed_origins": [[], ["*"]],
    "count_only": [(), tuple(FirewallRule)],
}
# Options that touch no rule of the others: each value once, by turns, instead of another factor.
ALONGSIDE: list[dict[str, Any]] = [
    {},
    {"allow_ips": "192.0.2.1", "deny_ips": "2001:db8::1", "logging": None},
    {
        "operation_rates": OperationRates(sign_up=None, recovery=None, sign_in=None, sign_in_attempts=None),
        "max_body_bytes": 65_536,
    },
    {"rate_limit": RateLimit(limit=10, window_seconds=600), "logging": DEFAULT_LOGGING, "allow_ips": "2001:db8::1"},
]
SHIELDS: list[dict[str, Any]] = [
    {"threat_protection": True},
    {"proxy_addresses": "192.0.2.1"},
    {"proxy_addresses": "2001:db8::1", "threat_protection": True, "count_only": True},
    {"header_name": "x-proof"},
]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of all combinations."""
    folder = tmp_path_factory.mktemp("templates")
    return [*_web_acls(folder / "acls"), *_shields(folder / "shields")]


def test_every_combination_validates(templates: list[Path]) -> None:
    assert len(templates) == 36 + 4
    matches = lint_by_config(ManualArgs(templates=list(map(str, templates)), regions=["us-east-1"]))
    assert [f"{Path(match.filename or '').name}: {match}" for match in matches] == []


def test_the_evaluator_knows_every_combination(templates: list[Path]) -> None:
    for path in templates:
        template = json.loads(path.read_text())
        # The secret header's value is known to AWS alone.
        if "{{resolve:" not in path.read_text():
            load_web_acl(template)


def test_the_check_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "broken.template.json"
    rule = {"Name": "not a name!", "Priority": 0, "Statement": {}, "VisibilityConfig": {}}
    properties = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "Rules": [rule]}
    path.write_text(json.dumps({"Resources": {"Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": properties}}}))
    assert lint_by_config(ManualArgs(templates=[str(path)], regions=["us-east-1"]))


def _web_acls(folder: Path) -> list[Path]:
    app = cdk.App(outdir=str(folder))
    combinations = [dict(zip(OPTIONS, values, strict=True)) for values in itertools.product(*OPTIONS.values())]
    for index, options in enumerate(combinations):
        # 36 combinations and 4 companions: a step that is coprime to 4 brings each companion to each option.
        companion = ALONGSIDE[(index + index // 4) % len(ALONGSIDE)]
        stack = cdk.Stack(app, f"Acl{index}", env=cdk.Environment(region="us-east-1"))
        ProxyWebAcl(stack, "WebAcl", **options.pop("front"), **options, **companion)
    return _templates(app)


def _shields(folder: Path) -> list[Path]:
    app = cdk.App(outdir=str(folder))
    for index, options in enumerate(SHIELDS):
        stack = cdk.Stack(app, f"Shield{index}")
        chosen = dict(options)
        if name := chosen.pop("header_name", None):
            secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "proof")
            chosen["proxy_header"] = ProxyHeader(name=name, secret=secret)
        pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_AbCdEf123")
        PoolShield(stack, "Shield", user_pool=pool, app_client_ids=["a", "b"], **chosen)
    return _templates(app)


def _templates(app: cdk.App) -> list[Path]:
    return sorted(Path(stack.template_full_path) for stack in app.synth().stacks)
