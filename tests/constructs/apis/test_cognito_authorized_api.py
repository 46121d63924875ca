"""CognitoAuthorizedApi: the least one can write, everything set, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import CognitoAuthorizedApi, PropertyError
from cognito_proxy.apis._documents import PARTITION_KEY, SORT_KEY
from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from sample_api import documents, handler
from sample_api.settings import Settings, parse_settings
from tests.constructs.synthesized import joined, new_stack, only, statements

METHOD = "AWS::ApiGateway::Method"
AUTHORIZER = "AWS::ApiGateway::Authorizer"
RESPONSE = "AWS::ApiGateway::GatewayResponse"
STAGE = "AWS::ApiGateway::Stage"
FUNCTION = {"Properties": {"Handler": "sample_api.handler.handler"}}
ORIGIN = "https://app.example.com"


def api(**properties: Any) -> tuple[Stack, CognitoAuthorizedApi]:
    stack = new_stack()
    given = {
        "user_pool": cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_AbCdEf123"),
        "user_pool_clients": [cognito.UserPoolClient.from_user_pool_client_id(stack, "Client", "4h7example")],
    }
    return stack, CognitoAuthorizedApi(stack, "Rest", **(given | properties))


def methods(template: Template) -> dict[tuple[str, str], dict[str, Any]]:
    """By path and verb."""
    paths = {
        name: f"/{resource['Properties']['PathPart']}"
        for name, resource in template.find_resources("AWS::ApiGateway::Resource").items()
    }
    found = {}
    for method in template.find_resources(METHOD).values():
        properties = method["Properties"]
        path = paths.get(properties["ResourceId"].get("Ref", ""), "/")
        found[path, properties["HttpMethod"]] = properties
    return found


def settings_of(template: Template) -> Settings:
    """As the function reads them."""
    (function,) = template.find_resources("AWS::Lambda::Function", FUNCTION).values()
    variables = function["Properties"]["Environment"]["Variables"]
    assert list(variables) == [handler.SETTINGS]
    return parse_settings(joined(variables[handler.SETTINGS]))


@pytest.mark.proves("rest-any-authorized")
def test_every_method_of_every_path_needs_a_token(least_authorized_api: Template) -> None:
    (authorizer,) = least_authorized_api.find_resources(AUTHORIZER)
    found = methods(least_authorized_api)
    assert set(found) == {("/", "ANY"), ("/{proxy+}", "ANY")}
    for method in found.values():
        assert (method["AuthorizationType"], method["AuthorizerId"]) == ("COGNITO_USER_POOLS", {"Ref": authorizer})
        assert method["Integration"]["Type"] == "AWS_PROXY"
        assert "AuthorizationScopes" not in method


def test_the_authorizer_takes_the_pool_s_tokens_from_the_header_and_keeps_no_result(
    least_authorized_api: Template,
) -> None:
    (pool,) = least_authorized_api.find_resources("AWS::Cognito::UserPool")
    least_authorized_api.has_resource_properties(
        AUTHORIZER,
        {
            "Type": "COGNITO_USER_POOLS",
            "ProviderARNs": [{"Fn::GetAtt": [pool, "Arn"]}],
            "IdentitySource": "method.request.header.Authorization",
            "AuthorizerResultTtlInSeconds": 0,
            # A stage would keep the one that it was deployed with, and shut a replaced app client out.
            "IdentityValidationExpression": Match.absent(),
        },
    )


@pytest.mark.proves("sample-audience")
def test_the_function_is_told_whose_tokens_it_takes_and_of_which_kind(
    least_authorized_api: Template, full_authorized_api: Template
) -> None:
    (client,) = least_authorized_api.find_resources("AWS::Cognito::UserPoolClient")
    (table,) = least_authorized_api.find_resources("AWS::DynamoDB::Table")
    assert settings_of(least_authorized_api) == Settings(
        table=f"<{table}>",
        client_ids=frozenset({f"<{client}>"}),
        token_uses=frozenset({"id"}),
        allowed_origins=frozenset(),
    )
    full = settings_of(full_authorized_api)
    assert full.client_ids == {"4h7example", "5i8example"}
    assert full.token_uses == {"access"}
    assert full.allowed_origins == {ORIGIN, "capacitor://localhost"}


def test_with_scopes_each_method_wants_an_access_token_that_has_one(full_authorized_api: Template) -> None:
    scopes = {key: method.get("AuthorizationScopes") for key, method in methods(full_authorized_api).items()}
    wanted = ["documents/read", "documents/write"]
    assert scopes == {
        ("/", "ANY"): wanted,
        ("/{proxy+}", "ANY"): wanted,
        ("/", "OPTIONS"): None,
        ("/{proxy+}", "OPTIONS"): None,
    }


@pytest.mark.proves("sample-cors")
def test_a_preflight_needs_no_token_and_the_function_answers_it(full_authorized_api: Template) -> None:
    found = methods(full_authorized_api)
    for path in ("/", "/{proxy+}"):
        assert found[path, "OPTIONS"]["AuthorizationType"] == "NONE"
        assert found[path, "OPTIONS"]["Integration"] == found[path, "ANY"]["Integration"]


def test_the_role_reads_and_writes_single_items_and_its_log_and_that_is_all(least_authorized_api: Template) -> None:
    (table,) = least_authorized_api.find_resources("AWS::DynamoDB::Table")
    log_groups = least_authorized_api.find_resources("AWS::Logs::LogGroup")
    (log_group,) = (name for name in log_groups if name.startswith("RestLogGroup"))
    assert statements(least_authorized_api, "RestRoleDefaultPolicy") == [
        {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [log_group, "Arn"]},
        },
        {
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [table, "Arn"]},
        },
    ]
    roles = least_authorized_api.find_resources("AWS::IAM::Role")
    (role,) = (role for name, role in roles.items() if name.startswith("RestRole"))
    assert "ManagedPolicyArns" not in role["Properties"]


def test_the_table_has_the_keys_that_the_function_writes(least_authorized_api: Template) -> None:
    assert (PARTITION_KEY, SORT_KEY) == (documents.PARTITION_KEY, documents.SORT_KEY)
    least_authorized_api.has_resource(
        "AWS::DynamoDB::Table",
        {
            "Properties": {
                "KeySchema": [
                    {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
                    {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            },
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_everything_set_reaches_stage_table_and_logs(full_authorized_api: Template) -> None:
    stage = only(full_authorized_api, STAGE)["Properties"]
    (settings,) = stage["MethodSettings"]
    assert stage["StageName"] == "live"
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (7.5, 9)
    assert only(full_authorized_api, "AWS::DynamoDB::Table")["DeletionPolicy"] == "Delete"
    groups = full_authorized_api.find_resources("AWS::Logs::LogGroup").values()
    assert [group["Properties"]["RetentionInDays"] for group in groups] == [7, 7]
    full_authorized_api.resource_count_is("AWS::ApiGateway::Account", 1)


def test_least_throttles_logs_no_body_and_leaves_the_account_s_role_alone(least_authorized_api: Template) -> None:
    stage = only(least_authorized_api, STAGE)["Properties"]
    (settings,) = stage["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (100, 200)
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"]) == ("OFF", False)
    assert "$context.status" in json.loads(stage["AccessLogSetting"]["Format"]).values()
    least_authorized_api.resource_count_is("AWS::ApiGateway::Account", 0)
    assert least_authorized_api.find_outputs("*") == {}


def test_the_function_says_the_headers_of_all_answers() -> None:
    said = {name.lower(): value for name, value in ANSWER_HEADERS.items()}
    assert said | {"content-type": "application/json"} == handler.ANSWER_HEADERS


EXPECTED = {
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "UNAUTHORIZED": "401",
    "ACCESS_DENIED": "403",
    "AUTHORIZER_FAILURE": "500",
    "AUTHORIZER_CONFIGURATION_ERROR": "500",
    "MISSING_AUTHENTICATION_TOKEN": "404",
    "THROTTLED": "429",
    "WAF_FILTERED": "403",
    "REQUEST_TOO_LARGE": "413",
    "INTEGRATION_TIMEOUT": "504",
    "INTEGRATION_FAILURE": "502",
}


def test_what_api_gateway_answers_has_the_shape_of_the_function_s_errors(full_authorized_api: Template) -> None:
    found = [response["Properties"] for response in full_authorized_api.find_resources(RESPONSE).values()]
    assert {response["ResponseType"]: response.get("StatusCode") for response in found} == EXPECTED
    for response in found:
        (body,) = response["ResponseTemplates"].values()
        assert list(json.loads(body)) == ["error"]
        assert "$" not in body
        said = {name.removeprefix("gatewayresponse.header."): v for name, v in response["ResponseParameters"].items()}
        assert said.items() >= {"Content-Type": "'application/json'", "Cache-Control": "'no-store'"}.items()


@pytest.mark.parametrize(
    ("origins", "allowed", "vary"),
    [
        ([], None, None),
        ([ORIGIN], f"'{ORIGIN}'", "'Origin'"),
        ([ORIGIN, "capacitor://localhost"], "'*'", None),
    ],
)
@pytest.mark.proves("sample-cors-gateway")
def test_pages_can_read_what_api_gateway_answers(origins: list[str], allowed: str | None, vary: str | None) -> None:
    stack, _ = api(allowed_origins=origins)
    for response in Template.from_stack(stack).find_resources(RESPONSE).values():
        headers = response["Properties"]["ResponseParameters"]
        assert headers.get("gatewayresponse.header.Access-Control-Allow-Origin") == allowed
        assert headers.get("gatewayresponse.header.Vary") == vary
        assert "gatewayresponse.header.Access-Control-Allow-Credentials" not in headers


def test_exposes_where_apps_find_it() -> None:
    stack, made = api()
    template = Template.from_stack(stack)
    ((rest_api, _),) = template.find_resources("AWS::ApiGateway::RestApi").items()
    ((stage, _),) = template.find_resources(STAGE).items()
    assert joined(stack.resolve(made.url)).startswith(f"https://<{rest_api}>.execute-api.eu-west-1.")
    assert stack.resolve(made.stage.stage_name) == {"Ref": stage}
    ((authorizer, _),) = template.find_resources(AUTHORIZER).items()
    assert stack.resolve(made.authorizer.authorizer_id) == {"Ref": authorizer}
    ((table, _),) = template.find_resources("AWS::DynamoDB::Table").items()
    assert stack.resolve(made.table.table_name) == {"Ref": table}
    groups = set(template.find_resources("AWS::Logs::LogGroup"))
    told = {stack.resolve(group.log_group_name)["Ref"] for group in (made.log_group, made.access_log_group)}
    assert told == groups


def test_least_warns_of_nothing_and_the_account_s_role_is_warned_of() -> None:
    stack, _ = api()
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []
    stack, _ = api(cloud_watch_role=True)
    Annotations.from_stack(stack).has_warning(
        "/Stack/Rest", Match.string_like_regexp(".*@cognito-proxy:apiGatewayAccountRole.*")
    )


MANY_ORIGINS = [f"https://app{number}.example.com" for number in range(200)]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"user_pool_clients": []}, "user_pool_clients must be at least 1 app client, not 0"),
    ({"allowed_origins": ["*"]}, r"allowed_origins: '\*' is not for an API that answers with users' own data"),
    ({"allowed_origins": ["https://a.example/"]}, "allowed_origins: 'https://a.example/' is not an origin"),
    ({"allowed_origins": ORIGIN}, "allowed_origins: 'https://app.example.com' is one text"),
    ({"allowed_origins": MANY_ORIGINS}, "user_pool_clients and allowed_origins must fit into 4,096 bytes of settings"),
    ({"scopes": "documents/read"}, "scopes: 'documents/read' is one text"),
    ({"scopes": ["documents read"]}, "scopes: 'documents read' is no OAuth scope"),
    ({"scopes": [""]}, "scopes: '' is no OAuth scope"),
    ({"stage_name": "a/b"}, "stage_name must be 1 to 128 letters, digits, - or _, not 'a/b'"),
    ({"memory_size": 128}, "memory_size must be from 256 to 10,240 MB, not 128"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_refuses(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        api(**properties)


def test_values_that_are_known_at_deploy_time_only_pass() -> None:
    value = Token.as_string({"Ref": "Parameter"})
    stack, _ = api(allowed_origins=[value], scopes=[value])
    assert settings_of(Template.from_stack(stack)).allowed_origins == {"<Parameter>"}


def test_origins_that_may_get_too_long_at_deploy_time_are_counted_so() -> None:
    with pytest.raises(PropertyError, match="14 origins can need"):
        api(allowed_origins=[Token.as_string({"Ref": f"Parameter{number}"}) for number in range(14)])


def test_two_apis_of_a_stack_have_different_names() -> None:
    stack, _ = api()
    pool = cognito.UserPool.from_user_pool_id(stack, "Other", "eu-west-1_AbCdEf123")
    client = cognito.UserPoolClient.from_user_pool_client_id(stack, "OtherClient", "4h7example")
    CognitoAuthorizedApi(stack, "Second", user_pool=pool, user_pool_clients=[client])
    found = Template.from_stack(stack).find_resources("AWS::ApiGateway::RestApi").values()
    assert len({resource["Properties"]["Name"] for resource in found}) == 2
