"""The access log: how each request went, and nothing about who sent it."""

import json

from aws_cdk import aws_apigateway as apigateway

# No address, user agent, path or query: they are personal data, or could be made to carry some. No requestId, either:
# "Clients can override the value in the x-amzn-RequestId header"; the extended one they cannot.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
_FIELDS = {
    "time": "$context.requestTimeEpoch",
    "extendedRequestId": "$context.extendedRequestId",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
    "integrationLatency": "$context.integration.latency",
    "integrationStatus": "$context.integration.integrationStatus",
    "functionStatus": "$context.integration.status",
    "functionRequestId": "$context.integration.requestId",
    "errorResponseType": "$context.error.responseType",
    "wafStatus": "$context.waf.status",
}

_TRACED = {"xrayTraceId": "$context.xrayTraceId"}


def access_log_format(*, tracing: bool = False) -> apigateway.AccessLogFormat:
    """One JSON object a request; with `tracing` it names the trace."""
    return apigateway.AccessLogFormat.custom(json.dumps(_FIELDS | _TRACED if tracing else _FIELDS))
