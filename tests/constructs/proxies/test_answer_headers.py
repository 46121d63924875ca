"""Cache, sniffing and transport: every answer says the same, whoever gives it, and says it once."""

from aws_cdk.assertions import Template

import proxy.edge
from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from proxy.decide import decide, refuse
from proxy.errors import Internal
from proxy.regional import ANSWER_HEADERS as OF_THE_FUNCTION
from tests.constructs.proxies.test_edge_proxy import response_headers
from tests.proxy.sample_requests import ORIGIN, SETTINGS, request

LOWER = {name.lower(): value for name, value in ANSWER_HEADERS.items()}


def test_the_function_has_the_values_of_the_library() -> None:
    assert LOWER == OF_THE_FUNCTION


def test_the_edge_says_the_same_and_overrides_what_stands_there(least_edge: Template, full_edge: Template) -> None:
    for template in (least_edge, full_edge):
        policy = response_headers(template)
        items = policy["CustomHeadersConfig"]["Items"]
        security = policy["SecurityHeadersConfig"]
        transport = security["StrictTransportSecurity"]
        said = {item["Header"].lower(): item["Value"] for item in items if item["Override"]}
        if security["ContentTypeOptions"] == {"Override": True}:  # nosniff is the only value that there is
            said["x-content-type-options"] = "nosniff"
        if transport["Override"] and not transport["IncludeSubdomains"]:
            said["strict-transport-security"] = f"max-age={transport['AccessControlMaxAgeSec']}"
        assert said.items() >= LOWER.items()


def test_the_function_at_the_edge_leaves_them_to_cloudfront() -> None:
    headers = {"origin": [ORIGIN], "access-control-request-headers": ["content-type"]}
    call = request(None, None, method="OPTIONS", headers=headers)
    for answer in (refuse(Internal("x"), call, SETTINGS), decide(call, SETTINGS, {})):
        generated = proxy.edge.response_of(answer)["headers"]
        assert generated
        assert not set(generated) & set(LOWER)
