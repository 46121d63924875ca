"""The function's log, in whichever Region it is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from tests.smoke.fakes import FakeAws, check, error, refusal, stack, world

STACK = stack(
    {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "proxy.edge.handler"}}}},
    {"Function": "edge"},
)
GROUP = "/aws/lambda/us-east-1.edge"
REQUEST_ID = "id-that-cloudfront-made=="


class Regions:
    """CloudWatch Logs by Region: the lines of the group, or an error."""

    def __init__(self, lines, others=()):
        self._lines = lines
        self._others = others
        self.asked = []

    def __call__(self, service, *, region=None):
        self.asked.append(region)
        if region not in self._lines:
            return FakeAws(answers={"describe_log_groups": self._others or {"logGroups": []}})(service)
        return FakeAws(
            answers={
                "describe_log_groups": {"logGroups": [{"logGroupName": GROUP}]},
                "filter_log_events": {"events": [{"message": line} for line in self._lines[region]]},
            }
        )(service)


def a_world(lines, others=()):
    made = world(
        stack=STACK, variant="edge", answer=lambda *_: error(400, "NotAuthorizedException", x_amz_cf_id=REQUEST_ID)
    )
    made.clients = Regions(lines, others)
    return made


def test_finds_this_runs_line_in_whichever_region():
    lines = {"eu-central-1": ['{"operation": "GetUser"}'], "ap-south-1": [f'{{"request_id": "{REQUEST_ID}"}}']}
    assert check("log-line").run(a_world(lines)) == f"{REQUEST_ID} in {GROUP} (ap-south-1)"
    assert check("log-group").run(a_world(lines)) == f"{GROUP} in ap-south-1, eu-central-1"


def test_a_log_without_the_line_fails():
    with pytest.raises(Failed, match=r"no line with id-that-cloudfront-made== .* within 120 seconds in any Region"):
        check("log-line").run(a_world({"eu-west-1": ["another"]}))


def test_a_group_that_is_nowhere_fails():
    with pytest.raises(Failed, match=f"no log group {GROUP} in any Region"):
        check("log-group").run(a_world({}))


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidClientTokenId"])
def test_a_region_that_is_not_enabled_has_none(code):
    with pytest.raises(Failed, match="no log group"):
        check("log-group").run(a_world({}, refusal("DescribeLogGroups", code)))


def test_where_one_may_not_look_nothing_is_proved_missing():
    denied = refusal("DescribeLogGroups", "AccessDeniedException")
    with pytest.raises(NotCheckable, match=r"may not look at the logs in .*eu-west-1"):
        check("log-group").run(a_world({}, denied))
    assert "in eu-west-1" in check("log-group").run(a_world({"eu-west-1": []}, denied))


def test_without_an_id_in_the_answer_nothing_can_be_looked_for():
    made = a_world({"eu-west-1": []})
    made.http = SimpleNamespace(call=lambda *_, **__: error(400, "NotAuthorizedException"))
    with pytest.raises(NotCheckable, match="no x-amz-cf-id"):
        check("log-line").run(made)
