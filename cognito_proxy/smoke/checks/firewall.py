"""The web ACL in front of the proxy, and the one on the user pool."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.list_edits.ip_set import WafArn
from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.settings import distribution_config
from cognito_proxy.smoke.rule_differences import rule_differences
from cognito_proxy.smoke.target import EDGE
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_WEB_ACL = "AWS::WAFv2::WebACL"
_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
_BODY_BYTES = 65_537
"""More than any web ACL of this library lets through."""

_NOT_ATTACHED_LOCALLY = "the emulator attaches no web ACL; firewall-stops shows whether it stands in front"


def web_acl_arn(world: World) -> WafArn:
    """The web ACL that the outputs name.

    Raises:
        NotCheckable: there is none.
    """
    arn = world.stack.outputs.get("WebAclArn")
    if arn is None:
        raise NotCheckable("this deployment has no web ACL of its own (no output WebAclArn)")
    return WafArn.parse(arn)


def _attached(world: World) -> str:
    promised = web_acl_arn(world)
    found = _attached_to_distribution(world) if world.target.variant == EDGE else _attached_to_stage(world)
    if not found and world.target.is_local and world.target.variant != EDGE:
        raise NotCheckable(_NOT_ATTACHED_LOCALLY)
    if found != promised.text:
        raise Failed(f"in front stands {found or 'none'}")
    return promised.name


def _attached_to_distribution(world: World) -> str:
    return str(distribution_config(world).get("WebACLId") or "")


def _attached_to_stage(world: World) -> str:
    (api, _), *_ = world.stack.resources("AWS::ApiGateway::RestApi")
    (stage, _), *_ = world.stack.resources("AWS::ApiGateway::Stage")
    ids = world.stack.physical_ids
    answer = world.aws("apigateway").get_stage(restApiId=ids[api], stageName=ids[stage])
    return str(answer.get("webAclArn") or "")


def _rules(world: World) -> str:
    promised = promised_rules(world)
    live = live_web_acl(world, web_acl_arn(world))["Rules"]
    differences = rule_differences(promised, live)
    if differences:
        raise Failed(
            "; ".join(differences[:5]) + (f"; and {len(differences) - 5} more" if len(differences) > 5 else "")
        )
    counting = [rule["Name"] for rule in live if _counts(rule)]
    return f"{len(live)} rules" + (f"; these only count: {', '.join(counting)}" if counting else "")


def _counts(rule: Mapping[str, Any]) -> bool:
    return "Count" in rule.get("Action", {}) or "Count" in rule.get("OverrideAction", {})


def promised_rules(world: World) -> Sequence[Mapping[str, Any]]:
    """The rules of the web ACL in front, as synthesized.

    Raises:
        NotCheckable: there is no web ACL, or it is made elsewhere.
    """
    for name, properties in world.stack.resources(_WEB_ACL):
        # `Ref` of a web ACL is `name|id|scope`.
        if world.stack.physical_ids.get(name, "").partition("|")[0] == web_acl_arn(world).name:
            rules: Sequence[Mapping[str, Any]] = properties["Rules"]
            return rules
    raise NotCheckable("the web ACL is made elsewhere, so what its rules should be is not known")


def live_web_acl(world: World, arn: WafArn) -> dict[str, Any]:
    """The web ACL as AWS WAF has it.

    Raises:
        Failed: it is gone.
    """

    def fetch() -> dict[str, Any]:
        try:
            found: dict[str, Any] = world.aws("wafv2", region=arn.region).get_web_acl(**arn.key)["WebACL"]
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "WAFNonexistentItemException":
                raise
            raise Failed(f"web ACL {arn.name} is gone") from None
        return found

    return world.once(f"web ACL {arn.text}", fetch)


def _lists(world: World) -> str:
    if world.lists is None:
        raise NotCheckable("needs --stack, and AWS credentials")
    promised_rules(world)
    return world.lists().compared(world.stack, now=world.clock())


def _stops(world: World) -> str:
    if world.target.stack is not None and (reason := _body_size_counts(world)) is not None:
        raise NotCheckable(reason)
    answer = world.call("CognitoProxySmoke", b" " * _BODY_BYTES)
    if (answer.status, answer.error) == (403, "ForbiddenException"):
        return f"a body of {_BODY_BYTES:,} bytes is blocked: {answer.told}"
    if world.target.stack is None:
        raise NotCheckable(f"a body of {_BODY_BYTES:,} bytes got through ({answer.told}); the rules may only count")
    raise Failed(f"a body of {_BODY_BYTES:,} bytes got through: {answer.told}")


def _body_size_counts(world: World) -> str | None:
    try:
        rules = {rule["Name"]: rule for rule in promised_rules(world)}
    except NotCheckable as reason:
        return str(reason)
    if "Block" not in rules.get("BodySize", {}).get("Action", {}):
        return "the deployment has its rule BodySize only count"
    return None


def _shield(world: World) -> str:
    region = world.target.region
    account = str(world.target.app_clients[0].secret_arn).split(":")[4]
    pool = f"arn:aws:cognito-idp:{region}:{account}:userpool/{world.user_pool_id}"
    try:
        found = world.aws("wafv2", region=region).get_web_acl_for_resource(ResourceArn=pool).get("WebACL")
    except ClientError as error:
        if world.target.is_local and error.response["Error"]["Code"] == "WAFInvalidOperationException":
            raise NotCheckable("the emulator attaches no web ACL to a user pool") from None
        raise
    if not found:
        raise Failed("the user pool has no web ACL")
    counting = [rule["Name"] for rule in found["Rules"] if _counts(rule)]
    if len(counting) == len(found["Rules"]):
        raise Failed(f"{found['Name']} only counts")
    # At the edge it is in the pool's stack: a user pool takes none of another Region.
    promised = [
        stack.physical_ids.get(name, "").partition("|")[0]
        for stack in world.target.stacks
        for name, _ in stack.resources(_WEB_ACL)
    ]
    if found["Name"] not in promised:
        raise Failed(f"on the user pool is {found['Name']}, which is not of this deployment")
    return f"{found['Name']}, {len(found['Rules'])} rule(s)"


CHECKS = (
    Check(
        name="web-acl-attached",
        promise="The stack's web ACL stands in front of the proxy.",
        run=_attached,
        needs=frozenset({Need.AWS}),
        advice="Deploy again; until then attach it by hand: nothing else holds floods back.",
        proves=("proof-added",),
    ),
    Check(
        name="web-acl-rules",
        promise="Each rule of the web ACL is as synthesized: in its place, with its statement, blocking or counting.",
        run=_rules,
        needs=frozenset({Need.AWS}),
        advice="Somebody edited the web ACL by hand. Deploy again with a change to it, or put the rule back by hand.",
        proves=("first-rule-decides",),
    ),
    Check(
        name="web-acl-lists",
        promise="The allow and deny lists hold what the table and the settings say.",
        run=_lists,
        needs=frozenset({Need.AWS}),
        after=("web-acl-rules",),
        advice="docs/firewall.md says how to put addresses back; `cognito-proxy ip list` shows what is there.",
        proves=("lists-survive", "settings-own-sets"),
    ),
)

BEHAVIOUR = (
    Check(
        name="firewall-stops",
        promise="What the firewall blocks does not get through.",
        run=_stops,
        after=("function", "web-acl-attached", "web-acl-rules"),
        advice="Look at what stands in front of the proxy: the web ACL is not attached, or its rules only count.",
        proves=("body-size",),
    ),
    Check(
        name="pool-shield",
        promise="The shield on the user pool is closed.",
        run=_shield,
        needs=frozenset({Need.AWS, Need.POOL_SHIELD}),
        advice="Deploy again; PoolShield(count_only=False).",
        proves=("shield-blocks",),
    ),
)
