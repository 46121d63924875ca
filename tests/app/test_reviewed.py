"""What security reviewers ask for: one key, a log of who reads the logs, tags, and a permissions boundary."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import App, Tags
from aws_cdk import aws_iam as iam

import app as deployment_plan
from tests.app.flag_sets import FLAG_SETS
from tests.constructs.synthesized import joined
from tests.syntheses import Syntheses

Templates = dict[str, dict[str, Any]]

KEYED = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
}
"""Where a type of resource names its key. A type that is new here and keeps something belongs in this table."""

BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
REVIEWED = [name for name, flags in FLAG_SETS.items() if "customer_key" in flags]
UNTAGGED = {
    # No tags in CloudFormation, or none that CDK passes on: they have no `Tags` property.
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::Route53::RecordSet",
    "AWS::Athena::NamedQuery",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::UserPoolClient",
    # Ours: a switch, and nothing that there is.
    "Custom::CognitoProxyReplicaStatus",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::IAM::Policy",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::QueryDefinition",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
    "Custom::CognitoProxyClientSecret",
    "Custom::CognitoProxyPrefixList",
}


@pytest.fixture(scope="module", params=REVIEWED)
def reviewed(request: pytest.FixtureRequest, syntheses: Syntheses) -> Templates:
    return syntheses.templates(FLAG_SETS[request.param])


@pytest.fixture(scope="module")
def edge(syntheses: Syntheses) -> Templates:
    return syntheses.templates(FLAG_SETS["edge reviewed"])


def resources(found: Templates, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in found.values():
        for name, resource in template["Resources"].items():
            if not kinds or resource["Type"] in kinds:
                yield name, resource.get("Properties", {})


@pytest.mark.proves("one-key")
def test_everything_that_is_kept_is_encrypted_with_the_key(reviewed: Templates) -> None:
    seen = set()
    for kind, path in KEYED.items():
        for name, properties in resources(reviewed, kind):
            if kind == "AWS::Lambda::Function" and "Environment" not in properties:
                continue
            value: Any = properties
            for step in path:
                value = value.get(step, {})
            assert "CustomerKey" in json.dumps(value), name
            seen.add(kind)
    assert {"AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::SNS::Topic"} <= seen


def test_replicas_are_encrypted_with_a_key_of_their_region(edge: Templates) -> None:
    assert list(edge) == ["CognitoProxyEdgeKey", "CognitoProxyEdgePool", "CognitoProxyEdge"]
    found = dict(resources(edge, "AWS::SecretsManager::Secret"))
    # The provider's key of the human check is read where the function's own stack is.
    for properties in (each for name, each in found.items() if not name.startswith("HumanCheck")):
        (replica,) = properties["ReplicaRegions"]
        assert replica["Region"] == "us-east-1"
        assert replica["KmsKeyId"]["Fn::GetStackOutput"]["StackName"] == "CognitoProxyEdgeKey"


def test_the_edge_may_decrypt_replica_and_primary_through_secrets_manager_alone(edge: Templates) -> None:
    ((_, policy),) = [
        (name, found)
        for name, found in resources({"edge": edge["CognitoProxyEdge"]}, "AWS::IAM::Policy")
        if name.startswith("ProxyRole")
    ]
    conditions = [
        statement["Condition"]["StringEquals"]["kms:ViaService"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "kms:Decrypt"
    ]
    assert set(conditions) == {"secretsmanager.us-east-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com"}


def test_who_writes_a_secret_may_use_the_replicas_key_through_secrets_manager(edge: Templates) -> None:
    pool = {"pool": edge["CognitoProxyEdgePool"]}
    writers = [
        found["PolicyDocument"]["Statement"]
        for name, found in resources(pool, "AWS::IAM::Policy")
        if re.match(r"AppClient(Ios)?(SeedingPolicy|RotationPolicy)", name)
    ]
    assert len(writers) == 4
    for statements in writers:
        (of_replica,) = [each for each in statements if "us-east-1" in json.dumps(each.get("Condition", {}))]
        assert of_replica["Action"] == ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]


def test_the_key_admits_each_service_for_what_it_encrypts(reviewed: Templates) -> None:
    admitted: dict[str, list[dict[str, Any]]] = {}
    for _, key in resources(reviewed, "AWS::KMS::Key"):
        assert key["EnableKeyRotation"] is True
        for statement in key["KeyPolicy"]["Statement"]:
            service = statement["Principal"].get("Service")
            if service is None:
                # The account, whose IAM policies decide, and Secrets Manager for who may use the secret.
                assert joined(statement["Principal"]["AWS"]).endswith(":root")
            else:
                admitted.setdefault(joined(service), []).append(statement)
    for service, statements in admitted.items():
        for statement in statements:
            if service.startswith("logs."):
                assert ":log-group:*" in json.dumps(statement["Condition"]["ArnLike"])
            elif service == "cloudwatch.amazonaws.com":
                assert statement["Condition"]["StringEquals"]["aws:SourceAccount"]
            elif service == "events.amazonaws.com":
                assert "event-bus" in json.dumps(statement["Condition"]), statement
            else:
                assert service == "delivery.logs.amazonaws.com"
                assert statement["Action"] == "kms:GenerateDataKey*"
    assert "cloudwatch.amazonaws.com" in admitted


@pytest.mark.proves("key-outlives-stack")
def test_keys_stay_with_what_they_encrypted(reviewed: Templates) -> None:
    keys = [
        each for found in reviewed.values() for each in found["Resources"].values() if each["Type"] == "AWS::KMS::Key"
    ]
    assert keys
    for key in keys:
        assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_there_is_one_key_a_region_and_none_for_the_topic_alone(reviewed: Templates, edge: Templates) -> None:
    for found in (reviewed, edge):
        names = [name for name, _ in resources(found, "AWS::KMS::Key")]
        # Of two Regions each has one.
        assert len(names) == (2 if {"CognitoProxyEdgeKey", "CognitoProxyRegionalSecond"} & found.keys() else 1)
        assert all(name.startswith("CustomerKey") for name in names)


@pytest.mark.proves("who-reads-logs")
def test_buckets_log_their_readers_to_one_that_does_not_log_itself(edge: Templates) -> None:
    found = dict(resources(edge, "AWS::S3::Bucket"))
    (target,) = [name for name in found if name.startswith("BucketAccessLog")]
    assert "LoggingConfiguration" not in found[target]
    assert found[target]["BucketEncryption"] == {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    }
    prefixes = {}
    for name, properties in found.items():
        if name != target:
            logging = properties["LoggingConfiguration"]
            assert logging["DestinationBucketName"] == {"Ref": target}
            prefixes[name] = logging["LogFilePrefix"]
    assert len(set(prefixes.values())) == len(prefixes) == 2
    ((_, policy),) = [each for each in resources(edge, "AWS::S3::BucketPolicy") if each[1]["Bucket"] == {"Ref": target}]
    delivered = {
        each["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::GetAtt"][0]: joined(each["Resource"])
        for each in policy["PolicyDocument"]["Statement"]
        if each["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    }
    assert delivered == {name: f"<{target}.Arn>/{prefix}*" for name, prefix in prefixes.items()}


@pytest.mark.proves("traces-named")
def test_a_trace_begins_at_the_stage_and_the_log_names_it(reviewed: Templates) -> None:
    for _, stage in resources(reviewed, "AWS::ApiGateway::Stage"):
        assert stage["TracingEnabled"] is True
        assert json.loads(stage["AccessLogSetting"]["Format"])["xrayTraceId"] == "$context.xrayTraceId"
    for _, function in resources(reviewed, "AWS::Lambda::Function"):
        if function["Handler"] == "proxy.regional.handler":
            assert function["TracingConfig"] == {"Mode": "Active"}
            assert function["ReservedConcurrentExecutions"] == 50


@pytest.mark.parametrize("name", ["pool", "edge pool elsewhere"])
def test_without_the_flags_there_is_none_of_it(name: str, syntheses: Syntheses) -> None:
    found = syntheses.templates(FLAG_SETS[name])
    text = json.dumps(found)
    assert "CustomerKey" not in text
    assert "TracingConfig" not in text
    assert "xrayTraceId" not in text
    assert "LoggingConfiguration" not in [key for _, each in resources(found, "AWS::S3::Bucket") for key in each]


@pytest.mark.proves("network-fixed-addresses")
def test_the_addresses_are_told(syntheses: Syntheses) -> None:
    found = syntheses.templates(FLAG_SETS["reviewed nat"])["CognitoProxyRegional"]
    assert re.fullmatch(r"<\w+\.PublicIp>,<\w+\.PublicIp>", joined(found["Outputs"]["EgressAddresses"]["Value"]))


@pytest.fixture(scope="module", params=REVIEWED)
def marked(request: pytest.FixtureRequest) -> Templates:
    """As an account marks what is made in it: tags, and a permissions boundary, from outside of the stacks."""
    app = App(context=dict(FLAG_SETS[request.param]))
    deployment_plan.plan(app)
    policy = iam.ManagedPolicy.from_managed_policy_arn(app.node.children[0], "Boundary", BOUNDARY)
    iam.PermissionsBoundary.of(app).apply(policy)
    Tags.of(app).add("team", "identity")
    return {stack.stack_name: json.loads(json.dumps(stack.template)) for stack in app.synth().stacks}


@pytest.mark.proves("boundary-and-tags")
def test_a_permissions_boundary_is_on_every_role(marked: Templates) -> None:
    roles = list(resources(marked, "AWS::IAM::Role"))
    assert len(roles) >= 4
    for role, properties in roles:
        assert properties.get("PermissionsBoundary") == BOUNDARY, role


@pytest.mark.proves("boundary-and-tags")
def test_tags_are_on_everything_that_takes_them(marked: Templates) -> None:
    for template in marked.values():
        for logical_id, resource in template["Resources"].items():
            tagged = '"identity"' in json.dumps(resource.get("Properties", {}))
            # A change of such a list's tags would empty it: address_lists.py.
            by_hand = re.match(r"WebAcl(Allow|Deny)ListV[46]", logical_id)
            assert tagged or by_hand or resource["Type"] in UNTAGGED, logical_id
