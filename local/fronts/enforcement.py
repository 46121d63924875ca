"""Enforces the synthesized web ACL in front of a local run, as far as its rules are known outside of AWS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from local.deployment.deploy import DeployedStack
from local.fronts.logs import LogFile, waf_log_file
from local.simulators.common.http import Firewall, HttpRequest
from local.simulators.common.root_client import ACCOUNT_ID
from local.simulators.waf import FirewallError, Verdict, attached_web_acl, firewall_hook, load_web_acl
from local.simulators.waf.log import WafLog, read_logging
from local.simulators.waf.web_acl import WebAcl

Tell = Callable[[HttpRequest, Verdict], None]
"""Takes a request and what was decided on it, and does not wait."""


@dataclass(kw_only=True)
class EnforcedWebAcl:
    """The web ACL in front of the proxy, and the stack that it is of."""

    web_acl: WebAcl
    """Its rules. Another of the same resources may take its place: edits of lists reach the one that is here."""
    stack: DeployedStack
    log: LogFile | None = None
    """Its log; None: it has none in CloudWatch Logs, or nobody asked for it."""
    watchers: list[Tell] = field(default_factory=list)
    """Who is told of every verdict, beside the log."""

    @property
    def firewall(self) -> Firewall:
        """As the servers of the local run take it."""
        log = None if self.log is None else _writer(self.web_acl, self.stack, self.log.file)

        def tell(request: HttpRequest, verdict: Verdict) -> None:
            if log is not None:
                log.write(request, verdict)
            for watcher in self.watchers:
                watcher(request, verdict)

        return firewall_hook(self.web_acl, tell=tell)


def enforced_firewall(
    stacks: Iterable[DeployedStack], say: Callable[[str], None], *, log_file: Path | None = None
) -> EnforcedWebAcl | None:
    """What stands in front of the proxy, or None; either way `say` is told. Rates count for each TCP peer.

    Its log goes to `log_file`, if its logging configuration names a log group. Default: nowhere.
    Raises FirewallError when something in the web ACL is not modelled.
    """
    for stack in stacks:
        attached = attached_web_acl(stack.template)
        if attached is None:
            continue
        if attached.logical_id is None:
            say("firewall: none here, since the web ACL is made elsewhere and its rules are not known")
            return None
        web_acl = load_web_acl(stack.template, logical_id=attached.logical_id)
        rules = ", ".join(rule.name for rule in web_acl.rules)
        say(f"firewall: {attached.logical_id} decides by its rules {rules}")
        if web_acl.not_evaluated:
            say(f"firewall: not evaluated, since AWS alone knows what is in them: {', '.join(web_acl.not_evaluated)}")
        return EnforcedWebAcl(web_acl=web_acl, stack=stack, log=_log(web_acl, stack, log_file))
    say("firewall: none, since the template puts no web ACL in front of the proxy")
    return None


def web_acl_arn(stack: DeployedStack, logical_id: str) -> str:
    """The ARN of the stack's outputs: the emulator made the web ACL itself, with a physical id `name|id|scope`."""
    scope = stack.template["Resources"][logical_id]["Properties"]["Scope"]
    name, acl_id, _ = stack.physical_ids[logical_id].split("|")
    where = "global" if scope == "CLOUDFRONT" else "regional"
    return f"arn:aws:wafv2:{stack.region}:{ACCOUNT_ID}:{where}/webacl/{name}/{acl_id}"


def _log(web_acl: WebAcl, stack: DeployedStack, file: Path | None) -> LogFile | None:
    if file is None:
        return None
    # What an earlier run wrote is not of this one.
    file.unlink(missing_ok=True)
    logging = read_logging(stack.template, web_acl=web_acl.logical_id)
    group = None if logging is None else stack.physical_ids.get(logging.log_group or "")
    return None if group is None else waf_log_file(region=stack.region, group=group, file=file)


def _writer(web_acl: WebAcl, stack: DeployedStack, file: Path) -> WafLog:
    logging = read_logging(stack.template, web_acl=web_acl.logical_id)
    if logging is None:
        raise FirewallError(f"{web_acl.logical_id}: no logging configuration")

    def sink(line: str) -> None:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    source = "CF" if stack.has("AWS::CloudFront::Distribution") else "APIGW"
    return WafLog(logging, sink, arn=web_acl_arn(stack, web_acl.logical_id), source=source)
