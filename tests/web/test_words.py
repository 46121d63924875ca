"""The page's words for errors: there are some for each that can come."""

import ast
import json
import subprocess
from functools import cache
from typing import Any

import botocore.session
import pytest

from local.paths import BIN, ROOT

WEB = ROOT / "web" / "src"
PUBLIC = "none"


def node(program: str) -> Any:
    """What a module prints as JSON; it imports the page's own by relative paths."""
    finished = subprocess.run(
        [BIN / "node", "--input-type=module", "-e", program],
        cwd=WEB,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@cache
def texts() -> dict[str, Any]:
    return dict(node('import { TEXTS } from "./errors.js"; console.log(JSON.stringify(TEXTS))'))


def described(name: str, message: str = "") -> dict[str, str]:
    error = json.dumps({"name": name, "message": message})
    program = f'import {{ described }} from "./errors.js"; console.log(JSON.stringify(described({error})))'
    return dict(node(program))


def cognitos() -> set[str]:
    """The errors of the operations that need no AWS credentials, in Cognito's service model."""
    model = botocore.session.get_session().get_service_model("cognito-idp")
    operations = (model.operation_model(name) for name in model.operation_names)
    return {error.name for operation in operations if operation.auth_type == PUBLIC for error in operation.error_shapes}


def proxys() -> set[str]:
    """The `type` of each class in the proxy's errors."""
    module = ast.parse((ROOT / "lambda" / "proxy" / "errors.py").read_text(encoding="utf-8"))
    return {
        node.value.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "type"
        and isinstance(node.value, ast.Constant)
    }


@pytest.mark.proves("page-errors-readable", oracle="botocore")
def test_every_error_of_cognitos_model_has_words() -> None:
    assert len(cognitos()) > 40
    assert cognitos() - texts().keys() == set()


def test_every_error_of_the_proxy_has_words() -> None:
    assert len(proxys()) > 5
    assert proxys() - texts().keys() == set()


@pytest.mark.parametrize(
    ("name", "message", "words"),
    [
        ("NotAuthorizedException", "Incorrect username or password.", "User name or password is wrong."),
        ("NotAuthorizedException", "Password attempts exceeded", "Too many wrong passwords."),
        ("NotAuthorizedException", "Refresh Token has been revoked", "You are no longer signed in."),
        ("NotAuthorizedException", "Invalid session for the user.", "This took too long."),
        ("NotAuthorizedException", "Unable to verify secret hash for client abc", "The proxy could not prove this app"),
        ("NotAuthorizedException", "something new", "Cognito refused this. It says: something new"),
        ("NotAuthorizedException", "", "Cognito refused this. It says: nothing more"),
        (
            "InvalidPasswordException",
            "Password did not conform: $& too short",
            "Cognito says: Password did not conform: $&",
        ),
        ("ForbiddenException", "Request not allowed.", "The firewall refused this request."),
        ("ForbiddenException", "This origin is not allowed.", "The proxy does not allow pages of this address"),
        ("constructor", "odd", "Something went wrong. The answer was: odd"),
        ("TypeError", "odd", "Something went wrong. The answer was: odd"),
    ],
)
def test_words(name: str, message: str, words: str) -> None:
    said = described(name, message)
    assert words in said["text"]
    assert said["type"] == name


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({}, "config.json: endpoint is missing"),
        ({"endpoint": "https://a.example.com/", "userPoolId": "p", "clientId": ""}, "config.json: clientId is missing"),
        ({"endpoint": "a", "userPoolId": "p", "clientId": "c"}, "config.json: endpoint is no URL"),
    ],
)
def test_wrong_configuration_is_named(document: dict[str, str], error: str) -> None:
    program = """import { readConfig } from "./config.js";
    try { readConfig(%s); console.log("null"); } catch (error) { console.log(JSON.stringify(error.message)); }"""
    assert node(program % json.dumps(document)) == error


def test_apis_are_those_that_the_configuration_names() -> None:
    document = {
        "endpoint": "https://a.example.com/",
        "userPoolId": "p",
        "clientId": "c",
        "httpApiUrl": "https://b.example.com",
    }
    program = 'import { readConfig } from "./config.js"; console.log(JSON.stringify(readConfig(%s).apis))'
    assert node(program % json.dumps(document)) == [
        {"id": "http", "name": "HTTP API", "url": "https://b.example.com", "token": "accessToken"}
    ]
