"""The edge of the deployed distribution: the simulator, with what the emulator holds behind it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.errors import LocalRunError
from local.simulators.cloudfront import Behaviour, EdgeConfig, EdgeServer, Resolver, read_behaviour
from local.simulators.common.http import Firewall
from local.simulators.common.journal import Journal
from local.simulators.common.root_client import ACCOUNT_ID

_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
_ROLE_SESSION_SECONDS = 12 * 3600


class EdgeFront:
    """CloudFront and Lambda@Edge for the one distribution of a stack.

    The function is the packaged asset. It runs with the credentials of its synthesized role, which the emulator
    checks, and with the two variables that lead it to the emulator's Secrets Manager and, for calls that it makes
    itself, to `upstream`. What it lets through goes to `upstream` with the Host header that Cognito knows.
    """

    path = "/"

    def __init__(
        self,
        *,
        emulator: Emulator,
        assembly: Assembly,
        stack: DeployedStack,
        upstream: str,
        journal: Journal,
        log_file: Path,
        firewall: Firewall | None = None,
        variables: Mapping[str, str] | None = None,
        further_origins: Mapping[str, str] | None = None,
    ) -> None:
        """Read the distribution. Raises EdgeSimulatorError for what CloudFront refuses or the simulator does not know,
        and LocalRunError when a part is missing."""
        self.log_files: tuple[Path, ...] = (log_file,)
        log_file.unlink(missing_ok=True)
        behaviour = read_behaviour(stack.template, stack_resolver(emulator, stack))
        self.server = EdgeServer(
            EdgeConfig(
                behaviour=behaviour,
                asset=_asset(assembly, stack, behaviour, inline_dir=log_file.parent / "edge-function"),
                origins={behaviour.origin.domain_name: upstream, **(further_origins or {})},
                credentials=_credentials(emulator, stack, behaviour),
                extras={
                    "AWS_ENDPOINT_URL_SECRETS_MANAGER": emulator.endpoint,
                    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": upstream,
                    **(variables or {}),
                },
                firewall=firewall,
                journal=journal,
                log_file=log_file,
            )
        )

    def web_application(self) -> web.Application:
        """The application to serve."""
        return self.server.web_application()


def stack_resolver(emulator: Emulator, stack: DeployedStack) -> Resolver:
    """Gives what a template's references are in the deployed stack, as AWS would have them."""
    pseudo_parameters = {
        "AWS::AccountId": ACCOUNT_ID,
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }

    def look_up(logical_id: str, attribute: str | None) -> Any:
        if attribute is not None:
            raise KeyError(attribute)
        if logical_id in pseudo_parameters:
            return pseudo_parameters[logical_id]
        physical_id = stack.physical_ids[logical_id]
        if stack.template["Resources"][logical_id]["Type"] != _SECRET:
            return physical_id
        # The emulator's name of a secret, where AWS has its ARN.
        secrets = emulator.client("secretsmanager", region=stack.region)
        return secrets.describe_secret(SecretId=physical_id)["ARN"]

    return look_up


def _asset(assembly: Assembly, stack: DeployedStack, behaviour: Behaviour, *, inline_dir: Path) -> Path:
    """The folder that is packed as the function's code; code that stands in the template is written to `inline_dir`."""
    code = stack.template["Resources"][behaviour.function.logical_id]["Properties"]["Code"]
    if "ZipFile" in code:
        inline_dir.mkdir(parents=True, exist_ok=True)
        (inline_dir / "index.py").write_text(code["ZipFile"], encoding="utf-8")
        return inline_dir
    for asset in assembly.stack(stack.name).assets:
        if asset.key == code.get("S3Key"):
            return asset.path
    raise LocalRunError(f"stack {stack.name}: the assembly has no asset for {behaviour.function.logical_id}")


def _credentials(emulator: Emulator, stack: DeployedStack, behaviour: Behaviour) -> dict[str, str]:
    role = behaviour.function.role_logical_id
    if role is None:
        raise LocalRunError(f"stack {stack.name}: the role of {behaviour.function.logical_id} is not in it")
    answer = emulator.client("sts", region=stack.region).assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{stack.physical_ids[role]}",
        RoleSessionName=f"{stack.region}.{stack.physical_ids[behaviour.function.logical_id]}"[:64],
        DurationSeconds=_ROLE_SESSION_SECONDS,
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }
