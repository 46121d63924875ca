"""The edge of the deployed distribution: the simulator, with what the emulator holds behind it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.errors import LocalRunError
from local.simulators.cloudfront import (
    Answer,
    Behaviour,
    EdgeConfig,
    EdgeServer,
    Resolver,
    ViewerRequest,
    read_behaviour,
)
from local.simulators.cloudfront import Firewall as EdgeFirewall
from local.simulators.common.http import DefaultBlock, Firewall, HttpRequest, HttpResponse, TurnedAway
from local.simulators.common.journal import Journal
from local.simulators.common.root_client import ACCOUNT_ID

_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
_ROLE_SESSION_SECONDS = 12 * 3600

# What CloudFront answers for a web ACL that blocks without a response of its own.
_BLOCKED_HEADERS = (("Content-Type", "text/html"),)
_BLOCKED_BODY = b"<h1>403 ERROR</h1>Request blocked.\n"


@dataclass(frozen=True, kw_only=True)
class _Block(Answer):
    """An answer of the firewall's."""

    turned_away: TurnedAway | None


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
    ) -> None:
        """Read the distribution. Raises EdgeSimulatorError for what CloudFront refuses or the simulator does not know,
        and LocalRunError when a part is missing."""
        self.log_files: tuple[Path, ...] = (log_file,)
        self._journal = journal
        log_file.unlink(missing_ok=True)
        behaviour = read_behaviour(stack.template, stack_resolver(emulator, stack))
        self.server = EdgeServer(
            EdgeConfig(
                behaviour=behaviour,
                asset=_asset(assembly, stack, behaviour),
                origins={behaviour.origin.domain_name: upstream},
                credentials=_credentials(emulator, stack, behaviour),
                extras={
                    "AWS_ENDPOINT_URL_SECRETS_MANAGER": emulator.endpoint,
                    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": upstream,
                },
                firewall=None if firewall is None else _edge_firewall(firewall),
                observer=self._record,
                log_file=log_file,
            )
        )

    def web_application(self) -> web.Application:
        """The application to serve."""
        return self.server.web_application()

    def _record(self, viewer: ViewerRequest, answer: Answer) -> None:
        turned_away = answer.turned_away if isinstance(answer, _Block) else self._by_cloudfront()
        response = HttpResponse(status=answer.status, headers=answer.headers, body=answer.body, turned_away=turned_away)
        self._journal.record(_http_request(viewer), response)

    def _by_cloudfront(self) -> TurnedAway | None:
        # The simulator writes its own journal right before it tells its observer.
        entry = self.server.journal[-1]
        if entry.answered_by != "cloudfront":
            return None
        return TurnedAway(by="CloudFront", why=" ".join(entry.reason.split()))


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


def _asset(assembly: Assembly, stack: DeployedStack, behaviour: Behaviour) -> Path:
    """The folder that is packed as the function's code."""
    code = stack.template["Resources"][behaviour.function.logical_id]["Properties"]["Code"]
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


def _edge_firewall(firewall: Firewall) -> EdgeFirewall:
    async def check(viewer: ViewerRequest) -> Answer | None:
        blocked = await firewall(_http_request(viewer))
        if blocked is None:
            return None
        status, headers, body = blocked.status, blocked.headers, blocked.body
        if isinstance(blocked, DefaultBlock):
            headers, body = _BLOCKED_HEADERS, _BLOCKED_BODY
        return _Block(status=status, headers=headers, body=body, turned_away=blocked.turned_away)

    return check


def _http_request(viewer: ViewerRequest) -> HttpRequest:
    return HttpRequest(
        method=viewer.method,
        path=viewer.uri,
        query=viewer.querystring,
        headers=viewer.headers,
        body=viewer.body,
        client_ip=viewer.client_ip,
        arrived=viewer.arrived,
    )
