"""The sets of flags that templates are made for: what lint, nag, rehearsal and monitoring's tests see."""

import pytest

from tests.app.flag_sets import FLAG_SETS
from tests.syntheses import Syntheses

OTHER_THAN_DEFAULT = {
    "log_level": ("problems", "none"),
    "log_plain": ("true",),
    "monitoring": ("false",),
    "alarm_email": ("ops@example.com",),
    "trail_bucket": ("trail-of-the-account",),
}


@pytest.mark.parametrize("variant", ["regional", "edge"])
@pytest.mark.parametrize("flag", OTHER_THAN_DEFAULT)
def test_what_is_logged_and_watched_is_in_a_set_of_each_variant(flag: str, variant: str) -> None:
    given = {flags.get(flag) for flags in FLAG_SETS.values() if flags.get("variant", "regional") == variant}
    assert given & set(OTHER_THAN_DEFAULT[flag])


KEPT = {
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolReplica",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::WAFv2::IPSet",
    "Custom::CognitoProxyReplicaStatus",
}
STAYS_AFTER_A_FAILURE = {
    "AWS::ApiGateway::Account",
    "AWS::IAM::Role",
    "AWS::Lambda::Version",
    "AWS::S3::Bucket",
}


@pytest.mark.proves("failed-first-deployment")
def test_what_a_first_deployment_that_fails_leaves_behind_is_what_the_decision_says(syntheses: Syntheses) -> None:
    """`Retain` keeps what was created in a deployment that fails, `RetainExceptOnCreate` does not:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    policies: dict[str, set[str]] = {}
    for flags in FLAG_SETS.values():
        for template in syntheses.templates(flags).values():
            for resource in template["Resources"].values():
                policies.setdefault(resource["Type"], set()).add(resource.get("DeletionPolicy", "Delete"))
    assert {kind for kind, found in policies.items() if "Retain" in found} == STAYS_AFTER_A_FAILURE
    assert {kind for kind, found in policies.items() if "RetainExceptOnCreate" in found} == KEPT
