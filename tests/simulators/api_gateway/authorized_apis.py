"""A cloud assembly written by hand: a user pool, and a REST and an HTTP API that ask for its tokens.

Both are before one function, which tells what reached it. It needs no CDK, so what is tested with it is the local run
alone.
"""

import json
from pathlib import Path
from typing import Any

from tests.local.tiny_assembly import get_att, tiny_template, write_assembly

APIS = "Apis"
"""Name of the stack with both APIs. The one before it has the pool."""

SCOPE = "aws.cognito.signin.user.admin"
"""The one scope of access tokens that a sign-in without a page gets (Cognito Developer Guide, "Understanding the access
token")."""

ORIGIN = "https://app.example.com"

_BUCKET = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
_INVOCATION = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"

_FUNCTION = '''
"""Tells what reached it, in either format of events."""
import json


def handler(event, context):
    seen = {
        "authorizer": event["requestContext"].get("authorizer"),
        "path": event.get("rawPath") or event.get("path"),
        "headers": {name.lower(): value for name, value in event["headers"].items()},
    }
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(seen)}
'''


def write_authorized_apis(folder: Path) -> Path:
    """Write both stacks."""
    write_assembly(folder, _pool_template())
    source = folder / "asset.seen"
    source.mkdir()
    (source / "seen.py").write_text(_FUNCTION)
    destination = {"bucketName": _BUCKET["Fn::Sub"], "objectKey": "seen.zip"}
    files = {"seen": {"source": {"path": source.name, "packaging": "zip"}, "destinations": {"here": destination}}}
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"][APIS] = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": f"{APIS}.template.json"},
        "dependencies": ["Tiny", f"{APIS}.assets"],
    }
    manifest["artifacts"][f"{APIS}.assets"] = {
        "type": "cdk:asset-manifest",
        "properties": {"file": f"{APIS}.assets.json"},
    }
    (folder / f"{APIS}.template.json").write_text(json.dumps(_apis_template()))
    (folder / f"{APIS}.assets.json").write_text(json.dumps({"files": files}))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def _pool_template() -> dict[str, Any]:
    template = tiny_template()
    exported = {"Pool": {"Ref": "Pool"}, "PoolArn": get_att("Pool", "Arn"), "Client": {"Ref": "PublicClient"}}
    for name, value in exported.items():
        template["Outputs"][f"Exported{name}"] = {"Value": value, "Export": {"Name": f"Tiny{name}"}}
    template["Resources"] |= {
        "OtherClient": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]},
        },
        "OtherPool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
    }
    template["Outputs"]["OtherClientId"] = {"Value": {"Ref": "OtherClient"}}
    template["Outputs"]["OtherPoolId"] = {"Value": {"Ref": "OtherPool"}}
    return template


def _apis_template() -> dict[str, Any]:
    return {
        "Resources": {**_function(), **_rest_api(), **_http_api()},
        "Outputs": {
            "RestApiUrl": {"Value": {"Fn::Sub": "https://${Rest}.execute-api.${AWS::Region}.amazonaws.com/v1/"}},
            "HttpApiUrl": {"Value": {"Fn::Sub": "https://${Http}.execute-api.${AWS::Region}.amazonaws.com/"}},
        },
    }


def _function() -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "seen.handler",
                "Role": get_att("Role", "Arn"),
                "Code": {"S3Bucket": _BUCKET, "S3Key": "seen.zip"},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": get_att("Function", "Arn"),
                "Principal": "apigateway.amazonaws.com",
            },
        },
    }


def _rest_api() -> dict[str, Any]:
    protected = {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": {"Ref": "RestAuthorizer"}}
    open_to_all = {"AuthorizationType": "NONE"}
    root = get_att("Rest", "RootResourceId")
    below = {name: {"Ref": f"Rest{name}"} for name in ("Proxy", "Scoped", "Open")}
    methods = {
        "RestRootAny": _method(root, "ANY", protected),
        "RestProxyAny": _method(below["Proxy"], "ANY", protected),
        "RestScopedGet": _method(below["Scoped"], "GET", {**protected, "AuthorizationScopes": [SCOPE]}),
        "RestOpenGet": _method(below["Open"], "GET", open_to_all),
    }
    return {
        "Rest": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "authorized"}},
        "RestAuthorizer": {
            "Type": "AWS::ApiGateway::Authorizer",
            "Properties": {
                "Name": "pool",
                "Type": "COGNITO_USER_POOLS",
                "RestApiId": {"Ref": "Rest"},
                "IdentitySource": "method.request.header.Authorization",
                "IdentityValidationExpression": {"Fn::ImportValue": "TinyClient"},
                "ProviderARNs": [{"Fn::ImportValue": "TinyPoolArn"}],
            },
        },
        "RestProxy": _resource("{proxy+}"),
        "RestScoped": _resource("scoped"),
        "RestOpen": _resource("open"),
        **methods,
        "RestDenied": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "Rest"},
                "ResponseType": "DEFAULT_4XX",
                "ResponseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": f"'{ORIGIN}'"},
            },
        },
        "RestDeployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Rest"}},
            "DependsOn": list(methods),
        },
        "RestStage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Rest"},
                "DeploymentId": {"Ref": "RestDeployment"},
                "StageName": "v1",
            },
        },
    }


def _resource(part: str) -> dict[str, Any]:
    return {
        "Type": "AWS::ApiGateway::Resource",
        "Properties": {
            "RestApiId": {"Ref": "Rest"},
            "ParentId": get_att("Rest", "RootResourceId"),
            "PathPart": part,
        },
    }


def _method(resource: dict[str, Any], name: str, access: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Rest"},
            "ResourceId": resource,
            "HttpMethod": name,
            **access,
            "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": _INVOCATION}},
        },
    }


def _http_api() -> dict[str, Any]:
    protected = {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "HttpAuthorizer"}}
    issuer = {"Fn::Sub": ["https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}", {"Pool": _imported("Pool")}]}
    return {
        "Http": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "authorized",
                "ProtocolType": "HTTP",
                "CorsConfiguration": {
                    "AllowOrigins": [ORIGIN],
                    "AllowHeaders": ["authorization", "content-type"],
                    "AllowMethods": ["GET", "POST"],
                },
            },
        },
        "HttpAuthorizer": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "Name": "pool",
                "ApiId": {"Ref": "Http"},
                "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": {"Issuer": issuer, "Audience": [_imported("Client")]},
            },
        },
        "HttpIntegration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": get_att("Function", "Arn"),
                "PayloadFormatVersion": "2.0",
            },
        },
        "HttpRoot": _route("ANY /", protected),
        "HttpProxy": _route("ANY /{proxy+}", protected),
        "HttpScoped": _route("GET /scoped", {**protected, "AuthorizationScopes": [SCOPE]}),
        "HttpOpen": _route("GET /open", {"AuthorizationType": "NONE"}),
        "HttpStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Http"}, "StageName": "$default", "AutoDeploy": True},
        },
    }


def _route(key: str, access: dict[str, Any]) -> dict[str, Any]:
    target = {"Fn::Join": ["/", ["integrations", {"Ref": "HttpIntegration"}]]}
    return {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"ApiId": {"Ref": "Http"}, "RouteKey": key, "Target": target, **access},
    }


def _imported(name: str) -> dict[str, str]:
    return {"Fn::ImportValue": f"Tiny{name}"}
