"""What `oauth` makes of both proxies, and what it leaves alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import (
    AppClient,
    CustomDomain,
    EdgeProxy,
    Guards,
    HumanCheck,
    HumanCheckProvider,
    NoWebAcl,
    OAuthEndpoints,
    PhoneRules,
    PrivateNetwork,
    PropertyError,
    ProxyWebAcl,
    RateLimit,
    RegionalProxy,
    Throttle,
    UserEvents,
    UserLimits,
)
from cognito_proxy.proxies.oauth_endpoints import PATHS
from proxy.oauth.routes import ROUTES
from tests.constructs.synthesized import EDGE_REGION, joined, new_stack, only

DOMAIN = "my-app.auth.eu-west-1.amazoncognito.com"
CALLBACK = "https://app.example.com/signed-in"
LOGOUT = "https://app.example.com/bye"
OAUTH = OAuthEndpoints(user_pool_domain=DOMAIN, callback_urls=[CALLBACK], logout_urls=[LOGOUT])

US = PhoneRules(countries=["+1"])

both = pytest.mark.parametrize("proxy", [EdgeProxy, RegionalProxy])


def made(proxy: Any, **properties: Any) -> tuple[Stack, Any]:
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    return stack, proxy(stack, "Proxy", **({"app_clients": [client], "oauth": OAUTH} | properties))


def settings_of(template: Template) -> dict[str, Any]:
    (function,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    ).values()
    document: dict[str, Any] = json.loads(joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"]))
    return document


def test_the_paths_are_the_functions() -> None:
    assert {path: route.methods for path, route in ROUTES.items()} == PATHS


def test_the_function_is_told_the_domain_and_the_apps_addresses() -> None:
    settings = settings_of(Template.from_stack(made(RegionalProxy)[0]))
    assert settings["oauth"] == {"domain": DOMAIN, "callback_urls": [CALLBACK], "logout_urls": [LOGOUT]}


@both
def test_a_new_app_client_gets_the_code_grant_and_no_other(proxy: Any) -> None:
    client = only(Template.from_stack(made(proxy)[0]), "AWS::Cognito::UserPoolClient")["Properties"]
    assert client["AllowedOAuthFlowsUserPoolClient"] is True
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
    assert (client["CallbackURLs"], client["LogoutURLs"]) == ([CALLBACK], [LOGOUT])
    assert client["GenerateSecret"] is True


@both
def test_of_an_existing_app_client_nothing_is_changed(proxy: Any) -> None:
    stack = new_stack(region=EDGE_REGION)
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", f"{EDGE_REGION}_AbCdEf123")
    client = AppClient.from_client_id(stack, "Client", user_pool=pool, client_id="1a2b3c")
    proxy(stack, "Proxy", app_clients=[client], oauth=OAuthEndpoints(user_pool_domain=DOMAIN))
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("oauth: the app client needs"))
    Template.from_stack(stack).resource_count_is("AWS::Cognito::UserPoolClient", 0)


@both
def test_it_says_that_the_pages_stay_outside(proxy: Any) -> None:
    stack, _ = made(proxy)
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("users sign in on the pages"))


def test_the_cdk_warns_of_nothing_else() -> None:
    stack, _ = made(RegionalProxy)
    warnings = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert [each.entry.data for each in warnings if "llowTestInvoke" in str(each.entry.data)] == []


def unseen(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("oauth: what users do there"))
    return [str(each.entry.data) for each in found]


@both
def test_what_does_not_stand_around_the_pages_is_named(proxy: Any) -> None:
    assert unseen(made(proxy)[0]) == []
    assert unseen(made(proxy, oauth=None, phone_rules=US)[0]) == []
    (warning,) = unseen(made(proxy, phone_rules=US)[0])
    assert "/signup" in warning
    assert "not seen by phone_rules." in warning


def test_everything_that_is_on_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def check(call):\n    return None\n", encoding="utf-8")
    arn = f"arn:aws:secretsmanager:{EDGE_REGION}:123456789012:secret:key-AbCdEf"
    for proxy, more, named in (
        (EdgeProxy, {}, "phone_rules, human_check, guards."),
        (
            RegionalProxy,
            {"user_limits": UserLimits(), "events": UserEvents()},
            "phone_rules, human_check, guards, user_limits, events.",
        ),
    ):
        stack = new_stack(region=EDGE_REGION)
        client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
        secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Key", arn)
        check = HumanCheck(provider=HumanCheckProvider.TURNSTILE, secret=secret)
        guards = Guards(code=tmp_path, module="mine")
        given: dict[str, Any] = {"phone_rules": US, "human_check": check, "guards": guards, **more}
        proxy(stack, "Proxy", app_clients=[client], oauth=OAUTH, **given)
        (warning,) = unseen(stack)
        assert f"not seen by {named}" in warning


def test_the_api_has_a_resource_for_each_path_and_none_that_is_greedy() -> None:
    template = Template.from_stack(made(RegionalProxy)[0]).to_json()["Resources"]
    resources = {name: r["Properties"] for name, r in template.items() if r["Type"] == "AWS::ApiGateway::Resource"}

    def path_of(name: str | None) -> str:
        if name is None or name not in resources:
            return ""
        parent = resources[name]["ParentId"].get("Ref")
        return f"{path_of(parent)}/{resources[name]['PathPart']}"

    served: dict[str, set[str]] = {}
    for method in (r["Properties"] for r in template.values() if r["Type"] == "AWS::ApiGateway::Method"):
        served.setdefault(path_of(method["ResourceId"].get("Ref")), set()).add(method["HttpMethod"])
    assert served.pop("") == {"POST", "OPTIONS"}
    assert served == {path: {*methods, "OPTIONS"} for path, methods in PATHS.items()}
    permissions = [r for r in template.values() if r["Type"] == "AWS::Lambda::Permission"]
    assert len(permissions) == 1


def test_what_reaches_cognito_has_a_throttle_of_its_own() -> None:
    oauth = OAuthEndpoints(
        user_pool_domain=DOMAIN, callback_urls=[CALLBACK], throttle=Throttle(rate_limit=7, burst_limit=9)
    )
    stage = only(Template.from_stack(made(RegionalProxy, oauth=oauth)[0]), "AWS::ApiGateway::Stage")["Properties"]
    found = {(each["ResourcePath"], each["HttpMethod"]): each for each in stage["MethodSettings"]}
    assert found["/*", "*"]["ThrottlingRateLimit"] == 100
    own = {key: each for key, each in found.items() if key != ("/*", "*")}
    assert {(path.replace("~1", "/"), method) for path, method in own} == {
        ("//oauth2/token", "POST"),
        ("//oauth2/revoke", "POST"),
        ("//oauth2/userInfo", "GET"),
        ("//oauth2/userInfo", "POST"),
        ("//.well-known/jwks.json", "GET"),
    }
    for each in own.values():
        assert (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"]) == (7, 9)
        assert (each["LoggingLevel"], each["DataTraceEnabled"]) == ("OFF", False)


def test_the_edge_has_two_behaviours_with_the_same_function() -> None:
    template = Template.from_stack(made(EdgeProxy, allowed_origins=["https://app.example.com"])[0])
    config = only(template, "AWS::CloudFront::Distribution")["Properties"]["DistributionConfig"]
    default, others = config["DefaultCacheBehavior"], config["CacheBehaviors"]
    assert [each["PathPattern"] for each in others] == ["/oauth2/*", "/.well-known/*"]
    for each in others:
        assert each["LambdaFunctionAssociations"] == default["LambdaFunctionAssociations"]
        assert each["TargetOriginId"] == default["TargetOriginId"]
        assert each["CachePolicyId"] == default["CachePolicyId"]
        assert each["ViewerProtocolPolicy"] == "https-only"
    policies = {
        name: r["Properties"]["ResponseHeadersPolicyConfig"]
        for name, r in template.find_resources("AWS::CloudFront::ResponseHeadersPolicy").items()
    }
    oauth, discovery = (policies[each["ResponseHeadersPolicyId"]["Ref"]] for each in others)
    for policy in (oauth, discovery):
        assert policy["CorsConfig"]["AccessControlAllowMethods"]["Items"] == ["GET", "POST"]
        assert "authorization" in policy["CorsConfig"]["AccessControlAllowHeaders"]["Items"]
        assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False
        assert {"Header": "Set-Cookie"} in policy["RemoveHeadersConfig"]["Items"]
    said = [
        {(each["Header"], each["Value"], each["Override"]) for each in policy["CustomHeadersConfig"]["Items"]}
        for policy in (oauth, discovery)
    ]
    assert said == [
        {("Cache-Control", "no-store", True), ("Vary", "Origin", True)},
        {("Cache-Control", "no-store", False), ("Vary", "Origin", True)},
    ]


@both
def test_without_it_there_is_none_of_it(proxy: Any) -> None:
    text = json.dumps(Template.from_stack(made(proxy, oauth=None)[0]).to_json())
    assert "oauth2" not in text
    assert "CacheBehaviors" not in text


@both
def test_a_web_acl_must_agree(proxy: Any) -> None:
    scope = proxy._waf_scope
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    deaf = ProxyWebAcl(stack, "Deaf", waf_scope=scope)
    with pytest.raises(PropertyError, match=r"web_acl: .*Deaf has oauth=False; for this proxy give it an oauth_rate"):
        proxy(stack, "First", app_clients=[client], oauth=OAUTH, web_acl=deaf)
    open_ = ProxyWebAcl(stack, "Open", waf_scope=scope, oauth_rate=RateLimit(limit=100))
    with pytest.raises(PropertyError, match=r"web_acl: .*Open has oauth=True; for this proxy leave its oauth_rate out"):
        proxy(stack, "Second", app_clients=[client], web_acl=open_)
    proxy(stack, "Third", app_clients=[client], oauth=OAUTH, web_acl=NoWebAcl())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"user_pool_domain": "https://x.example.com"}, "user_pool_domain must be a host name"),
        ({"user_pool_domain": "my-app"}, "user_pool_domain must be a host name"),
        ({"user_pool_domain": "X.example.com"}, "user_pool_domain must be a host name"),
        ({"callback_urls": ["http://app.example.com/"]}, "callback_urls: 'http://app.example.com/' is not an address"),
        ({"callback_urls": CALLBACK}, "callback_urls: .* is one text"),
        ({"logout_urls": ["javascript:alert(1)"]}, "logout_urls: 'javascript:alert"),
        ({"scopes": []}, "scopes must hold at least one name"),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        OAuthEndpoints(**({"user_pool_domain": DOMAIN} | given))


@both
def test_a_new_app_client_needs_an_address(proxy: Any) -> None:
    with pytest.raises(PropertyError, match="callback_urls must hold at least one address for"):
        made(proxy, oauth=OAuthEndpoints(user_pool_domain=DOMAIN))


def test_a_private_network_needs_a_way_to_the_domain() -> None:
    with pytest.raises(PropertyError, match="nat_gateways"):
        made(RegionalProxy, vpc=PrivateNetwork())


def test_the_edges_function_is_told_the_apps_own_name() -> None:
    arn = f"arn:aws:acm:{EDGE_REGION}:123456789012:certificate/abc"
    for oauth in (OAUTH, None):
        stack = new_stack(region=EDGE_REGION)
        client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
        certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", arn)
        domain = CustomDomain(domain_name="auth.example.com", certificate=certificate)
        EdgeProxy(stack, "Proxy", app_clients=[client], domain=domain, oauth=oauth)
        distribution = json.dumps(only(Template.from_stack(stack), "AWS::CloudFront::Distribution"))
        assert ("server_name" in distribution) is (oauth is not None)
