"""The id of DynamoDB's prefix list, which a security group's rule needs and no resource tells."""

from typing import cast

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.assets import prefix_list_code
from cognito_proxy.common.python_function import python_function


def dynamodb_prefix_list_id(
    scope: Construct, *, log_retention: logs.RetentionDays, encryption_key: kms.IKey | None = None
) -> str:
    """Make `PrefixList` in `scope`: a small function looks the list up when the stack is made.

    AWS's prefix list has another id in each Region. AWS::EC2::VPCEndpoint does not return it
    (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/453), and `ec2.PrefixList.from_lookup`
    asks AWS at synth, which then needs credentials.
    """
    place = Construct(scope, "PrefixList")
    function = python_function(
        place,
        code=prefix_list_code(),
        handler="prefix_list.handler.handler",
        description="Looks up DynamoDB's prefix list for a security group",
        # Half a minute for a new permission, and three tries to answer.
        timeout=Duration.minutes(2),
        memory_size=256,
        log_retention=log_retention,
        encryption_key=encryption_key,
    )
    policy = iam.Policy(
        place,
        "Policy",
        statements=[
            # "DescribeManagedPrefixLists" takes no resource:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
            iam.PolicyStatement(actions=["ec2:DescribeManagedPrefixLists"], resources=["*"])
        ],
    )
    policy.attach_to_role(cast("iam.IRole", function.role))
    acknowledge(policy, {"IAM5[Resource::*]": "The action lists what is in the Region and takes no resource."})
    found = CustomResource(
        place,
        "Resource",
        resource_type="Custom::CognitoProxyPrefixList",
        service_token=function.function_arn,
        service_timeout=Duration.minutes(3),
        properties={"Name": f"com.amazonaws.{Stack.of(scope).region}.dynamodb"},
    )
    found.node.add_dependency(policy)
    return found.get_att_string("Id")
