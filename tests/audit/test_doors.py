"""The rules: which app client is a door."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cognito_proxy.audit.doors import POOL_RULES, RULES, Kind, findings, pool_findings
from cognito_proxy.audit.facts import Client, Flow, Pool, WebAcl
from cognito_proxy.audit.verdict import State, judge

CLOSED_POOL = Pool(pool_id="eu-west-1_A", self_sign_up=False, self_recovery=False)
OPEN_POOL = Pool(pool_id="eu-west-1_A")
PAGES = replace(OPEN_POOL, domains=("shop",))
QUIET = Client(client_id="1a2b3c")
"""Public, and able to do nothing."""
SECRET = replace(QUIET, has_secret=True, of_the_proxy=True)
HOSTED = {"oauth_grants": frozenset({"code"}), "identity_providers": frozenset({"COGNITO"})}
FEDERATED = HOSTED | {"identity_providers": frozenset({"Google"})}

pools = st.builds(
    Pool,
    pool_id=st.just("eu-west-1_A"),
    self_sign_up=st.booleans(),
    self_recovery=st.booleans(),
    domains=st.sampled_from([(), ("shop",), ("auth.example.com", "shop")]),
    web_acl=st.sampled_from([WebAcl(), WebAcl(known=False), WebAcl(arn="arn:acl")]),
)
clients = st.builds(
    Client,
    client_id=st.just("1a2b3c"),
    has_secret=st.booleans(),
    of_the_proxy=st.booleans(),
    flows=st.frozensets(st.sampled_from(Flow)),
    rotates_refresh_tokens=st.booleans(),
    oauth_grants=st.frozensets(st.sampled_from(["code", "implicit", "client_credentials"])),
    identity_providers=st.frozensets(st.sampled_from(["COGNITO", "Google"])),
    hides_users=st.booleans(),
    revocable=st.booleans(),
)


def names(pool: Pool, client: Client, kind: Kind) -> set[str]:
    return {rule.name for rule in findings(pool, client) if rule.kind is kind}


@pytest.mark.parametrize(
    ("pool", "client", "doors"),
    [
        (CLOSED_POOL, QUIET, set()),
        (OPEN_POOL, QUIET, {"sign-up", "recovery"}),
        (replace(CLOSED_POOL, self_sign_up=True), QUIET, {"sign-up"}),
        (replace(CLOSED_POOL, self_recovery=True), QUIET, {"recovery"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.SRP})), {"password-guessing"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.PASSWORD})), {"password-guessing"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.CHOICE})), {"password-guessing", "one-time-codes"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.CUSTOM})), {"custom-challenges"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.REFRESH})), set()),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.ADMINISTRATOR})), set()),
        (CLOSED_POOL, replace(QUIET, hides_users=False), {"user-names"}),
        (OPEN_POOL, replace(SECRET, flows=frozenset(Flow), hides_users=False), set()),
        (PAGES, replace(SECRET, **HOSTED), {"hosted-sign-in"}),
        (PAGES, replace(SECRET, **FEDERATED), set()),
        (OPEN_POOL, replace(SECRET, **HOSTED), set()),
        (PAGES, replace(SECRET, **HOSTED | {"oauth_grants": frozenset({"client_credentials"})}), set()),
    ],
)
def test_the_doors_of(pool: Pool, client: Client, doors: set[str]) -> None:
    assert names(pool, client, Kind.DOOR) == doors


@pytest.mark.parametrize(
    ("pool", "client", "notes"),
    [
        (CLOSED_POOL, SECRET, set()),
        (CLOSED_POOL, replace(SECRET, of_the_proxy=False), {"secret-elsewhere"}),
        (CLOSED_POOL, replace(SECRET, hides_users=False), {"user-names-through-the-proxy"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.REFRESH})), {"refresh"}),
        (CLOSED_POOL, replace(QUIET, rotates_refresh_tokens=True), {"refresh"}),
        (CLOSED_POOL, replace(SECRET, flows=frozenset({Flow.REFRESH}), revocable=False), {"irrevocable"}),
        (CLOSED_POOL, replace(QUIET, flows=frozenset({Flow.ADMINISTRATOR})), {"administrator-flow"}),
        (CLOSED_POOL, replace(SECRET, flows=frozenset({Flow.ADMINISTRATOR})), set()),
        (PAGES, replace(SECRET, **FEDERATED), {"federated-pages"}),
        (PAGES, replace(SECRET, **HOSTED | {"oauth_grants": frozenset({"implicit"})}), {"implicit-grant"}),
        (PAGES, replace(SECRET, **HOSTED), set()),
        (OPEN_POOL, replace(SECRET, oauth_grants=frozenset({"client_credentials"})), {"machine"}),
    ],
)
def test_the_notes_of(pool: Pool, client: Client, notes: set[str]) -> None:
    assert names(pool, client, Kind.NOTE) == notes


@pytest.mark.proves("door-of-hosted-pages")
@given(pools, clients)
@settings(max_examples=300)
def test_with_a_secret_only_the_hosted_pages_are_a_door(pool: Pool, client: Client) -> None:
    assert names(pool, replace(client, has_secret=True), Kind.DOOR) <= {"hosted-sign-in"}


@given(pools, clients)
@settings(max_examples=300)
def test_a_secret_opens_no_door(pool: Pool, client: Client) -> None:
    with_one, without = replace(client, has_secret=True), replace(client, has_secret=False)
    assert names(pool, with_one, Kind.DOOR) <= names(pool, without, Kind.DOOR)


@given(pools, clients, st.sampled_from(Flow))
@settings(max_examples=300)
def test_a_flow_less_opens_no_door(pool: Pool, client: Client, flow: Flow) -> None:
    assert names(pool, replace(client, flows=client.flows - {flow}), Kind.DOOR) <= names(pool, client, Kind.DOOR)


@pytest.mark.proves("door-without-flow")
@given(pools, clients)
@settings(max_examples=300)
@example(CLOSED_POOL, QUIET)
def test_a_public_app_client_is_closed_only_where_it_can_do_nothing(pool: Pool, client: Client) -> None:
    public = replace(client, has_secret=False)
    harmless = (
        not pool.self_sign_up
        and not pool.self_recovery
        and public.flows <= {Flow.REFRESH, Flow.ADMINISTRATOR}
        and public.hides_users
        and not (pool.domains and public.oauth_grants & {"code", "implicit"} and "COGNITO" in public.identity_providers)
    )
    assert (judge(pool, [public]).clients[0].state is State.CLOSED) is harmless


@given(pools, clients)
@settings(max_examples=100)
def test_being_the_proxys_closes_no_door(pool: Pool, client: Client) -> None:
    ours, other = replace(client, of_the_proxy=True), replace(client, of_the_proxy=False)
    assert names(pool, ours, Kind.DOOR) == names(pool, other, Kind.DOOR)


@pytest.mark.proves("audit-lists-doors")
def test_every_rule_has_a_name_of_its_own_and_says_what_to_do() -> None:
    rules = [*RULES, *POOL_RULES]
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.what.endswith((".", "proxy."))
        assert rule.to_do
        assert rule.source
        assert not rule.to_do.endswith(".")


@pytest.mark.parametrize(
    ("web_acl", "name"),
    [(WebAcl(), "no-web-acl"), (WebAcl(arn="arn:acl"), "web-acl"), (WebAcl(known=False), "web-acl-unknown")],
)
def test_a_pool_is_told_of_its_web_acl(web_acl: WebAcl, name: str) -> None:
    assert [rule.name for rule in pool_findings(replace(OPEN_POOL, web_acl=web_acl))] == [name]


@pytest.mark.proves("audit-ignores-web-acl")
def test_a_web_acl_closes_no_door_by_itself() -> None:
    guarded = replace(OPEN_POOL, web_acl=WebAcl(arn="arn:acl"))
    assert names(guarded, QUIET, Kind.DOOR) == {"sign-up", "recovery"}


def test_open_ones_come_first_then_accepted_ones() -> None:
    found = judge(
        OPEN_POOL,
        [replace(SECRET, client_id="c", name="a"), replace(QUIET, client_id="b"), replace(QUIET, client_id="a")],
        accepted=frozenset({"a"}),
    )
    assert [(each.client.client_id, each.state) for each in found.clients] == [
        ("b", State.OPEN),
        ("a", State.ACCEPTED),
        ("c", State.CLOSED),
    ]
    assert [each.client.client_id for each in found.open] == ["b"]


def test_accepting_a_closed_one_leaves_it_closed() -> None:
    (only,) = judge(OPEN_POOL, [SECRET], accepted=frozenset({SECRET.client_id})).clients
    assert only.state is State.CLOSED
