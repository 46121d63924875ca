"""How a stack names a key of another stack, perhaps in another Region."""

from aws_cdk import ReferenceStrength, Stack
from aws_cdk import aws_kms as kms
from constructs import IConstruct


def key_arn_for(scope: IConstruct, key: kms.IKey) -> str:
    """The ARN of `key` for the stack of `scope`; a stack in another Region does not hold it fast."""
    resource = key.node.default_child
    if Stack.of(scope).region == Stack.of(key).region or not isinstance(resource, kms.CfnKey):
        return key.key_arn
    return Stack.consume_reference(resource.attr_arn, ReferenceStrength.WEAK)
