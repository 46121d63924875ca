"""What stands in front of a proxy: its own web ACL, one that is given, or none."""

from typing import Any, NamedTuple

import pytest
from aws_cdk import App, Environment, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import (
    AppClient,
    EdgeProxy,
    ExistingWebAcl,
    NoWebAcl,
    PropertyError,
    ProxyWebAcl,
    RegionalProxy,
    WafScope,
    WebAclChoice,
)
from tests.constructs.synthesized import EDGE_REGION, REGION, joined, new_stack, only

ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
WEB_ACL = "AWS::WAFv2::WebACL"
ORIGIN = "https://app.example.com"
ARN = "arn:aws:wafv2:{region}:123456789012:{scope}/webacl/Shared/a1b2c3d4-5678-90ab-cdef-111122223333"


class Variant(NamedTuple):
    """A proxy, and what may stand in front of it."""

    proxy: type[RegionalProxy] | type[EdgeProxy]
    region: str
    waf_scope: WafScope
    arn: str

    def make(self, stack: Stack, web_acl: WebAclChoice | None = None, **properties: Any) -> RegionalProxy | EdgeProxy:
        client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
        return self.proxy(stack, "Proxy", app_clients=[client], web_acl=web_acl, **properties)

    def attached(self, template: Template) -> Any:
        """The ARN in front, as the template has it; None without one."""
        if self.proxy is EdgeProxy:
            return only(template, "AWS::CloudFront::Distribution")["Properties"]["DistributionConfig"].get("WebACLId")
        return next((found["Properties"]["WebACLArn"] for found in template.find_resources(ASSOCIATION).values()), None)


REGIONAL = Variant(RegionalProxy, REGION, WafScope.REGIONAL, ARN.format(region=REGION, scope="regional"))
EDGE = Variant(EdgeProxy, EDGE_REGION, WafScope.CLOUDFRONT, ARN.format(region=EDGE_REGION, scope="global"))
both = pytest.mark.parametrize("variant", [REGIONAL, EDGE], ids=["regional", "edge"])


def warnings(stack: Stack) -> list[str]:
    return [str(found.entry.data) for found in Annotations.from_stack(stack).find_warning("*", Match.any_value())]


@pytest.mark.proves("proof-added")
@both
def test_by_default_a_web_acl_of_its_own_stands_in_front(variant: Variant) -> None:
    stack = new_stack(region=variant.region)
    proxy = variant.make(stack, allowed_origins=[ORIGIN])
    template = Template.from_stack(stack)
    (logical_id,) = template.find_resources(WEB_ACL)
    assert variant.attached(template) == {"Fn::GetAtt": [logical_id, "Arn"]}
    assert only(template, WEB_ACL)["Properties"]["Scope"] == variant.waf_scope
    assert proxy.web_acl is not None
    assert proxy.web_acl.node.path == "Stack/Proxy/WebAcl"
    assert proxy.web_acl_arn == proxy.web_acl.attr_arn
    assert warnings(stack) == []


@both
def test_its_blocks_can_be_read_by_the_pages_that_may_call(variant: Variant) -> None:
    stack = new_stack(region=variant.region)
    proxy = variant.make(stack, allowed_origins=[ORIGIN])
    assert proxy.web_acl is not None
    assert proxy.web_acl.readable_by == ORIGIN


@pytest.mark.proves("proof-added")
def test_the_association_is_with_the_stage(least_proxy: Template) -> None:
    (api,) = least_proxy.find_resources("AWS::ApiGateway::RestApi")
    (stage,) = least_proxy.find_resources("AWS::ApiGateway::Stage")
    arn = joined(only(least_proxy, ASSOCIATION)["Properties"]["ResourceArn"])
    assert arn == f"arn:<AWS::Partition>:apigateway:{REGION}::/restapis/<{api}>/stages/<{stage}>"


@both
def test_one_that_is_given_stands_in_front_instead(variant: Variant) -> None:
    stack = new_stack(region=variant.region)
    mine = ProxyWebAcl(stack, "Mine", waf_scope=variant.waf_scope, allowed_origins=[ORIGIN])
    proxy = variant.make(stack, mine, allowed_origins=[ORIGIN])
    template = Template.from_stack(stack)
    assert variant.attached(template) == {"Fn::GetAtt": [stack.get_logical_id(mine.web_acl), "Arn"]}
    template.resource_count_is(WEB_ACL, 1)
    assert proxy.web_acl is mine
    assert warnings(stack) == []


def test_two_proxies_may_share_one() -> None:
    app = App()
    env = Environment(region=REGION)
    shared = ProxyWebAcl(Stack(app, "Shared", env=env), "WebAcl")
    stacks = [Stack(app, name, env=env) for name in ("First", "Second")]
    for stack in stacks:
        REGIONAL.make(stack, shared)
    for stack in stacks:
        template = Template.from_stack(stack)
        assert "Fn::ImportValue" in REGIONAL.attached(template)
        template.resource_count_is(WEB_ACL, 0)


@both
def test_one_that_is_made_elsewhere_stands_in_front_instead(variant: Variant) -> None:
    stack = new_stack(region=variant.region)
    proxy = variant.make(stack, ExistingWebAcl(arn=variant.arn))
    template = Template.from_stack(stack)
    assert variant.attached(template) == variant.arn
    template.resource_count_is(WEB_ACL, 0)
    assert (proxy.web_acl, proxy.web_acl_arn) == (None, variant.arn)
    assert warnings(stack) == []


@both
def test_an_arn_that_is_known_at_deploy_time_only_will_do(variant: Variant) -> None:
    stack = new_stack(region=variant.region)
    variant.make(stack, ExistingWebAcl(arn=Token.as_string({"Ref": "Parameter"})))
    assert variant.attached(Template.from_stack(stack)) == {"Ref": "Parameter"}


@both
def test_going_without_warns(variant: Variant) -> None:
    stack = new_stack(region=variant.region)
    proxy = variant.make(stack, NoWebAcl())
    template = Template.from_stack(stack)
    assert variant.attached(template) is None
    template.resource_count_is(WEB_ACL, 0)
    assert (proxy.web_acl, proxy.web_acl_arn) == (None, None)
    Annotations.from_stack(stack).has_warning(
        "/Stack/Proxy", Match.string_like_regexp(r"web_acl: nothing stands in front.*@cognito-proxy:noWebAcl.*")
    )


@both
@pytest.mark.parametrize(
    ("origins", "acl_origins", "warned"),
    [
        ([ORIGIN], [], True),
        ([ORIGIN], ["https://other.example.com"], True),
        (["*"], [ORIGIN], True),
        ([ORIGIN], [ORIGIN, "https://other.example.com"], False),
        ([], [ORIGIN], False),
    ],
)
def test_blocks_that_a_page_could_not_read_are_warned_of(
    variant: Variant, origins: list[str], acl_origins: list[str], warned: bool
) -> None:
    stack = new_stack(region=variant.region)
    mine = ProxyWebAcl(stack, "Mine", waf_scope=variant.waf_scope, allowed_origins=acl_origins)
    variant.make(stack, mine, allowed_origins=origins)
    assert any("@cognito-proxy:webAclOrigins" in warning for warning in warnings(stack)) is warned


@pytest.mark.parametrize(("variant", "other"), [(REGIONAL, EDGE), (EDGE, REGIONAL)], ids=["regional", "edge"])
def test_refuses_one_of_the_other_scope(variant: Variant, other: Variant) -> None:
    stack = new_stack(region=variant.region)
    message = f"has the scope {other.waf_scope}; this proxy takes {variant.waf_scope}"
    with pytest.raises(PropertyError, match=f"web_acl: {other.arn} {message}"):
        variant.make(stack, ExistingWebAcl(arn=other.arn))
    # No Region of its own, so that the scope is all that is wrong.
    elsewhere = ProxyWebAcl(new_stack("Elsewhere", region=None), "WebAcl", waf_scope=other.waf_scope)
    stack = new_stack(region=variant.region)
    with pytest.raises(PropertyError, match=f"web_acl: Elsewhere/WebAcl {message}"):
        variant.make(stack, elsewhere)


def test_refuses_one_of_another_region_in_front_of_a_stage() -> None:
    arn = ARN.format(region="us-east-1", scope="regional")
    with pytest.raises(PropertyError, match=f"web_acl: {arn} is in us-east-1; this proxy takes one in its own Region"):
        REGIONAL.make(new_stack(), ExistingWebAcl(arn=arn))
    mine = ProxyWebAcl(new_stack("Elsewhere", region="us-east-1"), "WebAcl")
    with pytest.raises(PropertyError, match="web_acl: Elsewhere/WebAcl is in us-east-1; this proxy takes one in its"):
        REGIONAL.make(new_stack(), mine)


@both
@pytest.mark.parametrize("wrong", ["arn", "text", "class", "resource", "flag"])
def test_refuses_what_is_no_choice(variant: Variant, wrong: str) -> None:
    stack = new_stack(region=variant.region)
    things: dict[str, tuple[Any, str]] = {
        "arn": (variant.arn, repr(variant.arn)),
        "text": ("", "''"),
        "class": (NoWebAcl, "a type"),
        "resource": (ProxyWebAcl(stack, "Mine", waf_scope=variant.waf_scope).web_acl, "a CfnWebACL"),
        "flag": (False, "a bool"),
    }
    thing, named = things[wrong]
    with pytest.raises(PropertyError, match="web_acl: ") as raised:
        variant.make(stack, thing)
    assert str(raised.value) == (
        f"web_acl: {named} is none; give a ProxyWebAcl, ExistingWebAcl(arn=…) for one that is made elsewhere, "
        "or NoWebAcl(); leave it out for one of the proxy's own"
    )


def test_a_refused_choice_is_not_told_as_a_token() -> None:
    with pytest.raises(PropertyError, match="web_acl: a str is none; give a ProxyWebAcl"):
        REGIONAL.make(new_stack(), Token.as_string({"Ref": "Arn"}))  # type: ignore[arg-type]


@pytest.mark.proves("ipv6-agreed")
@pytest.mark.parametrize("ipv6", [False, True])
def test_proxy_and_web_acl_agree_on_ipv6(ipv6: bool) -> None:
    stack = new_stack(region=EDGE_REGION)
    proxy = EDGE.make(stack, ipv6=ipv6)
    assert proxy.web_acl is not None
    assert proxy.web_acl.ipv6 is ipv6
    stack = new_stack(region=EDGE_REGION)
    mine = ProxyWebAcl(stack, "Mine", waf_scope=WafScope.CLOUDFRONT, ipv6=ipv6)
    assert EDGE.make(stack, mine, ipv6=ipv6).web_acl is mine
    stack = new_stack(region=EDGE_REGION)
    other = ProxyWebAcl(stack, "Mine", waf_scope=WafScope.CLOUDFRONT, ipv6=not ipv6)
    with pytest.raises(PropertyError, match=f"web_acl: Stack/Mine has ipv6={not ipv6}; this proxy has ipv6={ipv6}"):
        EDGE.make(stack, other, ipv6=ipv6)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "a1b2c3d4-5678-90ab-cdef-111122223333",
        "arn:aws:waf-regional:eu-west-1:123456789012:webacl/a1b2c3d4",
        "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/Name/a1b2c3d4",
        f"{ARN.format(region=REGION, scope='regional')}\n",
    ],
)
def test_refuses_what_is_no_web_acls_arn(arn: str) -> None:
    with pytest.raises(PropertyError, match="is not a web ACL's; give one such as arn:aws:wafv2:") as raised:
        ExistingWebAcl(arn=arn)
    assert repr(arn) in str(raised.value)
