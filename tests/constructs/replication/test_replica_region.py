"""ReplicaRegion: what stands in the template."""

from typing import Any

import pytest
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from cognito_proxy import PropertyError, ReplicaRegion
from tests.constructs.synthesized import joined, new_stack, only, statements

REPLICA, STATUS = "AWS::Cognito::UserPoolReplica", "Custom::CognitoProxyReplicaStatus"


def region_of_pool(arn: str) -> str:
    return arn.partition(":cognito-idp:")[2].partition(":")[0]


def imported(stack: Stack) -> cognito.IUserPool:
    return cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_AbCdEf123")


def test_the_least_is_a_replica_of_a_pool_that_is_there_and_no_function() -> None:
    stack = new_stack()
    replica = ReplicaRegion(stack, "Replica", user_pool=imported(stack), region="eu-central-1")
    template = Template.from_stack(stack)
    found = only(template, REPLICA)
    assert found["Properties"] == {"RegionName": "eu-central-1", "UserPoolId": "eu-west-1_AbCdEf123"}
    assert found["DeletionPolicy"] == "Delete"
    assert ":cognito-idp:eu-central-1:" in joined(stack.resolve(replica.user_pool_arn))
    template.resource_count_is("AWS::Lambda::Function", 0)


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(RemovalPolicy.DESTROY, "Delete"), (RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, "RetainExceptOnCreate")],
)
def test_an_active_one_is_deactivated_before_it_is_deleted_or_both_stay(policy: RemovalPolicy, kept: str) -> None:
    stack = new_stack()
    ReplicaRegion(
        stack, "Replica", user_pool=imported(stack), region="eu-central-1", active=True, removal_policy=policy
    )
    template = Template.from_stack(stack)
    (replica_id,) = template.find_resources(REPLICA)
    status = only(template, STATUS)
    assert replica_id in status["DependsOn"]
    assert status["Properties"]["RegionName"] == "eu-central-1"
    assert {status["DeletionPolicy"], only(template, REPLICA)["DeletionPolicy"]} == {kept}


def test_one_that_is_kept_is_switched_off_by_an_update_and_not_by_leaving_the_template() -> None:
    """CloudFormation deletes nothing that it retains, so a status that left would leave the replica ACTIVE."""
    found = []
    for active in (True, False):
        stack = new_stack()
        ReplicaRegion(
            stack,
            "Replica",
            user_pool=imported(stack),
            region="eu-central-1",
            active=active,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        (status,) = Template.from_stack(stack).find_resources(STATUS).items()
        found.append(status)
    (name, on), (same, off) = found
    assert name == same
    assert (on["Properties"].pop("Status"), off["Properties"].pop("Status")) == ("ACTIVE", "INACTIVE")
    assert on == off


def test_the_function_may_switch_this_replica_and_do_nothing_else() -> None:
    stack = new_stack()
    ReplicaRegion(stack, "Replica", user_pool=imported(stack), region="eu-central-1", active=True)
    granted = [
        each
        for each in statements(Template.from_stack(stack), "ReplicaActivationPolicy")
        if "cognito-idp" in str(each["Action"])
    ]
    (statement,) = granted
    assert statement["Action"] == ["cognito-idp:ListUserPoolReplicas", "cognito-idp:UpdateUserPoolReplica"]
    regions = [region_of_pool(joined(arn)) for arn in statement["Resource"]]
    assert regions == ["eu-west-1", "eu-central-1"]


def test_a_pool_of_the_app_gets_the_key_and_the_issuer_that_replication_needs() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key", multi_region=True)
    ReplicaRegion(stack, "Replica", user_pool=cognito.UserPool(stack, "Pool"), region="eu-central-1", key=key)
    pool = only(Template.from_stack(stack), "AWS::Cognito::UserPool")["Properties"]
    assert pool["KeyConfiguration"]["KeyType"] == "CUSTOMER_MANAGED_KEY"
    assert "Fn::GetAtt" in pool["KeyConfiguration"]["KmsKeyArn"]
    assert pool["IssuerConfiguration"] == {"Type": "UPDATED"}


def lite(stack: Stack) -> dict[str, Any]:
    return {"user_pool": cognito.UserPool(stack, "Pool", feature_plan=cognito.FeaturePlan.LITE)}


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (lambda stack: {"region": "eu-west-1"}, "region must be another one than the pool's own, eu-west-1"),
        (lambda stack: {"region": "Frankfurt"}, "region: 'Frankfurt' is not a Region's name"),
        (lambda stack: {"key": kms.Key(stack, "Key", multi_region=True)}, "key: is for a user pool of this app"),
        (lambda stack: {"user_pool": cognito.UserPool(stack, "Own")}, "key: a user pool is replicated only if"),
        (
            lambda stack: {"user_pool": cognito.UserPool(stack, "Own"), "key": kms.Key(stack, "Key")},
            "key must be a multi-Region key",
        ),
        (lite, "user_pool: on the Lite feature plan"),
    ],
)
def test_what_cannot_be_replicated_fails_at_construction(properties: Any, message: str) -> None:
    stack = new_stack()
    given = {"user_pool": imported(new_stack()), "region": "eu-central-1"} | properties(stack)
    with pytest.raises(PropertyError, match=message):
        ReplicaRegion(stack, "Replica", **given)
