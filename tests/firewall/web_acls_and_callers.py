"""Templates, requests and a clock for the firewall's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.simulators.common.http import HttpRequest

if TYPE_CHECKING:
    import aws_cdk as cdk

ORIGIN = "https://app.example.com"
TARGET = "AWSCognitoIdentityProviderService."
ALLOWED = "198.51.100.7"
DENIED = "203.0.113.9"
STRANGER = "192.0.2.1"


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def synthesize(make: Callable[[cdk.Stack], object], **stack: Any) -> dict[str, Any]:
    """The template of a stack with what `make` puts there."""
    import aws_cdk as cdk  # here, so that tests without a synth need no Node.js
    from aws_cdk.assertions import Template

    scope = cdk.Stack(cdk.App(), "Test", **stack)
    make(scope)
    return Template.from_stack(scope).to_json()


def web_acl_of(template: dict[str, Any]) -> dict[str, Any]:
    """The properties of the only web ACL."""
    (web_acl,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::WAFv2::WebACL")
    return web_acl["Properties"]


def rules_of(template: dict[str, Any]) -> dict[str, Any]:
    """The rules of the only web ACL by name, in the order in which they are asked."""
    return {rule["Name"]: rule for rule in sorted(web_acl_of(template)["Rules"], key=lambda rule: rule["Priority"])}


def ip_sets_of(template: dict[str, Any]) -> dict[str, Any]:
    """The IP sets by logical id."""
    return {name: r for name, r in template["Resources"].items() if r["Type"] == "AWS::WAFv2::IPSet"}


def call(operation: str = "GetUser", *, address: str = STRANGER, **changes: Any) -> HttpRequest:
    """A call as an SDK sends it."""
    headers = (
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", TARGET + operation),
        ("Origin", ORIGIN),
    )
    values: dict[str, Any] = {"method": "POST", "path": "/", "headers": headers, "body": b"{}", "client_ip": address}
    return HttpRequest(**values | changes)


def preflight(*, address: str = STRANGER) -> HttpRequest:
    """What a browser asks before it sends a call."""
    headers = (
        ("Origin", ORIGIN),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type,x-amz-target"),
    )
    return call(address=address, method="OPTIONS", headers=headers, body=b"")
