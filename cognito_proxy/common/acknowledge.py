"""Acknowledging rules of cdk-nag, which the library does not depend on.

The acknowledgments stand beside the constructs, so that they hold in every app that uses the library.
"""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(scope: IConstruct, rules: dict[str, str]) -> None:
    """Acknowledge rules for `scope` and everything in it; `rules` maps a rule's id to the reason."""
    Validations.of(scope).acknowledge(
        *(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason) for rule, reason in rules.items())
    )
