"""What the tests of the edge simulator share: the sample template, an event, and handlers written as modules."""

import copy
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.simulators.cloudfront import Behaviour, ViewerCopies, mapping_resolver, read_behaviour
from local.simulators.cloudfront.event import Event, build_event
from local.simulators.cloudfront.viewer import origin_headers
from local.simulators.common.http import HttpRequest

RESOLVER = mapping_resolver({"AWS::Region": "us-east-1", "PoolRegion": "eu-west-1"})
ORIGIN_DOMAIN = "cognito-idp.eu-west-1.amazonaws.com"
TEMPLATE: dict[str, Any] = json.loads((Path(__file__).parent / "template.json").read_text(encoding="utf-8"))


def sample_template() -> dict[str, Any]:
    """The sample, to be changed at will."""
    return copy.deepcopy(TEMPLATE)


def distribution_config(template: dict[str, Any]) -> dict[str, Any]:
    """The part of the sample that most tests change."""
    config: dict[str, Any] = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    return config


def sample_behaviour(template: dict[str, Any] | None = None) -> Behaviour:
    """The behaviour of a template, or of the sample."""
    return read_behaviour(TEMPLATE if template is None else template, RESOLVER)


def viewer_request(**changes: Any) -> HttpRequest:
    """A sign-in as a browser sends it."""
    values: dict[str, Any] = {
        "client_ip": "203.0.113.178",
        "method": "POST",
        "path": "/",
        "headers": (
            ("Host", "d111111abcdef8.cloudfront.net"),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp"),
            ("Content-Length", "2"),
        ),
        "body": b"{}",
    }
    return HttpRequest(**{**values, **changes})


def sample_event(viewer: HttpRequest | None = None, *, copies: ViewerCopies = ViewerCopies.HIDDEN) -> Event:
    """The event that the sample's distribution makes of a request."""
    behaviour = sample_behaviour()
    viewer = viewer or viewer_request()
    headers = origin_headers(
        viewer,
        policy=behaviour.origin_request_policy,
        origin=behaviour.origin,
        copies=copies,
        edge_host="edge.cloudfront.net",
    )
    return build_event(
        viewer,
        headers=headers,
        querystring=viewer.query,
        origin=behaviour.origin,
        include_body=True,
        distribution=("EDFDVBD6EXAMPLE", "d111111abcdef8.cloudfront.net"),
        request_id="4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
    )


def handler_source(body: str) -> str:
    """A handler that does something to the request, and returns it unless the body returns something else."""
    lines = [
        "import base64, json, os, sys, time",
        "def handler(event, context):",
        "    config = event['Records'][0]['cf']['config']",
        "    request = event['Records'][0]['cf']['request']",
        "    custom = request['origin']['custom']",
        *(f"    {line}" for line in body.splitlines()),
        "    return request",
    ]
    return "\n".join(lines) + "\n"


def write_handler(folder: Path, body: str) -> Path:
    """An asset with one handler, `subject.handler`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "subject.py").write_text(handler_source(body), encoding="utf-8")
    return folder


def load_handler(folder: Path) -> Callable[[Any, Any], Any]:
    """The handler of such an asset, imported into this process."""
    spec = importlib.util.spec_from_file_location("subject", folder / "subject.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[Any, Any], Any] = module.handler
    return handler
