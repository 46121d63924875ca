"""What is said of a plan: the sections of the page."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.rehearsal.catalogue import assumptions, kinds, notes, prices, quotas
from local.rehearsal.costs import AT_REST, IN_USE, Line, bill, total
from local.rehearsal.document import Block, Page, Points, Section, Table
from local.rehearsal.plan import Plan, PlannedStack
from local.simulators.waf.capacity import web_acl_capacity
from local.simulators.waf.errors import FirewallError

CHARGED_BESIDES: Mapping[str, str] = {
    "AWSManagedRulesBotControlRuleSet": "Bot Control",
    "AWSManagedRulesATPRuleSet": "account takeover prevention",
    "AWSManagedRulesACFPRuleSet": "account creation fraud prevention",
}
"""AWS's managed groups that are charged by month and by request besides; no source for their prices was found."""


def page_of(plan: Plan) -> Page:
    """All sections."""
    return Page(
        title="What this deployment would be",
        sections=(
            _created(plan),
            _costs(plan),
            _stays(plan),
            _quotas(plan),
            _warnings(plan),
            _deployer(plan),
            _sources(plan),
        ),
    )


def _created(plan: Plan) -> Section:
    return Section(
        title="What will be created",
        blocks=tuple(
            Table(
                caption=f"Stack {stack.name}, in {_region(stack.region)}", headings=("For", "What"), rows=_rows(stack)
            )
            for stack in plan.stacks
        ),
    )


def _rows(stack: PlannedStack) -> tuple[tuple[str, str], ...]:
    groups: dict[str, Counter[str]] = {}
    for resource in stack.resources:
        groups.setdefault(kinds()[resource.kind].group, Counter())[resource.kind] += 1
    return tuple(
        (group, ", ".join(_counted(kind, count) for kind, count in sorted(counted.items())))
        for group, counted in sorted(groups.items())
    )


def _counted(kind: str, count: int) -> str:
    words = kinds()[kind]
    return f"1 {words.one}" if count == 1 else f"{count} {words.many}"


def _costs(plan: Plan) -> Section:
    given = assumptions()
    at_rest = bill(AT_REST, plan, given=given, prices=prices())
    in_use = bill(IN_USE, plan, given=given, prices=prices())
    day = min(line.price.looked_up for line in (*at_rest, *in_use))
    blocks: tuple[Block, ...] = (
        (
            f"List prices in US dollars of us-east-1, or of what stands beside them below, read on {day} in copies of "
            "AWS's pages, which may be older; not a quote. Today's are on AWS's pages, which are named at the end."
        ),
        _priced("At rest, a month, before anybody signs in", at_rest),
        _priced(f"For {given.sign_ins:,} sign-ins in that month", in_use),
        "Assumed:",
        Points(sentences=given.why),
        "Not in these sums:",
        Points(sentences=(*_not_priced(plan), *given.left_out)),
    )
    return Section(title="What it costs", blocks=blocks)


def _not_priced(plan: Plan) -> Iterator[str]:
    groups = [CHARGED_BESIDES[name] for name in plan.managed_groups if name in CHARGED_BESIDES]
    if groups:
        yield (
            f"AWS charges {', '.join(groups)} by month and by request besides, and no source for these prices was "
            f"found: see {prices()['web-acl'].page}. Above, each counts as a rule."
        )
    users = (price for name, price in prices().items() if name.startswith("user-"))
    yield (
        "Cognito's own price, which you pay with and without the proxy: "
        + "; ".join(f"${price.usd} a {price.what}" for price in users)
        + ". Of Lite and Essentials the first 10,000 are free."
    )


def _priced(caption: str, lines: tuple[Line, ...]) -> Table:
    rows = [
        (
            line.price.what,
            f"{line.quantity.normalize():,f}" if line.quantity == int(line.quantity) else f"{line.quantity:,.2f}",
            f"{line.price.usd} a {line.price.unit}",
            dollars(line.usd),
        )
        for line in lines
    ]
    rows.append(("together", "", "", dollars(total(lines))))
    return Table(caption=caption, headings=("What", "How many", "Price in $", "$"), rows=tuple(rows))


def dollars(amount: Decimal) -> str:
    """In whole cents; what is less than half of one, but not nothing, says so."""
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return "under 0.01" if amount and not cents else f"{cents:,}"


def _stays(plan: Plan) -> Section:
    rows = tuple(
        (stack.name, _counted(kind, count))
        for stack in plan.stacks
        for kind, count in sorted(Counter(resource.kind for resource in stack.resources if resource.kept).items())
    )
    sentences = tuple(note.text for note in notes("stays") if note.holds(edge=plan.is_edge))
    return Section(
        title="What stays when the stacks are deleted",
        blocks=(
            "By the templates' deletion policies. What stays goes on being charged, until you delete it yourself.",
            Table(headings=("Stack", "What stays"), rows=rows or (("all", "nothing"),)),
            "And, which no template says:",
            Points(sentences=sentences),
        ),
    )


def _capacity(plan: Plan) -> str:
    try:
        used = [web_acl_capacity(acl.properties) for acl in plan.of("AWS::WAFv2::WebACL")]
    except FirewallError:
        return "not known"
    return f"{', '.join(map(str, used))} at most"


def _fullest_set(plan: Plan) -> str:
    sizes = [len(each.properties.get("Addresses", ())) for each in plan.of("AWS::WAFv2::IPSet")]
    return f"{max(sizes, default=0)} in the fullest at first"


def _throttle(plan: Plan) -> str:
    settings: list[dict[str, Any]] = [
        setting for stage in plan.of("AWS::ApiGateway::Stage") for setting in stage.properties.get("MethodSettings", ())
    ]
    return ", ".join(
        f"{setting['ThrottlingRateLimit']} a second, {setting['ThrottlingBurstLimit']} at once"
        for setting in settings
        if "ThrottlingRateLimit" in setting
    )


def _settings_headers(plan: Plan) -> str:
    headers = [
        header
        for distribution in plan.of("AWS::CloudFront::Distribution")
        for origin in distribution.properties["DistributionConfig"]["Origins"]
        for header in origin.get("OriginCustomHeaders", ())
    ]
    return f"{len(headers)} header{'' if len(headers) == 1 else 's'}"


MEASURES: Mapping[str, Callable[[Plan], str]] = {
    "wcu": _capacity,
    "ip-sets": _fullest_set,
    "throttle": _throttle,
    "settings-headers": _settings_headers,
}
"""What a deployment uses of a quota."""


def _quotas(plan: Plan) -> Section:
    applying = [quota for quota in quotas() if quota.holds(edge=plan.is_edge)]
    rows = tuple((quota.name, quota.limit, MEASURES[quota.uses](plan) if quota.uses else "") for quota in applying)
    return Section(
        title="Which quotas apply",
        blocks=(
            "AWS's defaults; yours may be higher. Those of Cognito are shared by all pools of an account in a Region.",
            Table(headings=("Quota", "Default", "This deployment"), rows=rows),
            "From:",
            Points(sentences=tuple(dict.fromkeys(quota.source for quota in applying))),
        ),
    )


def _warnings(plan: Plan) -> Section:
    none = "None."
    return Section(title="Warnings of synth", blocks=(Points(sentences=plan.warnings) if plan.warnings else none,))


def _deployer(plan: Plan) -> Section:
    services: dict[str, set[str]] = {}
    for resource in plan.resources:
        for action in kinds()[resource.kind].actions:
            service, _, operation = action.partition(":")
            services.setdefault(service, set()).add(operation)
    return Section(
        title="What will be asked of you who deploy",
        blocks=(
            f"Regions: {', '.join(map(_region, plan.regions))}.",
            Points(sentences=tuple(note.text for note in notes("deployer") if note.holds(edge=plan.is_edge))),
            Table(
                caption="What CloudFormation's role needs at least, by types of resources",
                headings=("Service", "Actions"),
                rows=tuple((service, ", ".join(sorted(names))) for service, names in sorted(services.items())),
            ),
        ),
    )


def _sources(plan: Plan) -> Section:
    given = assumptions()
    lines = [line for counts in (AT_REST, IN_USE) for line in bill(counts, plan, given=given, prices=prices())]
    used = dict.fromkeys(line.price for line in lines)
    users = (price for name, price in prices().items() if name.startswith("user-"))
    free, unpriced = dict[str, list[str]](), dict[str, list[str]]()
    for kind in sorted({resource.kind for resource in plan.resources}):
        for why, told in ((kinds()[kind].free, free), (kinds()[kind].unpriced, unpriced)):
            if why:
                told.setdefault(why, []).append(kinds()[kind].many)
    return Section(
        title="Where the prices are from",
        blocks=(
            Points(
                sentences=tuple(
                    f"{price.what}, for {price.where}: {price.page}, read on {price.looked_up} in {price.seen_in}"
                    for price in (*used, *users)
                )
            ),
            "What costs nothing by itself:",
            Points(sentences=tuple(f"{', '.join(many)}: {why}" for why, many in free.items())),
            *(
                (
                    "What is charged, and in no sum above:",
                    Points(sentences=tuple(f"{', '.join(many)}: {why}" for why, many in unpriced.items())),
                )
                if unpriced
                else ()
            ),
        ),
    )


def _region(region: str | None) -> str:
    return region or "the Region that you deploy to"
