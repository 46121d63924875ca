"""One route of an HTTP API, and what a token must hold for it."""

import re
from dataclasses import dataclass

from aws_cdk import aws_apigatewayv2 as apigatewayv2

from cognito_proxy.common.property_error import PropertyError

SIGN_IN_SCOPE = "aws.cognito.signin.user.admin"
"""What every access token holds that came by the user pools API, and so through the proxy; it holds no other scope,
unless a pre token generation trigger adds some. Scopes of a resource server come by OAuth 2.0 only ("To generate an
access token with custom scopes, you must request it through your user pool public endpoints").
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
"""

MAX_SCOPES = 10
"""Of a route: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

GREEDY = "{proxy+}"

_SEGMENT = r"[A-Za-z0-9._~$-]+|\{[A-Za-z0-9._-]+\}"
_PATH = re.compile(rf"/|(/({_SEGMENT}))*/({_SEGMENT}|\{{proxy\+\}})")
# RFC 6749, section 3.3.
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


@dataclass(frozen=True, kw_only=True)
class ApiRoute:
    """A route, such as `GET /{proxy+}`. Of several that match a call, API Gateway takes the most specific one.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html

    Raises:
        PropertyError: the path is none, or the scopes are none, too many or no scopes.
    """

    path: str
    """Begins with `/`; `/{proxy+}` is every path but the root."""

    method: apigatewayv2.HttpMethod = apigatewayv2.HttpMethod.ANY
    """`ANY` is every method without a route of its own for this path. Default: ANY."""

    scopes: tuple[str, ...] = (SIGN_IN_SCOPE,)
    """A token needs one of these, from 1 to 10. Without any, API Gateway would take ID tokens, too. Default: the scope
    of users who signed in through the proxy."""

    def __post_init__(self) -> None:
        if _PATH.fullmatch(self.path) is None:
            raise PropertyError(f"path must begin with / and end without one, such as /{GREEDY}, not {self.path!r}")
        if isinstance(self.scopes, str):
            raise PropertyError(f"scopes: {self.scopes!r} is one text; give several in brackets: ({self.scopes!r},)")
        if not 1 <= len(self.scopes) <= MAX_SCOPES:
            raise PropertyError(f"scopes must be from 1 to {MAX_SCOPES} for {self.path}, not {len(self.scopes)}")
        for scope in self.scopes:
            if _SCOPE.fullmatch(scope) is None:
                raise PropertyError(f"scopes: {scope!r} of {self.path} is not a scope; it has no space, quote or \\")
