"""What EdgeProxy and RegionalProxy have in common: their shared properties, what these refuse, and their names."""

import ast
import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, CustomDomain, EdgeProxy, NoWebAcl, PropertyError, RegionalProxy
from cognito_proxy.proxies import proxy_properties
from cognito_proxy.proxies.proxy_properties import ProxyProperties, SharedProperties
from tests.constructs.synthesized import EDGE_REGION, new_stack

Proxy = type[EdgeProxy] | type[RegionalProxy]

both = pytest.mark.parametrize("proxy", [EdgeProxy, RegionalProxy])


def _client(stack: Stack, construct_id: str = "Client", **properties: Any) -> AppClient:
    pool = stack.node.try_find_child("Pool") or cognito.UserPool(stack, "Pool")
    return AppClient(stack, construct_id, **({"user_pool": pool} | properties))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"memory_size": 127}, "memory_size must be from 128 to 10,240 MB, not 127"),
    ({"memory_size": 10_241}, "memory_size must be from 128 to 10,240 MB, not 10241"),
    ({"timeout": Duration.seconds(2)}, "timeout must be from 3 seconds to (28|30) seconds, not 2 seconds"),
    ({"timeout": Duration.seconds(31)}, "timeout must be from 3 seconds to (28|30) seconds, not 31 seconds"),
    ({"secret_ttl": Duration.millis(999)}, "secret_ttl must be from 1 second to 1 day, not 999 millis"),
    ({"secret_ttl": Duration.hours(25)}, "secret_ttl must be from 1 second to 1 day, not 1 day 1 hour"),
    ({"allowed_origins": ["https://a.example/"]}, "allowed_origins: 'https://a.example/' is not an origin"),
    ({"app_clients": []}, "app_clients must hold at least one AppClient, not none"),
    ({"web_acl": "arn"}, "web_acl: 'arn' is none; give a ProxyWebAcl"),
]


@both
@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_both_refuse_the_same_with_the_same_words(proxy: Proxy, properties: dict[str, Any], message: str) -> None:
    stack = new_stack(region=EDGE_REGION)
    given: dict[str, Any] = {"app_clients": [_client(stack)]} | properties
    with pytest.raises(PropertyError, match=message):
        proxy(stack, "Proxy", **given)


def _of_two_pools(stack: Stack) -> list[AppClient]:
    imported = cognito.UserPool.from_user_pool_id(stack, "Imported", f"{EDGE_REGION}_AbCdEf123")
    return [_client(stack), _client(stack, "Second", user_pool=imported)]


def _one_twice(stack: Stack) -> list[AppClient]:
    return [_client(stack)] * 2


def _of_different_regions(stack: Stack) -> list[AppClient]:
    return [_client(stack), _client(stack, "Second", secret_replica_regions=["ap-southeast-2"])]


@both
@pytest.mark.parametrize(
    ("clients", "message"),
    [
        (_of_two_pools, r"must be of one user pool, not of 2: \(known at deploy time\), us-east-1_AbCdEf123"),
        (_one_twice, "must not hold an AppClient twice: Stack/Client, Stack/Client"),
        (_of_different_regions, "must have the same secret_replica_regions"),
    ],
)
def test_both_refuse_app_clients_that_do_not_belong_together(
    proxy: Proxy, clients: Callable[[Stack], list[AppClient]], message: str
) -> None:
    stack = new_stack(region=EDGE_REGION)
    with pytest.raises(PropertyError, match=f"app_clients {message}"):
        proxy(stack, "Proxy", app_clients=clients(stack))


@both
def test_both_refuse_a_property_that_they_do_not_know(proxy: Proxy) -> None:
    stack = new_stack(region=EDGE_REGION)
    given: dict[str, Any] = {"app_clients": [_client(stack)], "memory_sise": 512}
    with pytest.raises(TypeError, match="memory_sise"):
        proxy(stack, "Proxy", **given)


@both
def test_both_ask_for_app_clients(proxy: Proxy) -> None:
    nothing: dict[str, Any] = {}
    with pytest.raises(TypeError, match="app_clients"):
        proxy(new_stack(region=EDGE_REGION), "Proxy", **nothing)


@pytest.mark.proves("any-origin-warned")
@both
def test_both_warn_of_any_origin_and_of_no_web_acl(proxy: Proxy) -> None:
    stack = new_stack(region=EDGE_REGION)
    built = proxy(stack, "Proxy", app_clients=[_client(stack)], allowed_origins=["*"], web_acl=NoWebAcl())
    found = Annotations.from_stack(stack)
    for warning in (r"allowed_origins is '\*'.*@cognito-proxy:anyOrigin.*", ".*@cognito-proxy:noWebAcl.*"):
        found.has_warning("/Stack/Proxy", Match.string_like_regexp(warning))
    assert (built.web_acl, built.web_acl_arn) == (None, None)


@both
@pytest.mark.parametrize("in_zone", [True, False])
def test_both_answer_to_a_name_of_ones_own_and_make_its_record_in_its_zone(proxy: Proxy, *, in_zone: bool) -> None:
    stack = new_stack(region=EDGE_REGION)
    arn = f"arn:aws:acm:{EDGE_REGION}:123456789012:certificate/abc"
    # Of a zone whose name CDK can read, it would find out by itself what belongs to the record's name.
    zone_name = Token.as_string({"Ref": "ZoneName"})
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name=zone_name
    )
    domain = CustomDomain(
        domain_name="auth.example.com",
        certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", arn),
        hosted_zone=zone if in_zone else None,
    )
    built = proxy(stack, "Proxy", app_clients=[_client(stack)], domain=domain)
    assert (built.endpoint, built.domain_name) == ("https://auth.example.com/", "auth.example.com")
    target = stack.resolve(built.alias_target)
    records = Template.from_stack(stack).find_resources("AWS::Route53::RecordSet").values()
    assert [record["Properties"]["Name"] for record in records] == ["auth.example.com."] * in_zone
    assert [record["Properties"]["AliasTarget"]["DNSName"] for record in records] == [target] * in_zone


def test_every_shared_property_has_a_default_and_a_text_that_says_so() -> None:
    texts = _documented_keys()
    with_defaults = {
        field.name for field in dataclasses.fields(SharedProperties) if field.default is not dataclasses.MISSING
    }
    assert set(texts) == set(ProxyProperties.__annotations__) == with_defaults | {"app_clients"}
    assert {name for name, text in texts.items() if "Default: " in text} == with_defaults
    assert ProxyProperties.__required_keys__ == {"app_clients"}


def _documented_keys() -> dict[str, str]:
    """Keys of `ProxyProperties`, and the text below each."""
    (found,) = (
        node
        for node in ast.parse(inspect.getsource(proxy_properties)).body
        if isinstance(node, ast.ClassDef) and node.name == "ProxyProperties"
    )
    body = found.body[1:]
    keys = [node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    texts = [str(ast.literal_eval(node.value)) for node in body if isinstance(node, ast.Expr)]
    return dict(zip(keys, texts, strict=True))
