"""A REST API that takes a user pool's tokens."""

import re
from collections.abc import Sequence

from aws_cdk import Duration, Names, RemovalPolicy, Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.apis._documents import check_clients, check_exact_origins, documents_function, documents_table
from cognito_proxy.apis._error_answers import CONTENT_TYPE, ERROR_ANSWERS
from cognito_proxy.apis.sealed_token_authorizer import SealedTokenAuthorizer
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.checks import require_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.interceptors.sealed_tokens import SealedTokens
from cognito_proxy.proxies.gateway_answers import add_gateway_answers
from cognito_proxy.proxies.rest_stage import (
    acknowledge_account_role,
    check_stage_name,
    rest_stage,
    warn_of_account_role,
)
from cognito_proxy.proxies.throttle import Throttle

# RFC 6749, 3.3: scope-token.
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,256}")


class CognitoAuthorizedApi(Construct):
    """A regional REST API with `ANY` on the root and on `{proxy+}`, a user pool authorizer, and a function behind it.

    The function greets by given and family name, and keeps small documents of each user in DynamoDB: `GET /`,
    `GET /documents`, and `GET` and `POST /documents/{name}`.

    Which token it takes is API Gateway's rule: "if the OAuth Scopes option isn't specified, API Gateway treats the
    supplied token as an identity token"; with `scopes` it takes an access token that has one of them. Who checks what:

    - The authorizer: signature, expiry, and that the pool is this one. It knows pools and no app clients
      (`providerARNs`), so it takes tokens of any app client of the pool.
    - The function: that `aud` of an ID token, `client_id` of an access token, is one of `user_pool_clients`, and that
      it is the kind of token that is expected.

    An authorizer can match `aud` with a pattern, too (`identityValidationExpression`). None is set: access tokens have
    no `aud`, and a stage keeps the pattern that it was deployed with, so a replaced app client would be shut out.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
    https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
    """

    api: apigateway.RestApi
    """What apps call."""

    stage: apigateway.Stage
    """Its only one."""

    url: str
    """Of the stage, with a slash at the end."""

    authorizer: apigateway.IAuthorizer
    """Of every method but OPTIONS; with `sealed_tokens` the Lambda authorizer."""

    function: lambda_.Function
    """What answers."""

    table: dynamodb.Table
    """The documents: partition key `user` (the claim `sub`), sort key `name`."""

    log_group: logs.ILogGroup
    """The function's."""

    access_log_group: logs.ILogGroup
    """API Gateway's: how each request went, and nothing about who sent it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        user_pool_clients: Sequence[cognito.IUserPoolClient],
        scopes: Sequence[str] = (),
        sealed_tokens: SealedTokens | None = None,
        allowed_origins: Sequence[str] = (),
        throttle: Throttle | None = None,
        stage_name: str = "prod",
        memory_size: int = 512,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        cloud_watch_role: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        """Make the API, its stage, the function and the table.

        Args:
            scope: The parent.
            construct_id: Id within `scope`.
            user_pool: Whose tokens are taken.
            user_pool_clients: App clients of that pool whose tokens are taken, at least one. That of an `AppClient` is
                its `user_pool_client`. Tokens of the pool's other app clients are refused.
            scopes: OAuth scopes of which an access token must have one, each 1 to 256 characters as in RFC 6749. An
                access token has no names to greet by. Default: none, and ID tokens are taken.
            sealed_tokens: Those of the proxy: the API takes sealed access tokens then, and no others. Default: - it
                takes Cognito's own tokens.
            allowed_origins: Exact origins of pages that may call, such as `https://app.example.com`; `*` is refused.
                A preflight carries no token and is answered for these alone. Native apps need none. Default: none.
            throttle: Requests that the stage takes. Default: 100 a second, 200 at once.
            stage_name: 1 to 128 letters, digits, `-` and `_`. Default: `prod`.
            memory_size: Of the function, from 256 to 10,240 MB; more memory is also more CPU. Default: 512.
            log_retention: Of both log groups; they go when the API does. Default: 1 month.
            cloud_watch_role: Make a role that lets API Gateway write logs and set it as the account's for the whole
                Region, which warns; as with a `RegionalProxy`, which may have done it already. The access log needs
                one. Default: False.
            removal_policy: What becomes of the table when it leaves the stack. Default: it stays in the account.

        Raises:
            PropertyError: a property is out of its bounds, an origin is none, or app clients and origins are more than
                fit into the function's settings (4 KB).
        """
        super().__init__(scope, construct_id)
        check_clients(user_pool_clients)
        check_exact_origins(allowed_origins)
        _check_scopes(scopes)
        check_stage_name(stage_name)
        require_between("memory_size", memory_size, 256, 10_240, "MB")
        if cloud_watch_role:
            warn_of_account_role(self)
        self.table = documents_table(self, removal_policy=removal_policy)
        self.function = documents_function(
            self,
            table=self.table,
            clients=user_pool_clients,
            token_uses=["access" if scopes or sealed_tokens is not None else "id"],
            sealed=sealed_tokens is not None,
            allowed_origins=allowed_origins,
            memory_size=memory_size,
            log_retention=log_retention,
        )
        self.log_group = self.function.log_group
        self.access_log_group = logs.LogGroup(
            self, "AccessLogGroup", retention=log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        self.api = self._new_api(throttle or Throttle(), stage_name, cloud_watch_role=cloud_watch_role)
        self.stage = self.api.deployment_stage
        self.url = self.api.url
        kind = apigateway.AuthorizationType.COGNITO
        if sealed_tokens is None:
            self.authorizer = self._of_user_pool(user_pool)
        else:
            # API Gateway asks for scopes where it reads the tokens itself.
            kind, wanted, scopes = apigateway.AuthorizationType.CUSTOM, scopes, ()
            self.authorizer = SealedTokenAuthorizer(
                self,
                "SealedTokenAuthorizer",
                sealed_tokens=sealed_tokens,
                user_pool=user_pool,
                user_pool_clients=user_pool_clients,
                scopes=wanted,
                log_retention=log_retention,
            ).rest
        self._add_methods(kind, scopes, with_preflight=bool(allowed_origins))
        add_gateway_answers(self.api, ERROR_ANSWERS, content_type=CONTENT_TYPE, allowed_origins=allowed_origins)

    def _of_user_pool(self, user_pool: cognito.IUserPool) -> apigateway.CognitoUserPoolsAuthorizer:
        return apigateway.CognitoUserPoolsAuthorizer(
            self,
            "Authorizer",
            cognito_user_pools=[user_pool],
            identity_source=apigateway.IdentitySource.header("Authorization"),
            # Each call is judged by itself: a token ends when it ends, not up to five minutes later.
            results_cache_ttl=Duration.seconds(0),
        )

    def _new_api(self, throttle: Throttle, stage_name: str, *, cloud_watch_role: bool) -> apigateway.RestApi:
        api = apigateway.RestApi(
            self,
            "Api",
            # Metrics are kept by this name, so two APIs of an account must not share it.
            rest_api_name=Names.unique_resource_name(self, max_length=128, separator="-"),
            description="API for users who signed in through the proxy",
            endpoint_configuration=apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]),
            cloud_watch_role=cloud_watch_role,
            deploy_options=rest_stage(stage_name=stage_name, throttle=throttle, access_log_group=self.access_log_group),
        )
        # An output of CDK's own; a construct leaves outputs to the stack.
        api.node.try_remove_child("Endpoint")
        acknowledge(
            api,
            {
                "APIG2": "The function reads and checks every request itself, and says what is wrong with it.",
                "APIG3": "The authorizer refuses whoever has no token. A web ACL can be put in front of the stage.",
                "APIG6": "Execution logs would hold tokens and documents; the access log is on.",
            },
        )
        acknowledge_account_role(api)
        return api

    def _add_methods(self, kind: apigateway.AuthorizationType, scopes: Sequence[str], *, with_preflight: bool) -> None:
        integration = apigateway.LambdaIntegration(self.function, proxy=True, allow_test_invoke=False)
        for resource in (self.api.root, self.api.root.add_resource("{proxy+}")):
            method = resource.add_method(
                "ANY",
                integration,
                authorization_type=kind,
                authorizer=self.authorizer,
                authorization_scopes=list(scopes) or None,
            )
            if kind is apigateway.AuthorizationType.CUSTOM:
                acknowledge(method, {"COG4": "The Lambda authorizer opens what the user pool's own cannot read."})
            if with_preflight:
                # Answered by the function, which compares origins as a whole. CDK's own preflight compares them as
                # regular expressions, in which a dot stands for any character.
                method = resource.add_method(
                    "OPTIONS", integration, authorization_type=apigateway.AuthorizationType.NONE
                )
                reason = "Browsers send no token with a preflight; the function answers it, and does nothing else then."
                acknowledge(method, {"APIG4": reason, "COG4": reason})


def _check_scopes(scopes: Sequence[str]) -> None:
    if isinstance(scopes, str):
        raise PropertyError(f"scopes: {scopes!r} is one text; give a list of scopes, such as [{scopes!r}]")
    for scope in scopes:
        if not Token.is_unresolved(scope) and _SCOPE.fullmatch(scope) is None:
            raise PropertyError(f"scopes: {scope!r} is no OAuth scope; allowed are 1 to 256 characters as in RFC 6749")
