"""What a proxy that tells Cognito of the true client may do, what its app clients take, and what it warns of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, AuthFlows, CustomDomain, EdgeAdminCalls, EdgeProxy, RegionalProxy
from proxy.settings import GENERATED, IN_PLACE, Settings, parse_settings
from tests.constructs.synthesized import EDGE_REGION, REGION, joined, new_stack, new_stacks, only

APP_CLIENT = "AWS::Cognito::UserPoolClient"
ADMINISTRATOR_CALLS = ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge"]
THREAT_PROTECTION: dict[str, Any] = {"threat_protection": True}
PROPAGATE: dict[str, Any] = {"propagate_client_ip": True}
PASSWORD = AuthFlows(user_password=True)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a proxy and its pool stand."""

    edge: bool
    pool_region: str = REGION
    imported: bool = False

    def synthesize(
        self, *, auth_flows: Sequence[AuthFlows | None] = (None,), domain: bool = False, **properties: Any
    ) -> "Synthesized":
        """A proxy with one app client for each of `auth_flows`."""
        pool_stack, stack = self._stacks()
        pool = self._pool(pool_stack)
        replicas = [EDGE_REGION] if pool_stack is not stack else []
        clients = [
            AppClient(pool_stack, f"Client{number}", user_pool=pool, auth_flows=flows, secret_replica_regions=replicas)
            for number, flows in enumerate(auth_flows, 1)
        ]
        if domain:
            properties |= {"domain": _domain(stack)}
        proxy = EdgeProxy if self.edge else RegionalProxy
        proxy(stack, "Proxy", app_clients=clients, **properties)
        template = Template.from_stack(stack)
        pool_template = template if pool_stack is stack else Template.from_stack(pool_stack)
        return Synthesized(stack=stack, template=template, pool=pool_template)

    def _stacks(self) -> tuple[Stack, Stack]:
        if self.edge and self.pool_region != EDGE_REGION:
            return new_stacks()
        stack = new_stack(region=self.pool_region)
        return stack, stack

    def _pool(self, stack: Stack) -> cognito.IUserPool:
        if self.imported:
            return cognito.UserPool.from_user_pool_id(stack, "Pool", f"{self.pool_region}_AbCdEf123")
        return cognito.UserPool(stack, "Pool")


@dataclass(frozen=True, kw_only=True)
class Synthesized:
    """The stack of a proxy, and its pool's, which may be the same."""

    stack: Stack
    template: Template
    pool: Template

    def administrator_statements(self) -> list[dict[str, Any]]:
        """Every statement of any policy, in either stack, that speaks of Cognito in the name of an administrator."""
        return [
            statement
            for template in {id(found): found for found in (self.template, self.pool)}.values()
            for policy in template.find_resources("AWS::IAM::Policy").values()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if "cognito-idp:Admin" in json.dumps(statement["Action"])
        ]

    def app_clients(self) -> list[dict[str, Any]]:
        """Properties of the app clients, in the order in which they were made."""
        return [found["Properties"] for _, found in sorted(self.pool.find_resources(APP_CLIENT).items())]

    def settings(self) -> Settings:
        """What the function reads."""
        text = self.settings_text()
        for secret in json.loads(text)["clients"].values():
            arn = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:a-AbCdEf"
            text = text.replace(json.dumps(secret["secret_arn"]), json.dumps(arn))
        return parse_settings(text)

    def settings_text(self) -> str:
        """The document as it stands in the template."""
        distributions = self.template.find_resources("AWS::CloudFront::Distribution")
        if not distributions:
            (function,) = self.template.find_resources(
                "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
            ).values()
            return joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"])
        distribution = only(self.template, "AWS::CloudFront::Distribution")["Properties"]["DistributionConfig"]
        (header, *_) = distribution["Origins"][0]["OriginCustomHeaders"]
        return joined(header["HeaderValue"])

    def warnings(self) -> list[str]:
        """Ids of this library's own warnings at the proxy."""
        found = Annotations.from_stack(self.stack).find_warning("/Stack/Proxy", Match.any_value())
        return sorted(str(entry.entry.data).rpartition("[ack: @cognito-proxy:")[2].rstrip("]") for entry in found)


def _domain(stack: Stack) -> CustomDomain:
    arn = f"arn:aws:acm:{stack.region}:123456789012:certificate/abc"
    certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", arn)
    return CustomDomain(domain_name="auth.example.com", certificate=certificate)


PLACES = {
    "regional": (Place(edge=False), f"{REGION}:<AWS::AccountId>:userpool/<Pool"),
    "regional, imported pool": (
        Place(edge=False, imported=True),
        f"{REGION}:<AWS::AccountId>:userpool/{REGION}_AbCdEf123",
    ),
    "edge, pool beside it": (
        Place(edge=True, pool_region=EDGE_REGION),
        f"{EDGE_REGION}:<AWS::AccountId>:userpool/<Pool",
    ),
    "edge, pool elsewhere": (Place(edge=True), f"{REGION}:<AWS::AccountId>:userpool/<Identity/"),
    "edge, imported pool elsewhere": (
        Place(edge=True, imported=True),
        f"{REGION}:<AWS::AccountId>:userpool/{REGION}_AbCdEf123",
    ),
}
BOTH_VARIANTS = pytest.mark.parametrize(
    "place", [PLACES["regional"][0], PLACES["edge, pool elsewhere"][0]], ids=["regional", "edge"]
)
EVERYWHERE = pytest.mark.parametrize(("place", "pool"), PLACES.values(), ids=PLACES.keys())


@cache
def with_both_flags(place: Place) -> Synthesized:
    """Two app clients, one of which asked for password sign-in."""
    return place.synthesize(auth_flows=(PASSWORD, None), **THREAT_PROTECTION, **PROPAGATE)


@cache
def with_propagation_alone(place: Place) -> Synthesized:
    return place.synthesize(auth_flows=(PASSWORD, None), **PROPAGATE)


@cache
def with_threat_protection_alone(place: Place) -> Synthesized:
    return place.synthesize(domain=True, **THREAT_PROTECTION)


@cache
def without_flags(place: Place) -> Synthesized:
    return place.synthesize(auth_flows=(PASSWORD,))


@EVERYWHERE
def test_threat_protection_lets_the_role_sign_users_in_to_this_pool_and_do_nothing_else(
    place: Place, pool: str
) -> None:
    synthesized = with_both_flags(place)
    (statement,) = synthesized.administrator_statements()
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == ADMINISTRATOR_CALLS
    arn = joined(statement["Resource"])
    assert arn.startswith(f"arn:<AWS::Partition>:cognito-idp:{pool}")
    assert "*" not in arn


@EVERYWHERE
def test_it_is_the_proxy_s_role_that_gets_the_permission(place: Place, pool: str) -> None:
    template = with_both_flags(place).template
    holders = [
        policy["Properties"]["Roles"]
        for policy in template.find_resources("AWS::IAM::Policy").values()
        if "cognito-idp:Admin" in json.dumps(policy)
    ]
    handler = "proxy.edge.handler" if place.edge else "proxy.regional.handler"
    (function,) = template.find_resources("AWS::Lambda::Function", {"Properties": {"Handler": handler}}).values()
    (role, _) = function["Properties"]["Role"]["Fn::GetAtt"]
    assert holders == [[{"Ref": role}]]


@BOTH_VARIANTS
def test_without_threat_protection_no_role_may_make_administrator_calls(place: Place) -> None:
    assert with_propagation_alone(place).administrator_statements() == []
    assert without_flags(place).administrator_statements() == []


@BOTH_VARIANTS
def test_password_sign_in_of_administrators_needs_the_flag_and_that_it_was_asked_for(place: Place) -> None:
    asked, unasked = (client["ExplicitAuthFlows"] for client in with_both_flags(place).app_clients())
    assert asked == ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert unasked == ["ALLOW_USER_SRP_AUTH"]
    for synthesized in (with_propagation_alone(place), without_flags(place)):
        assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" not in synthesized.app_clients()[0]["ExplicitAuthFlows"]


@BOTH_VARIANTS
def test_app_clients_take_an_address_only_where_it_is_propagated(place: Place) -> None:
    for synthesized in (with_both_flags(place), with_propagation_alone(place)):
        assert [client["EnablePropagateAdditionalUserContextData"] for client in synthesized.app_clients()] == [
            True
        ] * 2
    for synthesized in (without_flags(place), with_threat_protection_alone(place)):
        assert "EnablePropagateAdditionalUserContextData" not in synthesized.app_clients()[0]


@BOTH_VARIANTS
def test_what_it_costs_is_said_at_synth(place: Place) -> None:
    assert with_both_flags(place).warnings() == ["propagateClientIp", "threatProtection"]
    assert with_propagation_alone(place).warnings() == ["propagateClientIp"]
    assert without_flags(place).warnings() == []
    warnings = Annotations.from_stack(with_threat_protection_alone(place).stack)
    for told in ("Plus feature plan", "web ACL on the user pool itself does not see"):
        warnings.has_warning("/Stack/Proxy", Match.string_like_regexp(f".*{told}.*"))


@BOTH_VARIANTS
def test_the_function_is_told(place: Place) -> None:
    expected = {
        with_both_flags: (True, True),
        with_propagation_alone: (False, True),
        with_threat_protection_alone: (True, False),
        without_flags: (False, False),
    }
    for synthesize, flags in expected.items():
        settings = synthesize(place).settings()
        assert (settings.threat_protection, settings.propagate_client_ip) == flags


@BOTH_VARIANTS
def test_settings_that_are_off_do_not_stand_in_the_document(place: Place) -> None:
    options = {"threat_protection", "propagate_client_ip", "server_name"}
    assert options.isdisjoint(json.loads(without_flags(place).settings_text()))


def test_behind_a_name_of_one_s_own_the_edge_is_told_that_name_which_its_event_does_not_hold() -> None:
    edge, regional = PLACES["edge, pool elsewhere"][0], PLACES["regional"][0]
    assert with_threat_protection_alone(edge).settings().server_name == "auth.example.com"
    assert with_both_flags(edge).settings().server_name == ""
    assert with_threat_protection_alone(regional).settings().server_name == ""
    assert edge.synthesize(domain=True, **PROPAGATE).settings().server_name == ""


@pytest.mark.proves("signed-calls-by-function")
def test_the_edge_function_makes_the_calls_itself() -> None:
    for synthesize in (with_both_flags, with_propagation_alone, with_threat_protection_alone, without_flags):
        synthesized = synthesize(PLACES["edge, pool elsewhere"][0])
        assert json.loads(synthesized.settings_text())["edge_admin_calls"] == GENERATED


def test_cloudfront_sends_the_calls_where_that_is_asked_for() -> None:
    place = PLACES["edge, pool elsewhere"][0]
    synthesized = place.synthesize(edge_admin_calls=EdgeAdminCalls.IN_PLACE, **THREAT_PROTECTION)
    assert json.loads(synthesized.settings_text())["edge_admin_calls"] == IN_PLACE


def test_a_regional_proxy_is_not_told_who_sends_its_calls() -> None:
    synthesized = with_threat_protection_alone(PLACES["regional"][0])
    assert "edge_admin_calls" not in json.loads(synthesized.settings_text())


def test_an_app_client_of_two_proxies_takes_what_either_of_them_needs() -> None:
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"), auth_flows=PASSWORD)
    RegionalProxy(stack, "Regional", app_clients=[client], threat_protection=True, propagate_client_ip=True)
    EdgeProxy(stack, "Edge", app_clients=[client])
    properties = only(Template.from_stack(stack), APP_CLIENT)["Properties"]
    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in properties["ExplicitAuthFlows"]
    assert properties["EnablePropagateAdditionalUserContextData"] is True


def test_a_stack_that_leaves_its_region_open_grants_the_pool_in_whichever_it_is_deployed_to() -> None:
    stack = new_stack(region=None)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    RegionalProxy(stack, "Proxy", app_clients=[client], threat_protection=True)
    template = Template.from_stack(stack)
    (statement,) = Synthesized(stack=stack, template=template, pool=template).administrator_statements()
    assert joined(statement["Resource"]).startswith("arn:<AWS::Partition>:cognito-idp:<AWS::Region>:<AWS::AccountId>:")
