"""What API Gateway answers by itself, as the deployed API shapes it."""

import json
from collections.abc import Mapping
from typing import Any

from local.simulators.common.http import HttpResponse

_BUILT_IN_TEMPLATE = '{"message":$context.error.messageString}'
_HEADER = "gatewayresponse.header."


class GatewayResponses:
    """The gateway responses of one REST API. Default: API Gateway's own."""

    def __init__(self, configured: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._configured = configured or {}

    @classmethod
    def of_api(cls, apigateway: Any, api_id: str) -> "GatewayResponses":
        """Those that were deployed; `apigateway` is a boto3 client."""
        items = apigateway.get_gateway_responses(restApiId=api_id, limit=500)["items"]
        return cls({item["responseType"]: item for item in items if not item.get("defaultResponse")})

    def answer(self, response_type: str, *, status: int, message: str) -> HttpResponse:
        """The answer of this type. `status` and `message` are what API Gateway uses unless the API says otherwise."""
        family = f"DEFAULT_{status // 100}XX"
        shape = self._configured.get(response_type) or self._configured.get(family) or {}
        template = shape.get("responseTemplates", {}).get("application/json", _BUILT_IN_TEMPLATE)
        headers = {"Content-Type": "application/json"}
        for name, value in shape.get("responseParameters", {}).items():
            # Static values stand in quotes; others are mapped from the request, which no answer of ours needs.
            if name.startswith(_HEADER) and value.startswith("'"):
                headers[name.removeprefix(_HEADER)] = value.strip("'")
        body = template.replace("$context.error.messageString", json.dumps(message))
        return HttpResponse(
            status=int(shape.get("statusCode") or status), headers=tuple(headers.items()), body=body.encode()
        )
