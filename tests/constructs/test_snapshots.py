"""The whole template of each public construct, so that no change goes unseen.

After a change that is meant: `pytest tests/constructs/test_snapshots.py --snapshot-update`.
"""

import pytest
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.constructs.synthesized import masked


@pytest.mark.parametrize(
    "construct",
    [
        "full_app_client",
        "existing_app_client",
        "full_proxy",
        "full_edge",
        "full_rotation",
        "full_ip_list_expiry",
        "full_pool_shield",
        "full_authorized_api",
        "full_jwt_api",
        "alarms",
        "full_monitoring",
        "full_edge_monitoring",
        "full_cognito_alarms",
        "full_log_queries",
        "outputs",
    ],
)
def test_template_is_as_reviewed(request: pytest.FixtureRequest, snapshot: SnapshotAssertion, construct: str) -> None:
    template: Template = request.getfixturevalue(construct)
    assert masked(template) == snapshot(extension_class=JSONSnapshotExtension)
