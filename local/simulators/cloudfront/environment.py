"""The environment variables of a function at the edge: the reserved ones of AWS Lambda and nothing else.

Source: AWS Lambda Developer Guide, configuration-envvars ("Defined runtime environment variables"); Lambda@Edge adds
none and lets nobody add any (lambda-at-edge-function-restrictions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.simulators.cloudfront.errors import EdgeSimulatorError

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""The role's credentials."""

LOCAL_ONLY = frozenset(
    {
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        "COGNITO_PROXY_DOMAIN_ORIGIN",
        "COGNITO_PROXY_OWN_ORIGIN",
        "HUMAN_CHECK_ENDPOINT",
    }
)
"""What a function may get besides on one machine, so that its calls reach the emulator, or a stand-in. Nothing of it
exists in AWS."""


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """How the function runs."""

    handler: str
    """`package.module.function` below the asset's root."""
    runtime: str = "python3.13"
    """For AWS_EXECUTION_ENV only: the simulator's own interpreter runs it. Default: python3.13."""
    function_name: str = "edge-proxy"
    """Default: edge-proxy."""
    version: str = "1"
    """Default: 1."""
    memory_size: int = 128
    """MB; told, not enforced. Default: 128."""
    timeout: float = 30
    """Seconds for one invocation. Default: 30."""
    region: str = "us-east-1"
    """Where this copy of the function runs, which need not be us-east-1. Default: us-east-1."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """Variables that exist only on one machine, out of LOCAL_ONLY. Default: none."""

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.extras) - LOCAL_ONLY):
            raise EdgeSimulatorError(
                f"Lambda@Edge has no environment variables: {', '.join(unknown)} is not one of the local extras "
                f"{', '.join(sorted(LOCAL_ONLY))}"
            )

    @property
    def arn(self) -> str:
        """What the function gets to see as its own ARN."""
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}:{self.version}"


def function_environment(
    settings: FunctionSettings, *, credentials: Mapping[str, str], task_root: str, runtime_dir: str, runtime_api: str
) -> dict[str, str]:
    """All environment variables of the function's process."""
    if set(credentials) - set(CREDENTIALS):
        raise EdgeSimulatorError(f"credentials are {', '.join(CREDENTIALS)} and nothing else")
    # Copies at the edge carry the name of the Region that they come from.
    name = f"us-east-1.{settings.function_name}"
    return {
        "_HANDLER": settings.handler,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": settings.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": settings.region,
        "LAMBDA_RUNTIME_DIR": runtime_dir,
        "LAMBDA_TASK_ROOT": task_root,
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": runtime_dir,
        "TZ": ":UTC",
        **credentials,
        **settings.extras,
    }
