"""The traffic as each log has it. What a log cannot know is not in it.

The shapes are those of `samples/`, and of `lambda/proxy` for the function's lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2s
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.queries.traffic import Call

POOL_CLIENT = "1example23456789"
ACL_ARN = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/proxy/1EXAMPLE-2ARN-3ARN-4ARN-123456EXAMPLE"
_CLOUDFRONT_HEADER = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip\n"


def cloudfront_file(calls: Iterable[Call]) -> str:
    """A file of standard logging (legacy)."""
    return _CLOUDFRONT_HEADER + "".join("\t".join(cloudfront_fields(call)) + "\n" for call in calls)


def cloudfront_fields(call: Call) -> list[str]:
    """The 33 fields; a call that is stopped by the firewall is in the log, too."""
    return [
        *(f"{call.at:%Y-%m-%d}", f"{call.at:%H:%M:%S}", "DUB2-C1", "392", call.address, "POST"),
        *("dexample.cloudfront.net", "/", str(call.status), "-", "Mozilla/5.0", "-", "-"),
        *("Error" if call.status >= 400 else "Miss", "an-edge-request-id"),
        *("dexample.cloudfront.net", "https", "523", "0.101", "-", "TLSv1.3", "TLS_AES_128_GCM_SHA256"),
        *("Error" if call.status >= 400 else "Miss", "HTTP/2.0", "-", "-", "11040", "0.101"),
        *("Error" if call.status >= 400 else "Miss", "application/x-amz-json-1.1", "78", "-", "-"),
    ]


def waf_record(call: Call) -> dict[str, Any]:
    """A web ACL's record; each request is logged (`allowed_requests=True`)."""
    groups = []
    if call.rule_in_group:
        stopped = {"ruleId": call.rule_in_group, "action": "BLOCK", "ruleMatchDetails": None}
        groups = [
            {
                "ruleGroupId": "AWS#AWSManagedRulesAnonymousIpList",
                "terminatingRule": stopped,
                "nonTerminatingMatchingRules": [],
                "excludedRules": None,
            }
        ]
    return {
        "timestamp": int(call.at.timestamp() * 1000),
        "formatVersion": 1,
        "webaclId": ACL_ARN,
        "terminatingRuleId": call.rule or "Default_Action",
        "terminatingRuleType": "MANAGED_RULE_GROUP" if groups else "RATE_BASED" if call.rule else "REGULAR",
        "action": "BLOCK" if call.rule else "ALLOW",
        "terminatingRuleMatchDetails": [],
        "httpSourceName": "APIGW",
        "httpSourceId": "111122223333:b34myvfw0b:prod",
        "ruleGroupList": groups,
        "rateBasedRuleList": [],
        "nonTerminatingMatchingRules": [],
        "requestHeadersInserted": None,
        "responseCodeSent": None,
        "httpRequest": {
            "clientIp": call.address,
            "country": "IE",
            "headers": [
                {"name": "Host", "value": "b34myvfw0b.execute-api.eu-west-1.amazonaws.com"},
                # Clients spell it as they like.
                {
                    "name": "X-Amz-Target" if call.at.second % 2 else "x-amz-target",
                    "value": f"AWSCognitoIdentityProviderService.{call.operation}",
                },
                {"name": "authorization", "value": "REDACTED"},
            ],
            "uri": "/prod/",
            "args": "",
            "httpVersion": "HTTP/2.0",
            "httpMethod": "POST",
            "requestId": "rid",
        },
        "labels": [],
    }


def cloudtrail_record(call: Call) -> dict[str, Any] | None:
    """Of who calls Cognito itself: `sourceIPAddress` is the caller's. What the firewall stopped is not there."""
    if call.rule:
        return None
    record: dict[str, Any] = {
        "eventVersion": "1.08",
        "userIdentity": {"accountId": "111122223333"},
        "eventTime": f"{call.at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "cognito-idp.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": call.address,
        "userAgent": "Mozilla/5.0",
        "requestParameters": {"clientId": POOL_CLIENT, "authParameters": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        "responseElements": None,
        "requestID": "9ad58dd8-3517-4aa8-96a5-d17a01df9eb4",
        "eventID": "c75eb7a5-eb8c-43d1-8331-f4412e756e69",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }
    if call.error:
        record |= {"errorCode": call.error, "errorMessage": "Cognito's words"}
    if call.username and call.known_user:
        record["additionalEventData"] = {"sub": sub_of(call.username)}
    return record


def lines_without_hashes() -> list[dict[str, Any]]:
    """Calls that were refused before any secret was in memory: of nobody who could be named."""
    line = {"variant": "regional", "outcome": "refused", "reason": "operation", "status": 400}
    operations = ["SignUp", "InitiateAuth", "unknown"]
    return [{**line, "operation": operations[index % 3], "error": "InvalidAction"} for index in range(400)]


def foreign_records(at: datetime) -> list[dict[str, Any]]:
    """What another service says under the same names, in one minute: of no interest to any query."""
    calls = [
        *(("192.0.2.40", "InitiateAuth", f"somebody{index}") for index in range(120)),
        *(("192.0.2.40", "SignUp", f"somebody{index}") for index in range(40)),
        *((f"100.126.{index}.1", "InitiateAuth", "everywhere") for index in range(20)),
    ]
    records = (
        cloudtrail_record(Call(at=at, address=address, operation=operation, username=name, error="AccessDenied"))
        for address, operation, name in calls
    )
    return [{**record, "eventSource": "example.amazonaws.com"} for record in records if record]


def sub_of(username: str) -> str:
    return str(uuid5(NAMESPACE_URL, username))


def function_line(call: Call) -> dict[str, Any] | None:
    """The line of a call, with hashes; what the firewall stopped never came so far."""
    if call.rule:
        return None
    line: dict[str, Any] = {
        "time": f"{call.at:%Y-%m-%dT%H:%M:%S}.000Z",
        "request_id": "an-extended-request-id=",
        "variant": "regional",
        "function": "proxy",
        "operation": call.operation,
        "outcome": "denied" if call.error else "answered",
        "client_id": POOL_CLIENT,
        "status": call.status,
        "UpstreamLatency": 40.0 + call.at.second,
        "Latency": 42.0 + call.at.second,
        "address_hash": hash_of(call.address),
        "prefix_hash": hash_of(prefix_of(call.address)),
    }
    if call.error:
        line["error"] = call.error
    if call.username:
        line["username_hash"] = hash_of(call.username)
    return line


def hash_of(value: str) -> str:
    """Stands for the function's keyed hash."""
    value = str(ip_address(value)) if _is_address(value) else value
    return blake2s(value.encode(), key=b"test", digest_size=8).hexdigest()


def prefix_of(address: str) -> str:
    """/24 or /64, by Python's own arithmetic."""
    length = 64 if ":" in address else 24
    return str(ip_network(f"{address}/{length}", strict=False))


def access_log_line(call: Call) -> dict[str, str]:
    """API Gateway's line, in the fields of `proxies/_access_log.py`; each value is a text, "-" where there is none."""
    return {
        "time": str(int(call.at.timestamp() * 1000)),
        "extendedRequestId": "an-extended-request-id=",
        "method": "POST",
        "status": str(call.status),
        "responseLatency": "57",
        "responseLength": "120",
        "integrationLatency": "-" if call.rule else "50",
        "integrationStatus": "-" if call.rule else "200",
        "functionStatus": "-" if call.rule else str(call.status),
        "functionRequestId": "-" if call.rule else "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "errorResponseType": "WAF_FILTERED" if call.rule else "-",
        "wafStatus": "403" if call.rule else "200",
    }


def compact(document: dict[str, Any]) -> str:
    """On one line, as services write it."""
    return json.dumps(document, separators=(",", ":"))


def minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
