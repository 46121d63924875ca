"""What is asked of AWS, page by page, and what is done without."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cognito_proxy.audit.last_use import DAYS
from cognito_proxy.audit.reading import PoolNotFound, Reading, read
from tests.audit.cloud import NOW, POOL, SECRET, Cloud
from tests.needs import ROOT, imports_cdk

YESTERDAY = datetime(2030, 1, 30, tzinfo=UTC)
WEB_ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/pool/1"
LONG_AGO = datetime(2029, 6, 1, tzinfo=UTC)


def audit(cloud: Cloud, **options: object) -> Reading:
    return read(cloud, POOL, of_the_proxy={"ours"}, now=NOW, **options)  # type: ignore[arg-type]


@pytest.mark.proves("audit-lists-doors")
def test_every_app_client_of_a_pool_with_many_pages() -> None:
    cloud = Cloud()
    for number in range(130):
        cloud.add(f"client{number}")
    assert [client.client_id for client in audit(cloud).clients] == [f"client{number}" for number in range(130)]
    assert [name for name, _ in cloud.calls].count("ListUserPoolClients") == 3


def test_metrics_of_many_app_clients_are_asked_in_few_calls() -> None:
    cloud = Cloud()
    for number in range(130):
        cloud.add(f"client{number}")
    cloud.metrics["SignInSuccesses", "client129", "Sum"] = {YESTERDAY: 3}
    assert audit(cloud).clients[129].last_use.successes == {"sign-ins": 3}
    # 62 app clients at once, on two pages each.
    assert [name for name, _ in cloud.calls].count("GetMetricData") == 6


def test_a_pool_without_app_clients() -> None:
    found = audit(Cloud())
    assert (found.clients, found.refused) == ((), {})


@pytest.mark.proves("audit-keeps-no-secret")
def test_a_secret_becomes_a_yes_and_stays_nowhere() -> None:
    cloud = Cloud()
    cloud.add("ours", ClientSecret=SECRET)
    cloud.add("old")
    found = audit(cloud)
    assert [(client.has_secret, client.of_the_proxy) for client in found.clients] == [(True, True), (False, False)]
    assert SECRET not in repr(found)


def test_a_secret_that_only_the_list_of_secrets_tells_of() -> None:
    cloud = Cloud(secrets={"ours": ["one"]})
    cloud.add("ours")
    assert audit(cloud).clients[0].has_secret


def test_without_the_list_of_secrets_it_counts_as_public_and_says_so() -> None:
    cloud = Cloud(refuse={"ListUserPoolClientSecrets": "AccessDeniedException"})
    cloud.add("ours")
    found = audit(cloud)
    assert not found.clients[0].has_secret
    assert list(found.refused) == ["ListUserPoolClientSecrets"]


def test_an_sdk_that_is_too_old_to_list_secrets_is_told() -> None:
    cloud = Cloud()
    cloud.add("ours")

    class TooOld:
        def __init__(self) -> None:
            self._client = cloud("cognito-idp")

        def __getattr__(self, name: str) -> object:
            if name == "list_user_pool_client_secrets":
                raise AttributeError(name)
            return getattr(self._client, name)

    found = read(
        lambda service: TooOld() if service == "cognito-idp" else cloud(service), POOL, of_the_proxy=(), now=NOW
    )
    assert "too old" in str(found.refused["ListUserPoolClientSecrets"])
    assert not found.clients[0].has_secret


def test_one_that_is_deleted_meanwhile_is_left_out() -> None:
    cloud = Cloud(gone={"old"})
    cloud.add("old")
    cloud.add("ours")
    assert [client.client_id for client in audit(cloud).clients] == ["ours"]


def test_a_web_acl_on_the_pool() -> None:
    assert audit(Cloud(web_acl=WEB_ACL)).pool.web_acl.arn == WEB_ACL
    assert audit(Cloud()).pool.web_acl.arn is None


@pytest.mark.proves("audit-goes-on")
@pytest.mark.parametrize("operation", ["GetWebACLForResource", "GetMetricData"])
def test_goes_on_without_what_may_not_be_asked(operation: str) -> None:
    cloud = Cloud(refuse={operation: "AccessDeniedException"})
    cloud.add("old")
    found = audit(cloud)
    assert list(found.refused) == [operation]
    assert found.pool.web_acl.known is (operation != "GetWebACLForResource")
    assert found.clients[0].last_use.known is (operation != "GetMetricData")


@pytest.mark.parametrize("operation", ["DescribeUserPool", "ListUserPoolClients", "DescribeUserPoolClient"])
def test_without_cognitos_own_answers_there_is_no_audit(operation: str) -> None:
    cloud = Cloud(refuse={operation: "AccessDeniedException"})
    cloud.add("old")
    with pytest.raises(ClientError, match=operation):
        audit(cloud)


def test_a_pool_that_is_not_there() -> None:
    with pytest.raises(PoolNotFound):
        read(Cloud(), "eu-west-1_Other", of_the_proxy=(), now=NOW)


def test_last_use_is_the_last_day_with_a_success() -> None:
    cloud = Cloud()
    cloud.add("old")
    cloud.metrics["SignInSuccesses", "old", "Sum"] = {datetime(2030, 1, 3, tzinfo=UTC): 2, YESTERDAY: 0}
    cloud.metrics["SignInSuccesses", "old", "SampleCount"] = {datetime(2030, 1, 3, tzinfo=UTC): 5, YESTERDAY: 4}
    cloud.metrics["TokenRefreshSuccesses", "old", "Sum"] = {datetime(2030, 1, 5, tzinfo=UTC): 7}
    cloud.metrics["TokenRefreshSuccesses", "old", "SampleCount"] = {datetime(2030, 1, 5, tzinfo=UTC): 7}
    use = audit(cloud).clients[0].last_use
    assert (use.day, use.successes, use.refused) == ("2030-01-05", {"sign-ins": 2, "refreshes": 7}, 7)


def test_use_before_the_time_that_is_looked_at_is_not_seen() -> None:
    cloud = Cloud()
    cloud.add("old")
    cloud.metrics["SignInSuccesses", "old", "Sum"] = {LONG_AGO: 2}
    use = audit(cloud).clients[0].last_use
    assert (use.known, use.day, use.days) == (True, None, DAYS)
    assert audit(cloud, days=300).clients[0].last_use.day == "2029-06-01"


@pytest.mark.parametrize("file", sorted((ROOT / "cognito_proxy" / "audit").glob("*.py")), ids=lambda file: file.name)
def test_the_room_knows_neither_cdk_nor_command_line(file: object) -> None:
    assert not imports_cdk(file)  # type: ignore[arg-type]
    assert "cognito_proxy.cli" not in file.read_text()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("service", "operation"), [("wafv2", "GetWebACLForResource"), ("cloudwatch", "GetMetricData")])
def test_goes_on_without_a_service_that_is_not_reached(service: str, operation: str) -> None:
    cloud = Cloud()
    cloud.add("old")

    def clients(name: str) -> object:
        made = cloud(name)
        if name == service:
            made.meta.events.register_first("before-call", _not_reached)
        return made

    found = read(clients, POOL, of_the_proxy=(), now=NOW)
    assert list(found.refused) == [operation]
    assert [client.client_id for client in found.clients] == ["old"]


def _not_reached(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://nowhere.invalid")
