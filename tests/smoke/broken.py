"""Deliberately broken deployments: what is broken, how, and the one check that should say so.

Where the local run can be broken, it is; what an emulator has not (TLS, a web ACL's attachment, a replica) is told by
a layer over its answers, together with what follows from it for those who call.
"""

from __future__ import annotations

import io
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cognito_proxy.list_edits.by_hand import BY_HAND
from cognito_proxy.list_edits.ip_set import WafArn
from cognito_proxy.smoke.checks.settings import proxy_function
from cognito_proxy.smoke.http import Answer, NoAnswer
from cognito_proxy.smoke.world import Options
from tests.smoke.fakes import error, refusal
from tests.smoke.staging import DENY_ME, ENDPOINT, HOST, LOOK, USER, Ask, Asked, Stage

Answers = Callable[..., Answer]

REGIONAL = ("regional",)
EDGE = ("edge",)
BOTH = ("regional", "edge")


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One broken deployment."""

    what: str
    """What is broken, for the table in docs/smoke.md."""
    found_by: str
    """The check that says so, and the only one that fails."""
    breaks: Callable[[Stage], None]
    """Breaks it, until the stage's `ends`."""
    on: tuple[str, ...] = BOTH
    options: Options = LOOK
    """What a run must be allowed to do, so that it can be seen. Default: nothing but to look."""
    instead: frozenset[str] = frozenset()
    """What fails where there is no such check: consequences, which its failure explains as long as it is there, and
    of which a variant may not have each. Default: nothing else notices."""


# The host name


def name_without_an_address(stage: Stage) -> None:
    _resolves(stage, v4=[])
    stage.over_http(_no_answer)


def ipv6_address(stage: Stage) -> None:
    _resolves(stage, v6=["2001:db8::1"])


def _resolves(stage: Stage, **lists: list[str]) -> None:
    kept = dict(stage.addresses)
    stage.ends.callback(stage.addresses.update, kept)
    families = {"v4": socket.AF_INET, "v6": socket.AF_INET6}
    stage.addresses.update({families[name]: found for name, found in lists.items()})


def _no_answer(asked: Asked, ask: Answers) -> Answer:
    if asked.is_proxied:
        raise NoAnswer("ConnectionError")
    return ask()


def name_of_another_site(stage: Stage) -> None:
    page = Answer(status=200, headers={"content-type": ("text/html",)}, body=b"<html>Welcome</html>")
    stage.over_http(lambda asked, ask: page if asked.is_proxied else ask())


def _served(stage: Stage, **server: Any) -> None:
    kept = stage.servers.ports[HOST]
    stage.ends.callback(stage.servers.ports.__setitem__, HOST, kept)
    stage.servers.ports[HOST] = stage.servers.start(**({"host": HOST} | server))


def certificate_of_another_name(stage: Stage) -> None:
    _served(stage, host="other.example.com")
    stage.over_http(_no_answer)


def old_tls(stage: Stage) -> None:
    _served(stage, oldest=ssl.TLSVersion.TLSv1)


# What the function is told, and may


def _reconfigure(stage: Stage, change: Callable[[dict[str, str]], object]) -> None:
    """Change the regional function's environment; it then starts anew, and knows no secret yet."""
    functions = stage.run.client("lambda", region=stage.stack.region)
    name = proxy_function(stage.world())
    kept = functions.get_function_configuration(FunctionName=name)["Environment"]
    changed = {"Variables": dict(kept["Variables"])}
    change(changed["Variables"])
    stage.ends.callback(partial(functions.update_function_configuration, FunctionName=name, Environment=kept))
    functions.update_function_configuration(FunctionName=name, Environment=changed)


def _start_anew(stage: Stage) -> None:
    _reconfigure(stage, lambda variables: variables.update(STARTED_ANEW="yes"))


def settings_variable_gone(stage: Stage) -> None:
    _reconfigure(stage, lambda variables: variables.pop("PROXY_SETTINGS"))


def origins_missing(stage: Stage) -> None:
    def change(variables: dict[str, str]) -> None:
        document = json.loads(variables["PROXY_SETTINGS"])
        variables["PROXY_SETTINGS"] = json.dumps({**document, "allowed_origins": ["https://other.example"]})

    _reconfigure(stage, change)


def not_configured(asked: Asked, ask: Answers) -> Answer:
    """A function that finds no settings."""
    if asked.is_proxied and asked.method == "POST":
        return error(500, "InternalErrorException", "The proxy is not configured correctly.")
    return ask()


def settings_header_gone(stage: Stage) -> None:
    _edit_distribution(stage, lambda config: [_no_headers(origin) for origin in config["Origins"]["Items"]])
    stage.over_http(not_configured)


def _no_headers(origin: dict[str, Any]) -> None:
    origin["CustomHeaders"] = {"Quantity": 0}


def _edit_distribution(stage: Stage, edit: Callable[[Any], object]) -> None:
    stage.edit("get_distribution_config", lambda answer: edit(answer["DistributionConfig"]))


def nobody_may_invoke(stage: Stage) -> None:
    stage.over_aws("get_policy", _refuses("GetPolicy", "ResourceNotFoundException"))
    stage.over_http(not_configured)


def _refuses(operation: str, code: str) -> Callable[[Mapping[str, Any], Ask], Any]:
    def layer(_: Mapping[str, Any], __: Ask) -> Any:
        raise refusal(operation, code)

    return layer


def old_version(stage: Stage) -> None:
    def edit(config: Any) -> None:
        for runs in config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"]:
            runs["LambdaFunctionARN"] = f"{runs['LambdaFunctionARN'].rpartition(':')[0]}:0"

    _edit_distribution(stage, edit)


def headers_policy_missing(stage: Stage) -> None:
    _edit_distribution(stage, lambda config: config["DefaultCacheBehavior"].pop("ResponseHeadersPolicyId"))
    stage.over_http(_without("access-control-", "cache-control", "x-content-type-options", "strict-transport-security"))


def _without(*prefixes: str) -> Callable[[Asked, Answers], Answer]:
    def layer(asked: Asked, ask: Answers) -> Answer:
        answer = ask()
        kept = {name: values for name, values in answer.headers.items() if not name.startswith(prefixes)}
        return replace(answer, headers=kept) if asked.is_proxied and asked.method == "POST" else answer

    return layer


def security_headers_missing(stage: Stage) -> None:
    stage.over_http(_without("strict-transport-security"))


# Secrets and their rotation


def may_not_read_the_secret(stage: Stage) -> None:
    iam = stage.run.client("iam")
    role = next(
        stage.stack.physical_ids[properties["Role"]["Fn::GetAtt"][0]]
        for _, properties in stage.stack.resources("AWS::Lambda::Function")
        if properties.get("Handler") == "proxy.regional.handler"
    )
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        put = partial(iam.put_role_policy, RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        stage.ends.callback(put)
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    _start_anew(stage)


def _put_value(stage: Stage, **changed: str) -> None:
    arn = str(stage.target.app_clients[0].secret_arn)
    secrets = stage.run.client("secretsmanager", region=stage.target.region)
    kept = secrets.get_secret_value(SecretId=arn)["SecretString"]
    stage.ends.callback(partial(secrets.put_secret_value, SecretId=arn, SecretString=kept))
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(json.loads(kept) | changed))


def wrong_secret(stage: Stage) -> None:
    _put_value(stage, client_secret="x" * 51)
    _start_anew(stage)


def secret_of_another_pool(stage: Stage) -> None:
    _put_value(stage, user_pool_id="eu-west-1_Other")


def secret_of_another_app_client(stage: Stage) -> None:
    _put_value(stage, client_id="1other23456789")


def no_secret(stage: Stage) -> None:
    stage.over_aws("describe_secret", _refuses("DescribeSecret", "ResourceNotFoundException"))
    stage.over_http(_cannot_prove)


def secret_without_a_value(stage: Stage) -> None:
    stage.edit("describe_secret", lambda answer: answer.update(VersionIdsToStages={}))
    stage.over_aws("get_secret_value", _refuses("GetSecretValue", "ResourceNotFoundException"))
    stage.over_http(_cannot_prove)


def _cannot_prove(asked: Asked, ask: Answers) -> Answer:
    """A function that finds no secret for its app clients."""
    answer = ask()
    if asked.is_proxied and answer.error in ("CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"):
        return error(500, "InternalErrorException", "The proxy has no access to its app client's secret.")
    return answer


def replica_failed(stage: Stage) -> None:
    failed = [{"Region": "us-east-1", "Status": "Failed", "StatusMessage": "the key is disabled"}]
    stage.edit("describe_secret", lambda answer: answer.update(ReplicationStatus=failed))


def schedule_missing(stage: Stage) -> None:
    stage.edit("describe_secret", lambda answer: [answer.pop(name, None) for name in _OF_ROTATION])


_OF_ROTATION = ("RotationEnabled", "RotationRules", "RotationLambdaARN")


def rotation_overdue(stage: Stage) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=5)
    stage.edit("describe_secret", lambda answer: answer.update(NextRotationDate=long_ago))


def rotation_stuck(stage: Stage) -> None:
    arn = str(stage.target.app_clients[0].secret_arn)
    secrets = stage.run.client("secretsmanager", region=stage.target.region)
    text = secrets.get_secret_value(SecretId=arn)["SecretString"]
    version = secrets.put_secret_value(SecretId=arn, SecretString=text, VersionStages=["AWSPENDING"])["VersionId"]
    stage.ends.callback(
        partial(
            secrets.update_secret_version_stage,
            SecretId=arn,
            VersionStage="AWSPENDING",
            RemoveFromVersionId=version,
        )
    )
    stage.late_by = 3600.0
    stage.ends.callback(setattr, stage, "late_by", 0.0)


def rotation_function_fails(stage: Stage) -> None:
    stage.over_aws("invoke", _breaks)


def _breaks(_: Mapping[str, Any], __: Ask) -> Any:
    told = {"errorMessage": "An error occurred (AccessDeniedException)", "errorType": "ClientError"}
    return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(told).encode())}


# App clients


def public_client(stage: Stage) -> None:
    cognito = stage.run.client("cognito-idp", region=stage.target.region)
    pool = stage.target.user_pool_id
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="old", GenerateSecret=False)["UserPoolClient"]
    stage.ends.callback(partial(cognito.delete_user_pool_client, UserPoolId=pool, ClientId=made["ClientId"]))


def client_without_a_secret(stage: Stage) -> None:
    stage.edit("describe_user_pool_client", lambda answer: answer["UserPoolClient"].pop("ClientSecret"))

    def layer(asked: Asked, ask: Answers) -> Answer:
        needs_none = not asked.is_proxied and asked.operation == "ConfirmSignUp"
        return error(400, "CodeMismatchException") if needs_none else ask()

    stage.over_http(layer)


def flow_gone(stage: Stage) -> None:
    stage.edit(
        "describe_user_pool_client",
        lambda answer: answer["UserPoolClient"]["ExplicitAuthFlows"].remove("ALLOW_USER_SRP_AUTH"),
    )


# The firewall


def web_acl_detached(stage: Stage) -> None:
    if stage.is_edge:
        _edit_distribution(stage, lambda config: config.update(WebACLId=""))
    else:
        stage.edit("get_stage", lambda answer: answer.pop("webAclArn"))
    stage.over_http(_nothing_stops)


def _nothing_stops(asked: Asked, ask: Answers) -> Answer:
    """What the function says to a body that no firewall has stopped."""
    is_large = asked.is_proxied and len(asked.body) > 65_536
    return error(400, "UnknownOperationException") if is_large else ask()


def firewall_stops_nothing(stage: Stage) -> None:
    stage.over_http(_nothing_stops)


def _edit_rule(name: str, edit: Callable[[Any], object]) -> Callable[[Stage], None]:
    def edit_rule(answer: Any) -> None:
        for rule in answer["WebACL"]["Rules"]:
            if rule["Name"] == name:
                edit(rule)

    return lambda stage: stage.edit("get_web_acl", edit_rule)


def rule_missing(stage: Stage) -> None:
    def edit(answer: Any) -> None:
        rules = answer["WebACL"]["Rules"]
        rules[:] = [rule for rule in rules if rule["Name"] != "SignUpRateLimit"]

    stage.edit("get_web_acl", edit)


def _count(rule: Any) -> None:
    rule["Action"] = {"Count": {}}


def _higher_rate(rule: Any) -> None:
    rule["Statement"]["RateBasedStatement"]["Limit"] *= 10


def deny_list_emptied(stage: Stage) -> None:
    address, lists = "203.0.113.7", stage.lists()
    now = int(time.time())
    lists.deny(address, expires_at=now + 86_400, now=now, note="of a test")
    stage.ends.callback(lambda: stage.lists().take_off(address, now=int(time.time())))
    _empty_deny_lists(stage, by_hand=True)


def settings_address_gone(stage: Stage) -> None:
    _empty_deny_lists(stage, by_hand=False)


def _empty_deny_lists(stage: Stage, *, by_hand: bool) -> None:
    """The IP sets that people edit, or those of the settings; past the commands, as in the console."""
    acl = WafArn.parse(stage.stack.outputs["WebAclArn"])
    waf = stage.client("wafv2", region=acl.region)
    rules = waf.get_web_acl(**acl.key)["WebACL"]["Rules"]
    (statement,) = [rule["Statement"] for rule in rules if rule["Name"] == "DenyList"]
    keys = [WafArn.parse(each["IPSetReferenceStatement"]["ARN"]).key for each in statement["OrStatement"]["Statements"]]
    found = [(key, waf.get_ip_set(**key)["IPSet"]) for key in keys]
    full = [each for each in found if each[1]["Addresses"] and _is_by_hand(each[1]) == by_hand]
    assert len(full) == 1
    for key, ip_set in full:
        stage.ends.callback(_put_addresses, waf, key, ip_set["Addresses"])
        _put_addresses(waf, key, [])


def _is_by_hand(ip_set: Mapping[str, Any]) -> bool:
    return str(ip_set.get("Description", "")).endswith(BY_HAND)


def _put_addresses(waf: Any, key: Mapping[str, str], addresses: list[str]) -> None:
    got = waf.get_ip_set(**key)
    # What is not given is taken away.
    kept = {name: got["IPSet"][name] for name in ("Description",) if name in got["IPSet"]}
    waf.update_ip_set(**key, **kept, Addresses=addresses, LockToken=got["LockToken"])


def table_gone(stage: Stage) -> None:
    stage.over_aws("query", _refuses("Query", "ResourceNotFoundException"))


def shield_open(stage: Stage) -> None:
    stage.over_aws("get_web_acl_for_resource", lambda *_: {})


def shield_counts(stage: Stage) -> None:
    def edit(answer: Any) -> None:
        _count(answer["WebACL"]["Rules"][0])

    stage.edit("get_web_acl_for_resource", edit)


# What the proxy answers


def _replaced(operation: str, answer: Callable[[Asked, Answers], Answer]) -> Callable[[Stage], None]:
    def breaks(stage: Stage) -> None:
        stage.over_http(
            lambda asked, ask: answer(asked, ask) if asked.is_proxied and asked.operation == operation else ask()
        )

    return breaks


def _passed_on(stage: Stage) -> None:
    """Administrator operations go to Cognito as they come."""

    def layer(asked: Asked, ask: Answers) -> Answer:
        if not (asked.is_proxied and asked.operation.startswith("Admin")):
            return ask()
        own = ask()
        passed = ask(url=asked.url.replace(ENDPOINT, stage.target.upstream))
        return replace(passed, headers=own.headers)

    stage.over_http(layer)


def _unknown_served(asked: Asked, ask: Answers) -> Answer:
    answer = ask()
    return replace(answer, status=200, body=b"{}") if answer.error == "UnknownOperationException" else answer


def _foreign_clients_served(asked: Asked, ask: Answers) -> Answer:
    answer = ask()
    if answer.error != "ResourceNotFoundException":
        return answer
    return replace(error(400, "CodeMismatchException"), headers=answer.headers)


def foreign_clients_passed_on(stage: Stage) -> None:
    """Calls of app clients that are not configured go to Cognito as they come; it knows none of them, either."""

    def layer(asked: Asked, ask: Answers) -> Answer:
        own = ask()
        if not (asked.is_proxied and own.error == "ResourceNotFoundException"):
            return own
        client_id = json.loads(asked.body)["ClientId"]
        if re.fullmatch(r"[\w+]+", client_id) is None:
            # The emulator is not that strict.
            return replace(error(400, "InvalidParameterException"), headers=own.headers)
        passed = ask(url=asked.url.replace(ENDPOINT, f"{stage.run.upstream}/"))
        return replace(passed, headers=own.headers)

    stage.over_http(layer)


def _malformed_breaks(asked: Asked, ask: Answers) -> Answer:
    answer = ask()
    broken = answer.error == "SerializationException"
    return replace(answer, status=502, body=b'{"message": "Internal server error"}') if broken else answer


def refusals_not_readable(stage: Stage) -> None:
    def layer(asked: Asked, ask: Answers) -> Answer:
        answer = ask()
        if not (asked.is_proxied and answer.status >= 400 and asked.method == "POST"):
            return answer
        kept = {name: values for name, values in answer.headers.items() if not name.startswith("access-control-")}
        return replace(answer, headers=kept)

    stage.over_http(layer)


def every_origin_may_read(stage: Stage) -> None:
    def layer(asked: Asked, ask: Answers) -> Answer:
        answer = ask()
        if not (asked.is_proxied and asked.origin):
            return answer
        return replace(answer, headers={**answer.headers, "access-control-allow-origin": (asked.origin,)})

    stage.over_http(layer)


def wrong_path_unshaped(stage: Stage) -> None:
    page = Answer(status=403, headers={}, body=b'{"message": "Missing Authentication Token"}')
    stage.over_http(lambda asked, ask: page if asked.url.endswith("/nowhere") else ask())


def get_served(stage: Stage) -> None:
    page = Answer(status=200, headers={}, body=b"<html>")
    stage.over_http(lambda asked, ask: page if asked.is_proxied and asked.method == "GET" else ask())


def signature_refused(asked: Asked, ask: Answers) -> Answer:
    """What a user gets of a sign-in that the edge signs for a request that CloudFront changes afterwards."""
    return replace(error(400, "InvalidSignatureException", "The request signature does not match"), headers={})


# A user, and one's own address


def proxy_s_own_address(stage: Stage) -> None:
    def edit(answer: Any) -> None:
        answer["AuthEvents"][0]["EventContextData"]["IpAddress"] = "192.0.2.200"

    stage.edit("admin_list_user_auth_events", edit)


def _refresh_refused(asked: Asked, ask: Answers) -> Answer:
    return error(400, "NotAuthorizedException", "Refresh Token has expired")


def _reset_refused(asked: Asked, ask: Answers) -> Answer:
    return error(400, "NotAuthorizedException", "Contact administrator to reset password.")


def _done(asked: Asked, ask: Answers) -> Answer:
    """Says that it did, and did not."""
    return Answer(status=200, headers={}, body=b"{}")


def _denied_let_in(asked: Asked, ask: Answers) -> Answer:
    answer = ask()
    return error(400, "NotAuthorizedException", "Invalid Access Token") if answer.status == 403 else answer


# Logs and Cognito's words


def log_group_gone(stage: Stage) -> None:
    stage.over_aws("describe_log_groups", lambda *_: {"logGroups": []})


def may_not_log(stage: Stage) -> None:
    stage.over_aws("filter_log_events", lambda *_: {"events": []})


# Monitoring


def dashboard_deleted(stage: Stage) -> None:
    stage.over_aws("get_dashboard", _refuses("GetDashboard", "ResourceNotFound"))


def alarm_deleted(stage: Stage) -> None:
    stage.edit("describe_alarms", lambda answer: answer["MetricAlarms"].pop())


def _edit_alarm(metric: str, edit: Callable[[dict[str, Any]], object]) -> Callable[[Stage], None]:
    """Edit the one alarm that looks at this metric of the function, or at CloudFront's."""

    def breaks(stage: Stage) -> None:
        def change(answer: dict[str, Any]) -> None:
            for alarm in answer["MetricAlarms"]:
                if alarm.get("MetricName") in (metric, "5xxErrorRate"):
                    edit(alarm)

        stage.edit("describe_alarms", change)

    return breaks


def _other_dimension(alarm: dict[str, Any]) -> None:
    alarm["Dimensions"][0]["Value"] = "another"


def _higher_threshold(alarm: dict[str, Any]) -> None:
    alarm["Threshold"] += 1000


def _told_to_nobody(alarm: dict[str, Any]) -> None:
    alarm["AlarmActions"] = []


def mail_not_confirmed(stage: Stage) -> None:
    def change(answer: dict[str, Any]) -> None:
        for subscription in answer["Subscriptions"]:
            subscription["SubscriptionArn"] = "PendingConfirmation"

    stage.edit("list_subscriptions_by_topic", change)


def no_metrics_of_lines(stage: Stage) -> None:
    stage.edit("get_metric_data", lambda answer: answer["MetricDataResults"][0].update(Values=[]))


def quotas_counted_elsewhere(stage: Stage) -> None:
    stage.edit("list_metrics", lambda answer: answer["Metrics"][0]["Dimensions"].pop())


def other_words(stage: Stage) -> None:
    def layer(asked: Asked, ask: Answers) -> Answer:
        answer = ask()
        if asked.is_proxied or "SecretHash" not in asked.body.decode():
            return answer
        return error(400, "NotAuthorizedException", "The secret hash is not right")

    stage.over_http(layer)


BROKEN = (
    Broken(
        what="its name has no address",
        found_by="dns",
        breaks=name_without_an_address,
        instead=frozenset({"endpoint"}),
    ),
    Broken(
        what="an IPv6 address, where the deployment does not take IPv6",
        found_by="dns",
        breaks=ipv6_address,
    ),
    Broken(
        what="a certificate for another name",
        found_by="tls",
        breaks=certificate_of_another_name,
        instead=frozenset({"endpoint"}),
    ),
    Broken(what="TLS 1.0 is accepted", found_by="old-tls-refused", breaks=old_tls),
    Broken(
        what="its name leads to another site",
        found_by="endpoint",
        breaks=name_of_another_site,
        instead=frozenset({"function"}),
    ),
    Broken(
        what="the function's settings are gone",
        found_by="settings",
        breaks=settings_variable_gone,
        on=REGIONAL,
        instead=frozenset({"function"}),
    ),
    Broken(
        what="the settings header is gone",
        found_by="settings",
        breaks=settings_header_gone,
        on=EDGE,
        instead=frozenset({"function"}),
    ),
    Broken(
        what="API Gateway may not invoke the function",
        found_by="may-invoke-function",
        breaks=nobody_may_invoke,
        on=REGIONAL,
        instead=frozenset({"function"}),
    ),
    Broken(
        what="the distribution runs an old version of the function",
        found_by="function-version",
        breaks=old_version,
        on=EDGE,
    ),
    Broken(
        what="the response headers policy is missing",
        found_by="response-headers-policy",
        breaks=headers_policy_missing,
        on=EDGE,
        instead=frozenset({"refusals-readable", "security-headers"}),
    ),
    Broken(what="a security header is missing", found_by="security-headers", breaks=security_headers_missing),
    Broken(
        what="an allowed origin is missing",
        found_by="preflight-allowed-origin",
        breaks=origins_missing,
        on=REGIONAL,
        instead=frozenset({"refusals-readable"}),
    ),
    Broken(what="every origin may read answers", found_by="foreign-origin", breaks=every_origin_may_read),
    Broken(
        what="the function may not read the secret",
        found_by="app-clients-answer",
        breaks=may_not_read_the_secret,
        on=REGIONAL,
    ),
    Broken(what="the stored secret is wrong", found_by="app-clients-answer", breaks=wrong_secret, on=REGIONAL),
    Broken(
        what="another pool's secret is stored",
        found_by="secret-belongs",
        breaks=secret_of_another_pool,
        instead=frozenset({"rotation-function"}),
    ),
    Broken(
        what="another app client's secret is stored",
        found_by="secret-belongs",
        breaks=secret_of_another_app_client,
        instead=frozenset({"rotation-function"}),
    ),
    Broken(
        what="the secret is gone",
        found_by="secret",
        breaks=no_secret,
        instead=frozenset({"app-clients-answer", "no-stuck-rotation", "rotation-schedule", "secret-replicas"}),
    ),
    Broken(
        what="the secret has no value",
        found_by="secret",
        breaks=secret_without_a_value,
        instead=frozenset({"secret-belongs"}),
    ),
    Broken(what="a replica of the secret failed", found_by="secret-replicas", breaks=replica_failed, on=EDGE),
    Broken(
        what="the rotation schedule is missing",
        found_by="rotation-schedule",
        breaks=schedule_missing,
        instead=frozenset({"rotation-function"}),
    ),
    Broken(what="a rotation is overdue", found_by="rotation-schedule", breaks=rotation_overdue),
    Broken(what="a rotation is stuck", found_by="no-stuck-rotation", breaks=rotation_stuck),
    Broken(what="the rotation function fails", found_by="rotation-function", breaks=rotation_function_fails),
    Broken(what="a public app client is left in the pool", found_by="no-public-client", breaks=public_client),
    Broken(
        what="an app client has no secret",
        found_by="app-clients-have-secrets",
        breaks=client_without_a_secret,
        instead=frozenset({"direct-call-refused"}),
    ),
    Broken(what="an app client lacks a way to sign in", found_by="app-client-flows", breaks=flow_gone),
    Broken(
        what="the web ACL is detached",
        found_by="web-acl-attached",
        breaks=web_acl_detached,
        instead=frozenset({"firewall-stops"}),
    ),
    Broken(what="the firewall stops nothing", found_by="firewall-stops", breaks=firewall_stops_nothing),
    Broken(
        what="a rule of the web ACL only counts",
        found_by="web-acl-rules",
        breaks=_edit_rule("SignUpRateLimit", _count),
    ),
    Broken(
        what="a rule's rate is another one",
        found_by="web-acl-rules",
        breaks=_edit_rule("SignUpRateLimit", _higher_rate),
    ),
    Broken(what="a rule is missing", found_by="web-acl-rules", breaks=rule_missing),
    Broken(what="the deny list was emptied", found_by="web-acl-lists", breaks=deny_list_emptied),
    Broken(what="an address of the settings is gone", found_by="web-acl-lists", breaks=settings_address_gone),
    Broken(what="the lists' table is gone", found_by="web-acl-lists", breaks=table_gone),
    Broken(what="the pool shield is open", found_by="pool-shield", breaks=shield_open),
    Broken(what="the pool shield only counts", found_by="pool-shield", breaks=shield_counts),
    Broken(
        what="administrator operations are passed on",
        found_by="administrator-operation-refused",
        breaks=_passed_on,
    ),
    Broken(
        what="unknown operations are served",
        found_by="unknown-operation-refused",
        breaks=_replaced("CognitoProxySmoke", _unknown_served),
    ),
    Broken(
        what="a foreign client id is served",
        found_by="foreign-client-refused",
        breaks=_replaced("ConfirmSignUp", _foreign_clients_served),
    ),
    Broken(
        what="a foreign client id is passed on",
        found_by="foreign-client-refused",
        breaks=foreign_clients_passed_on,
    ),
    Broken(
        what="a malformed body breaks the function",
        found_by="malformed-body-refused",
        breaks=_replaced("ConfirmSignUp", _malformed_breaks),
    ),
    Broken(what="no page can read refusals", found_by="refusals-readable", breaks=refusals_not_readable),
    Broken(what="a wrong path gets API Gateway's own words", found_by="wrong-path", breaks=wrong_path_unshaped),
    Broken(what="GET is served", found_by="get-refused", breaks=get_served),
    Broken(
        what="the log group is gone",
        found_by="log-group",
        breaks=log_group_gone,
        instead=frozenset({"log-line"}),
    ),
    Broken(what="the function may not write its log", found_by="log-line", breaks=may_not_log),
    Broken(what="the dashboard was deleted", found_by="dashboard", breaks=dashboard_deleted),
    Broken(what="an alarm was deleted", found_by="alarms", breaks=alarm_deleted),
    Broken(
        what="an alarm looks at another metric",
        found_by="alarms",
        breaks=_edit_alarm("Latency", _other_dimension),
    ),
    Broken(
        what="an alarm rings later than it should",
        found_by="alarms",
        breaks=_edit_alarm("Latency", _higher_threshold),
    ),
    Broken(
        what="an alarm tells nobody",
        found_by="alarms",
        breaks=_edit_alarm("Latency", _told_to_nobody),
    ),
    Broken(what="the address for alarms is not confirmed", found_by="alarm-mail", breaks=mail_not_confirmed),
    Broken(
        what="CloudWatch makes no metrics of the function's lines",
        found_by="function-metrics",
        breaks=no_metrics_of_lines,
    ),
    Broken(
        what="quotas are counted under another name",
        found_by="quota-metrics",
        breaks=quotas_counted_elsewhere,
    ),
    Broken(what="Cognito uses other words for a wrong hash", found_by="cognito-texts", breaks=other_words),
    Broken(
        what="signing in place does not work",
        found_by="user-signs-in",
        breaks=_replaced("InitiateAuth", signature_refused),
        on=EDGE,
        options=USER,
        instead=frozenset({"user-deleted", "user-refreshes"}),
    ),
    Broken(
        what="Cognito sees the proxy's address instead of the user's",
        found_by="user-true-address",
        breaks=proxy_s_own_address,
        options=USER,
    ),
    Broken(
        what="a refresh is refused",
        found_by="user-refreshes",
        breaks=_replaced("GetTokensFromRefreshToken", _refresh_refused),
        options=USER,
        instead=frozenset({"user-revokes"}),
    ),
    Broken(
        what="a reset is refused",
        found_by="user-resets",
        breaks=_replaced("ForgotPassword", _reset_refused),
        options=USER,
    ),
    Broken(
        what="revoking a token does nothing",
        found_by="user-revokes",
        breaks=_replaced("RevokeToken", _done),
        options=USER,
    ),
    Broken(
        what="deleting an account does nothing",
        found_by="user-deleted",
        breaks=_replaced("DeleteUser", _done),
        options=USER,
    ),
    Broken(
        what="the deny list blocks nobody",
        found_by="deny-me",
        breaks=_replaced("GetUser", _denied_let_in),
        options=DENY_ME,
    ),
)
