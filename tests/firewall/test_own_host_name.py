"""What docs/flags.md says of CloudFront's own host name: a rule that turns calls by it away."""

from __future__ import annotations

import re
from dataclasses import replace
from textwrap import dedent

import pytest
from aws_cdk.assertions import Template

from cognito_proxy import ProxyWebAcl, WafScope
from local.simulators.waf import Action, load_web_acl
from tests.constructs.synthesized import EDGE_REGION, new_stack
from tests.docs.markdown import ROOT
from tests.firewall.web_acls_and_callers import call

_SNIPPET = re.compile(r"```python\n(from aws_cdk.aws_wafv2 .*?)```", re.S)


@pytest.mark.parametrize(
    ("host", "action"),
    [
        ("auth.example.com", Action.ALLOW),
        ("Auth.Example.com", Action.ALLOW),
        ("d111111abcdef8.cloudfront.net", Action.BLOCK),
        ("auth.example.com.evil.example", Action.BLOCK),
    ],
)
def test_the_rule_of_the_docs_lets_the_own_name_in_and_no_other(host: str, action: Action) -> None:
    found = _SNIPPET.search((ROOT / "docs" / "flags.md").read_text("utf-8"))
    assert found is not None
    stack = new_stack(region=EDGE_REGION)
    names = {"self": stack, "ProxyWebAcl": ProxyWebAcl, "WafScope": WafScope}
    exec(dedent(found[1]), names)  # noqa: S102 - what users are told to write
    firewall = load_web_acl(Template.from_stack(stack).to_json())
    sent = call("SignUp")
    assert firewall.decide(replace(sent, headers=(*sent.headers, ("Host", host)))).action is action
