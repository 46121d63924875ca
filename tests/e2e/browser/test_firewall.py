"""What a page's user sees of the firewall, and who sees nothing of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from cognito_proxy.firewall.rates import OperationRates, RateLimit
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from local.ports import LOOPBACK
from local.simulators.waf import WebAcl, load_web_acl
from tests.e2e.browser.browser import Browser, Telling
from tests.e2e.browser.gate import Gate
from tests.e2e.browser.site import Site
from tests.e2e.deployment import Deployment
from tests.e2e.story import Person

WEB_ACL = "AWS::WAFv2::WebACL"


@pytest.fixture(scope="module")
def template(deployment: Deployment, site: Site) -> dict[str, Any]:
    """The deployment's own, when there is a web ACL in it; else that of one with a low limit."""
    own: dict[str, Any] = json.loads(Path(deployment.run.outputs.template).read_text(encoding="utf-8"))
    if any(resource["Type"] == WEB_ACL for resource in own["Resources"].values()):
        return own
    stack = cdk.Stack(cdk.App(), "Firewall")
    rates = OperationRates(sign_up=RateLimit(limit=10))
    ProxyWebAcl(stack, "WebAcl", operation_rates=rates, allowed_origins=[site.origin])
    return dict(Template.from_stack(stack).to_json())


@pytest.fixture(scope="module")
def sign_up_limit(template: Mapping[str, Any]) -> int:
    """How often one address may sign up in the rule's window."""
    (web_acl,) = (resource for resource in template["Resources"].values() if resource["Type"] == WEB_ACL)
    (rule,) = (rule for rule in web_acl["Properties"]["Rules"] if rule["Name"] == FirewallRule.SIGN_UP_RATE_LIMIT)
    return int(rule["Statement"]["RateBasedStatement"]["Limit"])


class Page:
    """Amplify in the browser, behind a web ACL that has counted nothing yet."""

    def __init__(self, *, browser: Browser, site: Site, deployment: Deployment, gate: Gate, web_acl: WebAcl) -> None:
        self._browser = browser
        self._site = site
        self._deployment = deployment
        self._gate = gate
        self._web_acl = web_acl

    def list_by_hand(self, name: str) -> None:
        """Put the browser's address on a list, as one would in the console."""
        (ip_set,) = (
            ip_set
            for logical_id, ip_set in self._web_acl.ip_sets.items()
            if f"{name}V4" in logical_id and "FromSettings" not in logical_id
        )
        ip_set.replace([f"{LOOPBACK}/32"])

    def takes(self, *steps: str) -> Telling:
        """What became of the steps of one person."""
        with self._gate.guarded_by(self._web_acl):
            return self._browser.tell(
                "amplify", origin=self._site.origin, deployment=self._deployment, person=Person(), steps=steps
            )


@pytest.fixture
def page(browser: Browser, site: Site, deployment: Deployment, gate: Gate, template: Mapping[str, Any]) -> Page:
    return Page(browser=browser, site=site, deployment=deployment, gate=gate, web_acl=load_web_acl(template))


@pytest.mark.proves("blocks-shown-by-apps", oracle="Chromium")
def test_flood_of_sign_ups_sees_too_many_requests_and_can_still_sign_in(page: Page, sign_up_limit: int) -> None:
    within = ("sign_up", "confirm", *["sign_up"] * (sign_up_limit - 2))
    telling = page.takes(*within, "sign_up", "sign_in_with_srp", "get_user")
    assert telling.errors == [
        *[None, None, *["UsernameExistsException"] * (sign_up_limit - 2)],
        "TooManyRequestsException",
        *[None, None],
    ]
    assert "sign_up: TooManyRequestsException: Too many requests." in telling.shown


@pytest.mark.proves("blocks-shown-by-apps", "errors-in-cognitos-shape", oracle="Chromium")
def test_denied_address_sees_forbidden_and_reaches_nothing(page: Page, deployment: Deployment) -> None:
    page.list_by_hand("DenyList")
    with deployment.forwarded() as operations:
        telling = page.takes("sign_up", "sign_in_with_srp")
        assert operations() == []
    assert telling.errors == ["ForbiddenException", "ForbiddenException"]
    assert "sign_up: ForbiddenException: Request not allowed." in telling.shown


def test_allowed_address_is_never_limited(page: Page, sign_up_limit: int) -> None:
    page.list_by_hand("AllowList")
    telling = page.takes("sign_up", *["sign_up"] * (sign_up_limit + 5))
    assert telling.errors == [None, *["UsernameExistsException"] * (sign_up_limit + 5)]
