"""What `make local` says first: where everything is, and what to do with it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.origins import words_for
from local.outputs import Outputs
from local.paths import nearby
from local.screen.api_lines import NAMES
from local.screen.changes import ChangeLog
from local.simulators.cognito.edge_contract import CONTENT_TYPE
from local.simulators.common.journal import TARGET_PREFIX
from local.simulators.common.root_client import ROOT_KEY

_EXAMPLE_USER = {
    "Username": "alice",
    "Password": "Choose-1-of-your-own",
    "UserAttributes": [{"Name": "email", "Value": "alice@example.com"}],
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the screen."""

    label: str = ""
    """What it is about; empty where the line before has said it."""
    text: str = ""
    is_code: bool = False
    """Whether it is to be copied, and so must stay in one piece."""


def welcome(
    outputs: Outputs,
    *,
    outputs_file: Path,
    allowed_origins: Sequence[str] | None,
    enforcement: Sequence[str],
    changes: ChangeLog,
    oauth_pages: str | None = None,
) -> Iterator[Line]:
    """The lines that follow READY. `allowed_origins` is None where they are not known, `oauth_pages` where the proxy
    serves no OAuth 2.0."""
    yield Line(label="Region", text=outputs.region)
    yield Line(label="User pool", text=outputs.user_pool_id)
    yield Line(label="App client", text=outputs.client_id)
    yield Line(label="Stack", text=f"{outputs.stack} (variant {outputs.variant})")
    for output, url in outputs.samples.items():
        yield Line(label=NAMES.get(output, output), text=url)
    if oauth_pages is not None:
        yield Line(label="OAuth 2.0", text=f"{outputs.endpoint}.well-known/openid-configuration")
        yield Line(text=f"its sign-in pages are a stand-in, {oauth_pages}/, for users who signed up as below")
    yield Line(label="As a file", text=nearby(outputs_file))
    yield Line()
    for label, code in paste_lines(outputs):
        yield Line(label=label)
        yield Line(text=code, is_code=True)
    yield Line(label="Lists and secrets, in another shell")
    yield Line(text=".venv/bin/cognito-proxy ip list --local", is_code=True)
    yield Line(text=".venv/bin/cognito-proxy top --local", is_code=True)
    yield Line(label="Other AWS tools")
    yield Line(text=aws_variables(outputs), is_code=True)
    yield Line()
    if allowed_origins is not None:
        yield Line(label="Pages that may call", text=words_for(allowed_origins))
        yield Line(text='Others: ARGS="-c allowed_origins=http://localhost:1234"')
    yield Line(label="Codes", text="what Cognito would send for sign-up and reset appears below, as it is sent")
    yield Line(label="Enforced here", text="the secret hash, the permissions of the function's role, the firewall")
    if outputs.samples:
        yield Line(
            text="of the samples' APIs: signature, issuer, times, use, audience and scopes of every token; "
            "sealed ones are for the Lambda authorizer"
        )
    for sentence in enforcement:
        yield Line(label="Firewall", text=sentence.removeprefix("firewall: "))
    yield Line(
        label="Rates",
        text="everything on this machine is one address; for more: "
        'ARGS="-c rate_limit=20000 -c sign_up_rate_limit=2000", and likewise '
        "recovery_rate_limit, sign_in_rate_limit, sign_in_attempts_rate_limit",
    )
    yield Line(label="Not here", text="AWS WAF's capacity and delay in counting, Cognito's quotas, TLS, e-mail")
    if outputs.samples:
        yield Line(text="of the samples' APIs: throttling, the access log, a VPC (functions run on this machine)")
    if changes.count:
        yield Line(label="Changed for the emulator", text=f"see {nearby(changes.file)} (VERBOSE=1 prints it)")
    yield Line(label="Stop", text="Ctrl-C")
    yield Line()


def paste_lines(outputs: Outputs) -> tuple[tuple[str, str], ...]:
    """Where to paste, and what: one line each, with this run's values."""
    amplify = (
        f'Amplify.configure({{ Auth: {{ Cognito: {{ userPoolId: "{outputs.user_pool_id}", '
        f'userPoolClientId: "{outputs.client_id}", userPoolEndpoint: "{outputs.endpoint}" }} }} }});'
    )
    sdk = f'new CognitoIdentityProviderClient({{ region: "{outputs.region}", endpoint: "{outputs.endpoint}" }});'
    sign_up = json.dumps({"ClientId": outputs.client_id, **_EXAMPLE_USER}, separators=(",", ":"))
    curl = (
        f"curl {outputs.endpoint} -H 'content-type: {CONTENT_TYPE}' "
        f"-H 'x-amz-target: {TARGET_PREFIX}SignUp' -d '{sign_up}'"
    )
    return (("aws-amplify v6", amplify), ("AWS SDK for JavaScript v3", sdk), ("A shell (alice signs up)", curl))


def aws_variables(outputs: Outputs) -> str:
    """The shell line after which the AWS command line, any SDK and `cognito-proxy` speak to this run."""
    keys = f"AWS_ACCESS_KEY_ID={ROOT_KEY} AWS_SECRET_ACCESS_KEY={ROOT_KEY}"
    where = f"AWS_ENDPOINT_URL={outputs.aws_endpoint_url} AWS_REGION={outputs.stack_region} "
    # boto3 itself knows the one, AWS's other tools know the other.
    where += f"AWS_DEFAULT_REGION={outputs.stack_region} COGNITO_PROXY_STACK={outputs.stack}"
    return f"export {where} {keys}"
