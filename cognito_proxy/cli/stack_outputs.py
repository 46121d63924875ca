"""What a deployed stack tells its users."""

from botocore.exceptions import ClientError

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import CommandError


def stack_outputs(aws: Aws, stack: str) -> dict[str, str]:
    """The stack's outputs, by name.

    Raises:
        CommandError: the stack is not there.
    """
    where = aws.region or "the Region"
    try:
        (described,) = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        raise CommandError(
            f"stack {stack}: not in {where}; give its Region with --region (an edge proxy's is us-east-1)"
        ) from None
    return {output["OutputKey"]: str(output["OutputValue"]) for output in described.get("Outputs", ())}
