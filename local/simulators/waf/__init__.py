"""AWS WAF on one machine: reads a synthesized web ACL and says what a request would get.

Pure Python, for tests and for the local run, where it stands in front of both variants. What it takes for granted:

- rates are exact: every request is counted at once, over a window that slides with the clock. AWS counts with a delay
  (tens of seconds), so that a flood gets some way beyond the limit before it is stopped and is let in again later;
- managed rule groups are AWS's secret: they are listed, not evaluated, and stop nothing;
- a statement, field, transformation or action that is not modelled is an error, never a silent pass.

AWS WAF Developer Guide: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html
"""

from local.simulators.waf.actions import Action
from local.simulators.waf.attached import Attached, attached_web_acl
from local.simulators.waf.capacity import rule_capacity, web_acl_capacity
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.template import load_web_acl
from local.simulators.waf.web_acl import Verdict, WebAcl, firewall_hook

__all__ = [
    "Action",
    "Attached",
    "FirewallError",
    "Verdict",
    "WebAcl",
    "attached_web_acl",
    "firewall_hook",
    "load_web_acl",
    "rule_capacity",
    "web_acl_capacity",
]
