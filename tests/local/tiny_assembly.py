"""A cloud assembly written by hand: a REST API before a function that tells what it got, a user pool and a secret.

It needs no CDK, so what is tested with it is the local run alone.
"""

import json
from pathlib import Path
from typing import Any

STACK = "Tiny"

_INVOCATION = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"

_FUNCTION = '''
"""Tells what reached it; `x-test-answer` holds headers that it is to answer with."""
import base64
import json
import os
import time


def handler(event, context):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    print("handled", event["httpMethod"])
    time.sleep(float(headers.get("x-test-sleep", "0")))
    body = event["body"] or ""
    if event["isBase64Encoded"]:
        body = base64.b64decode(body).decode()
    seen = {
        "headers": headers,
        "body": body,
        "path": event["path"],
        "query": event["queryStringParameters"],
        "source_ip": event["requestContext"]["identity"]["sourceIp"],
        "environment": dict(os.environ),
        "cwd": os.getcwd(),
    }
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json", **json.loads(headers.get("x-test-answer", "{}"))},
        "body": json.dumps(seen),
    }
'''


def get_att(name: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def tiny_template() -> dict[str, Any]:
    method = {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "ResourceId": get_att("Api", "RootResourceId"),
            "HttpMethod": "ANY",
            "AuthorizationType": "NONE",
            "Integration": {
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Sub": _INVOCATION},
            },
        },
    }
    return {
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
            "Client": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": {
                    "UserPoolId": {"Ref": "Pool"},
                    "GenerateSecret": True,
                    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                },
            },
            "PublicClient": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": {
                    "UserPoolId": {"Ref": "Pool"},
                    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                },
            },
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}},
            "IpSet": {"Type": "AWS::WAFv2::IPSet", "Properties": {}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ]
                    }
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "echo.handler",
                    "Timeout": 30,
                    "Role": get_att("Role", "Arn"),
                    "Environment": {"Variables": {"SECRET_ARN": {"Ref": "Secret"}}},
                    "Code": {
                        "S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
                        "S3Key": "echo.zip",
                    },
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
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "tiny", "BinaryMediaTypes": ["*/*"]}},
            "Method": method,
            "Deployment": {
                "Type": "AWS::ApiGateway::Deployment",
                "Properties": {"RestApiId": {"Ref": "Api"}},
                "DependsOn": ["Method"],
            },
            "Stage": {
                "Type": "AWS::ApiGateway::Stage",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "DeploymentId": {"Ref": "Deployment"},
                    "StageName": "prod",
                },
            },
        },
        "Outputs": {
            "ProxyEndpoint": {"Value": {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/prod/"}},
            "Region": {"Value": {"Ref": "AWS::Region"}},
            "UserPoolId": {"Value": {"Ref": "Pool"}},
            "AppClientId": {"Value": {"Ref": "Client"}},
            "PublicClientId": {"Value": {"Ref": "PublicClient"}},
            "SecretArn": {"Value": {"Ref": "Secret"}},
        },
    }


def write_assembly(folder: Path, template: dict[str, Any], *, stack: str = STACK) -> Path:
    """Write what synth would write: manifest, asset manifest, template and the function's folder."""
    source = folder / "asset.echo"
    source.mkdir(parents=True)
    (source / "echo.py").write_text(_FUNCTION)
    destination = {
        "bucketName": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}",
        "objectKey": "echo.zip",
    }
    template_file = f"{stack}.template.json"
    files = {
        "echo": {"source": {"path": source.name, "packaging": "zip"}, "destinations": {"here": destination}},
        "template": {
            "source": {"path": template_file, "packaging": "file"},
            "destinations": {"here": {**destination, "objectKey": "template.json"}},
        },
    }
    artifacts = {
        stack: {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": template_file},
            "dependencies": [f"{stack}.assets"],
        },
        f"{stack}.assets": {"type": "cdk:asset-manifest", "properties": {"file": f"{stack}.assets.json"}},
    }
    (folder / template_file).write_text(json.dumps(template))
    (folder / f"{stack}.assets.json").write_text(json.dumps({"files": files}))
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder
