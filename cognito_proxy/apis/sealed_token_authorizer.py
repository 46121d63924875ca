"""A Lambda authorizer for APIs that take sealed access tokens."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property

from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.apis._documents import check_clients
from cognito_proxy.common.assets import token_authorizer_code
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import python_function
from cognito_proxy.interceptors.sealed_tokens import SealedTokens
from cognito_proxy.proxies.settings_document import MAX_ENVIRONMENT_BYTES

_ENVIRONMENT_VARIABLE = "AUTHORIZER_SETTINGS"

# "Lambda function: maximum 10 seconds" for an HTTP API's authorizer; the keys are mostly at hand.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
_TIMEOUT = Duration.seconds(8)

_LONGEST_CLIENT_ID, _LONGEST_ARN, _LONGEST_POOL_ID = 128, 620, 55


class SealedTokenAuthorizer(Construct):
    """Opens a sealed access token, judges it, and hands its claims on to what stands behind the API.

    It asks for the seal, the time, the pool (`iss`), `token_use`, `client_id` and, where they are given, for one of the
    scopes. It does not ask Cognito: as with Cognito's own authorizers, a token that was revoked is taken until it
    expires. Claims reach a REST API's function in `requestContext.authorizer`, an HTTP API's in
    `requestContext.authorizer.lambda`; texts, numbers and booleans as they are, all else as a JSON text.

        authorizer = SealedTokenAuthorizer(
            self, "Authorizer", sealed_tokens=sealed, user_pool=pool, user_pool_clients=[client.user_pool_client]
        )
        rest_api.root.add_method("GET", integration, authorizer=authorizer.rest)
        http_api.add_routes(path="/", integration=integration, authorizer=authorizer.http)

    A REST API answers 401 to a call without a good token, and 403 where a scope is missing. An HTTP API answers 401
    without any token, and 403 to all else.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
    """

    function: lambda_.Function
    """What judges."""

    log_group: logs.ILogGroup
    """The function's: what failed, and nothing about who called."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        sealed_tokens: SealedTokens,
        user_pool: cognito.IUserPool,
        user_pool_clients: Sequence[cognito.IUserPoolClient],
        scopes: Sequence[str] = (),
        route_scopes: Mapping[str, Sequence[str]] | None = None,
        results_cache_ttl: Duration | None = None,
        memory_size: int = 512,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        """Make the function; `rest` and `http` make the authorizers of either kind of API.

        Args:
            scope: The parent, in the Region of `sealed_tokens`.
            construct_id: Id within `scope`.
            sealed_tokens: The keys.
            user_pool: Whose tokens are inside.
            user_pool_clients: App clients of that pool whose tokens are taken, at least one.
            scopes: Of which a token must have one. A token that came through the proxy has
                `aws.cognito.signin.user.admin`. Default: none is asked for.
            route_scopes: Of an HTTP API: the same for single routes, by their keys (`GET /documents`), in place of
                `scopes`. Default: none.
            results_cache_ttl: How long API Gateway keeps a verdict, up to 1 hour; a token is then taken for as long
                after it has expired. Default: 0 seconds, each call is judged by itself.
            memory_size: Of the function, from 256 to 10,240 MB; more memory is also more CPU. Default: 512.
            log_retention: Of its log group, which goes when the authorizer does. Default: 1 month.

        Raises:
            PropertyError: a property is out of its bounds, the settings are more than fit (4 KB), or the native
                packages could not be fetched.
        """
        super().__init__(scope, construct_id)
        check_clients(user_pool_clients)
        self._ttl = results_cache_ttl or Duration.seconds(0)
        require_duration_between("results_cache_ttl", self._ttl, Duration.seconds(0), Duration.hours(1))
        settings = {
            "secret_arn": sealed_tokens.secret.secret_arn,
            "user_pool_id": user_pool.user_pool_id,
            "client_ids": [client.user_pool_client_id for client in user_pool_clients],
            "scopes": list(scopes),
            "route_scopes": {key: list(wanted) for key, wanted in (route_scopes or {}).items()},
        }
        _check_size(settings)
        self.function = python_function(
            self,
            code=token_authorizer_code(sealed_tokens.opening_files()),
            handler="token_authorizer.handler.handler",
            description="Opens sealed access tokens and judges them",
            timeout=_TIMEOUT,
            memory_size=memory_size,
            log_retention=log_retention,
            environment={
                _ENVIRONMENT_VARIABLE: Stack.of(self).to_json_string(
                    {key: value for key, value in settings.items() if value}
                )
            },
        )
        self.log_group = self.function.log_group
        sealed_tokens.grant_read_keys(self.function)

    @cached_property
    def rest(self) -> apigateway.TokenAuthorizer:
        """For methods of one REST API."""
        return apigateway.TokenAuthorizer(
            self,
            "Rest",
            handler=self.function,
            identity_source=apigateway.IdentitySource.header("Authorization"),
            results_cache_ttl=self._ttl,
        )

    @cached_property
    def http(self) -> authorizers.HttpLambdaAuthorizer:
        """For routes of one HTTP API; with the simple answer."""
        # What is kept holds for the route that it was judged for.
        kept_for = ["$context.routeKey"] if self._ttl.to_seconds() else []
        return authorizers.HttpLambdaAuthorizer(
            "SealedTokenAuthorizer",
            self.function,
            identity_source=["$request.header.Authorization", *kept_for],
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            results_cache_ttl=self._ttl,
        )


def _check_size(settings: Mapping[str, object]) -> None:
    text = json.dumps({**settings, "secret_arn": "", "user_pool_id": "", "client_ids": []})
    clients = settings["client_ids"]
    ids = [_longest(each) for each in clients] if isinstance(clients, list) else []
    size = len(_ENVIRONMENT_VARIABLE) + len(text) + len(json.dumps(ids)) + _LONGEST_ARN + _LONGEST_POOL_ID
    if size > MAX_ENVIRONMENT_BYTES:
        raise PropertyError(
            f"user_pool_clients and scopes must fit into {MAX_ENVIRONMENT_BYTES:,} bytes of settings; "
            f"these can need {size:,}"
        )


def _longest(client_id: str) -> str:
    return "x" * _LONGEST_CLIENT_ID if Token.is_unresolved(client_id) else client_id
