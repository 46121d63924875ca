"""Cognito's answers become facts; what they leave out has the documented default."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cognito_proxy.audit.answers import client_of, flows_of, pool_of
from cognito_proxy.audit.facts import Flow, Lifetimes, WebAcl

BARE = {"ClientId": "1a2b3c"}
DEFAULTS = {Flow.SRP, Flow.CUSTOM, Flow.REFRESH}


def client(**settings: Any) -> Any:
    return client_of(BARE | settings, has_secret=False, of_the_proxy=False)


def pool(**settings: Any) -> Any:
    return pool_of({"Id": "eu-west-1_A"} | settings, WebAcl())


def test_every_flow_of_the_model_is_known() -> None:
    model = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"))
    for name in model.shape_for("ExplicitAuthFlowsType").enum:
        assert flows_of([name]), name


@pytest.mark.parametrize(
    ("explicit", "flows"),
    [
        ([], DEFAULTS),
        (["ALLOW_REFRESH_TOKEN_AUTH"], {Flow.REFRESH}),
        (["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"], {Flow.SRP, Flow.PASSWORD}),
        (["ALLOW_USER_AUTH"], {Flow.CHOICE}),
        (["ALLOW_ADMIN_USER_PASSWORD_AUTH"], {Flow.ADMINISTRATOR}),
        (["ADMIN_NO_SRP_AUTH"], DEFAULTS | {Flow.ADMINISTRATOR}),
        (["USER_PASSWORD_AUTH"], DEFAULTS | {Flow.PASSWORD}),
        (["CUSTOM_AUTH_FLOW_ONLY"], {Flow.CUSTOM, Flow.REFRESH}),
    ],
)
def test_flows(explicit: list[str], flows: set[Flow]) -> None:
    assert flows_of(explicit) == flows


def test_an_app_client_of_which_nothing_is_said() -> None:
    found = client()
    assert found.flows == DEFAULTS
    assert found.lifetimes == Lifetimes(access=3_600, id=3_600, refresh=2_592_000)
    assert not found.hides_users
    assert found.revocable
    assert found.oauth_grants == frozenset()


def test_lifetimes_in_their_units() -> None:
    units = {"AccessToken": "minutes", "IdToken": "seconds", "RefreshToken": "hours"}
    found = client(AccessTokenValidity=5, IdTokenValidity=300, RefreshTokenValidity=2, TokenValidityUnits=units)
    assert found.lifetimes == Lifetimes(access=300, id=300, refresh=7_200)


def test_a_lifetime_without_a_unit_is_in_the_default_one() -> None:
    found = client(AccessTokenValidity=2, RefreshTokenValidity=365)
    assert found.lifetimes == Lifetimes(access=7_200, id=3_600, refresh=31_536_000)


def test_grants_hold_only_where_oauth_is_switched_on() -> None:
    grants = {"AllowedOAuthFlows": ["code", "implicit"]}
    assert client(**grants).oauth_grants == frozenset()
    assert client(**grants, AllowedOAuthFlowsUserPoolClient=True).oauth_grants == {"code", "implicit"}


def test_identity_providers_that_are_not_named_are_the_pools_own() -> None:
    assert client().identity_providers == {"COGNITO"}
    assert client(SupportedIdentityProviders=["Google"]).identity_providers == {"Google"}


def test_rotation_of_refresh_tokens_is_a_way_to_refresh() -> None:
    flows = {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}
    assert client(**flows, RefreshTokenRotation={"Feature": "ENABLED"}).refreshes
    assert not client(**flows, RefreshTokenRotation={"Feature": "DISABLED"}).refreshes


@pytest.mark.parametrize(("answer", "hides"), [("ENABLED", True), ("LEGACY", False)])
def test_whether_user_names_are_hidden(answer: str, hides: bool) -> None:
    assert client(PreventUserExistenceErrors=answer).hides_users is hides


def test_a_pool_of_which_nothing_is_said_is_open_to_all() -> None:
    found = pool()
    assert (found.self_sign_up, found.self_recovery, found.domains) == (True, True, ())


def test_a_pool_for_administrators() -> None:
    found = pool(
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
    )
    assert (found.self_sign_up, found.self_recovery) == (False, False)


def test_both_domains_of_a_pool() -> None:
    assert pool(Domain="shop", CustomDomain="auth.example.com").domains == ("auth.example.com", "shop")
