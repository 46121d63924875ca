"""What is tried on the firewall itself, on request: a flood, and the caller's own address on the deny list."""

from ipaddress import ip_address, ip_network
from typing import Any

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.answers import get_user
from cognito_proxy.smoke.checks.firewall import promised_rules, web_acl_arn
from cognito_proxy.smoke.checks.refusals import confirmation
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.removers import DENY_LIST_ENTRY
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

MOST_REQUESTS = 2_000
"""What `--flood` takes: twice the general rate."""

_RULE = "SignUpRateLimit"
_FOREIGN = "cognitoproxysmoke00000000"
_DENIED_SECONDS = 120.0
_NOTICE_SECONDS = 90.0
"""AWS WAF looks at rates every ten seconds or so, and a list's change takes a minute or so to be everywhere."""


def _flood(world: World) -> str:
    limit = _limit(world)
    if limit is None:
        raise NotCheckable(f"the deployment's rule {_RULE} blocks nothing")
    if world.options.flood <= limit:
        raise NotCheckable(f"--flood {world.options.flood}: {_RULE} lets {limit} through in its window; give more")
    for number in range(1, world.options.flood + 1):
        if _is_limited(_sign_up(world)):
            if number == 1:
                raise NotCheckable("this machine is limited already; run this again in five minutes")
            return f"blocked from request {number} on; the rule's limit is {limit}"
    blocked = world.wait_for(lambda: _is_limited(_sign_up(world)) or None, seconds=_NOTICE_SECONDS, every=3.0)
    if blocked:
        return f"blocked some time after {world.options.flood} requests; the rule's limit is {limit}"
    raise Failed(f"{world.options.flood} requests of one address got through; the rule's limit is {limit}")


def _sign_up(world: World) -> Answer:
    """Counts as signing up, and ends in the function: the client id is nobody's, so Cognito never hears of it."""
    return world.http.call(world.target.endpoint, "ConfirmSignUp", confirmation(world, _FOREIGN))


def _is_limited(answer: Answer) -> bool:
    return (answer.status, answer.error) == (429, "TooManyRequestsException")


def _limit(world: World) -> int | None:
    """The limit as synthesized; None: the rule is missing, or only counts."""
    for _, properties in world.stack.resources("AWS::WAFv2::WebACL"):
        for rule in properties["Rules"]:
            if rule["Name"] == _RULE and "Block" in rule.get("Action", {}):
                return int(rule["Statement"]["RateBasedStatement"]["Limit"])
    return None


def _deny_me(world: World) -> str:
    if world.lists is None or world.leftovers is None:
        raise NotCheckable("needs --stack, and AWS credentials")
    promised_rules(world)
    address, lists = world.my_address(), world.lists()
    if lists.is_denied(address):
        raise NotCheckable(f"{address} is on the deny list already")
    if (allowed := _allowing(lists, address)) is not None:
        raise NotCheckable(f"{address} is let in by {allowed} on the allow list, which comes first")
    facts = {"web_acl_arn": web_acl_arn(world).text, "address": address, "told": f"{address} on the deny list"}
    record = world.leftovers.will_make(DENY_LIST_ENTRY, facts | world.local_facts)
    try:
        now = int(world.clock())
        lists.deny(address, expires_at=now + 600, now=now, note=f"cognito-proxy smoke --deny-me, run {world.run_id}")
        blocked = world.wait_for(lambda: _blocked(world), seconds=_DENIED_SECONDS)
        preflight = _preflight_while_denied(world) if blocked is not None else ""
    finally:
        lists.take_off(address, now=int(world.clock()))
        record.is_gone()
    if blocked is None:
        raise Failed(f"{address} was on the deny list for {_DENIED_SECONDS:.0f} seconds and still got through")
    again = world.wait_for(lambda: None if _blocked(world) else True, seconds=_DENIED_SECONDS)
    if again is None:
        raise Failed(f"{address} is off the deny list for {_DENIED_SECONDS:.0f} seconds and still blocked")
    return f"{address} was blocked{preflight}, and let in again after it was taken off: {blocked}"


def _blocked(world: World) -> str | None:
    answer = get_user(world)
    return answer.told if (answer.status, answer.error) == (403, "ForbiddenException") else None


def _preflight_while_denied(world: World) -> str:
    """A page must get to read the block: its preflight is answered all the same, by exactly one origin."""
    origin = world.target.page_origin
    if origin is None:
        return ""
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = world.http.send(world.target.endpoint, method="OPTIONS", headers=headers)
    granted = answer.headers.get("access-control-allow-origin", ())
    if answer.status not in (200, 204) or len(granted) != 1:
        raise Failed(f"preflight while denied: {answer.status}, access-control-allow-origin {len(granted)} times")
    return f" (its preflight was answered with {answer.status})"


def _allowing(lists: Any, address: str) -> str | None:
    for held in lists.held:
        if held.name == "allow":
            by_hand = [entry for hand_list in held.by_hand.values() for entry in hand_list.addresses.read().addresses]
            for cidr in (*by_hand, *held.from_settings):
                network = ip_network(cidr)
                if network.version == ip_address(address).version and ip_address(address) in network:
                    return str(cidr)
    return None


CHECKS = (
    Check(
        name="deny-me",
        promise="An address on the deny list is blocked, and let in again when it is taken off.",
        run=_deny_me,
        needs=frozenset({Need.AWS, Need.DENY_ME}),
        after=("function", "web-acl-attached", "web-acl-rules", "web-acl-lists"),
        advice="Look at the rule DenyList of the web ACL: it must block, and stand before the rates.",
        proves=("deny-list",),
    ),
    Check(
        name="flood-stopped",
        promise="More sign-ups from one address than the rate allows are blocked.",
        run=_flood,
        needs=frozenset({Need.AWS, Need.FLOOD}),
        after=("function", "web-acl-attached", "web-acl-rules"),
        advice="Look at the rule SignUpRateLimit in the web ACL's metrics; AWS WAF notices a flood with some delay.",
        proves=("threat-mass-sign-up",),
    ),
)
