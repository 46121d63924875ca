"""The function of a distribution, checked against what Lambda@Edge supports (lambda-at-edge-function-restrictions)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.names import FUNCTION_TIMEOUT_SECONDS
from local.simulators.cloudfront.resolver import Resolver, resolve
from local.simulators.cloudfront.template import Properties, referenced, required

_PRINCIPALS = {"lambda.amazonaws.com", "edgelambda.amazonaws.com"}
_EPHEMERAL_STORAGE_MB = 512
_SUPPORTED_LANGUAGES = ("python", "nodejs")


@dataclass(frozen=True, kw_only=True)
class EdgeFunction:
    """The function, as its template describes it."""

    logical_id: str
    handler: str
    """`package.module.function` below the asset's root."""
    runtime: str
    """Such as `python3.13`."""
    memory_size: int
    """MB. Default: 128."""
    timeout: int
    """Seconds. Default: 3."""
    role_logical_id: str | None
    """The role of this template; None when it comes from elsewhere."""
    include_body: bool
    """Whether the body is exposed to the function."""


@dataclass(frozen=True, kw_only=True)
class FunctionRule:
    """One thing that Lambda@Edge does not support."""

    rule_id: str
    sentence: str
    breaks: Callable[[Properties], bool]


FUNCTION_RULES = (
    FunctionRule(
        rule_id="function.environment",
        sentence="Lambda@Edge does not support environment variables",
        breaks=lambda function: bool(function.get("Environment", {}).get("Variables")),
    ),
    FunctionRule(
        rule_id="function.layers",
        sentence="Lambda@Edge does not support layers",
        breaks=lambda function: bool(function.get("Layers")),
    ),
    FunctionRule(
        rule_id="function.vpc",
        sentence="Lambda@Edge does not support functions in a VPC",
        breaks=lambda function: bool(function.get("VpcConfig")),
    ),
    FunctionRule(
        rule_id="function.dead-letter-queue",
        sentence="Lambda@Edge does not support dead-letter queues",
        breaks=lambda function: bool(function.get("DeadLetterConfig")),
    ),
    FunctionRule(
        rule_id="function.x-ray",
        sentence="Lambda@Edge does not support AWS X-Ray",
        breaks=lambda function: function.get("TracingConfig", {}).get("Mode", "PassThrough") != "PassThrough",
    ),
    FunctionRule(
        rule_id="function.container-image",
        sentence="Lambda@Edge does not support container images",
        breaks=lambda function: function.get("PackageType", "Zip") != "Zip",
    ),
    FunctionRule(
        rule_id="function.architecture",
        sentence="Lambda@Edge supports only x86_64",
        breaks=lambda function: list(function.get("Architectures", ["x86_64"])) != ["x86_64"],
    ),
    FunctionRule(
        rule_id="function.ephemeral-storage",
        sentence="Lambda@Edge does not support more than 512 MB of ephemeral storage",
        breaks=lambda function: (
            int(function.get("EphemeralStorage", {}).get("Size", _EPHEMERAL_STORAGE_MB)) > _EPHEMERAL_STORAGE_MB
        ),
    ),
    FunctionRule(
        rule_id="function.reserved-concurrency",
        sentence="Lambda@Edge does not support reserved concurrency",
        breaks=lambda function: "ReservedConcurrentExecutions" in function,
    ),
    FunctionRule(
        rule_id="function.runtime-management",
        sentence="Lambda@Edge supports only the runtime management configuration Auto",
        breaks=lambda function: function.get("RuntimeManagementConfig", {}).get("UpdateRuntimeOn", "Auto") != "Auto",
    ),
    FunctionRule(
        rule_id="function.runtime",
        sentence="Lambda@Edge supports only Python and Node.js",
        breaks=lambda function: not str(function.get("Runtime", "")).startswith(_SUPPORTED_LANGUAGES),
    ),
    FunctionRule(
        rule_id="function.timeout",
        sentence=f"An origin-request function may run for {FUNCTION_TIMEOUT_SECONDS} seconds (cloudfront-limits)",
        breaks=lambda function: int(function.get("Timeout", 3)) > FUNCTION_TIMEOUT_SECONDS,
    ),
)
"""Every restriction on the function itself that its template shows."""


def read_function(template: Mapping[str, Any], association: Properties, resolver: Resolver) -> EdgeFunction:
    """The function behind an association of the default behaviour. Raises EdgeSimulatorError for what AWS refuses."""
    version_id = referenced(association.get("LambdaFunctionARN"))
    version = template["Resources"].get(version_id, {})
    if version.get("Type") != "AWS::Lambda::Version":
        raise EdgeSimulatorError(
            "function.version: the behaviour needs a numbered version of a function of this template, not "
            f"{version_id or 'a literal ARN'}"
        )
    region = resolver("AWS::Region", None)
    if region != "us-east-1":
        raise EdgeSimulatorError(f"function.region: the function of Lambda@Edge must be in us-east-1, not {region}")
    logical_id = referenced(version["Properties"]["FunctionName"])
    function = template["Resources"].get(logical_id, {})
    if logical_id is None or function.get("Type") != "AWS::Lambda::Function":
        raise EdgeSimulatorError(f"version {version_id}: its function is not in this template")
    properties = function["Properties"]
    for rule in FUNCTION_RULES:
        if rule.breaks(properties):
            raise EdgeSimulatorError(f"{rule.rule_id}: {rule.sentence} ({logical_id})")
    role = referenced(properties.get("Role"))
    _check_trust(template, role, resolver)
    return EdgeFunction(
        logical_id=logical_id,
        handler=required(properties, "Handler", where=logical_id),
        runtime=required(properties, "Runtime", where=logical_id),
        memory_size=int(properties.get("MemorySize", 128)),
        timeout=int(properties.get("Timeout", 3)),
        role_logical_id=role if role in template["Resources"] else None,
        include_body=bool(association.get("IncludeBody", False)),
    )


def _check_trust(template: Mapping[str, Any], role: str | None, resolver: Resolver) -> None:
    if role not in template["Resources"]:
        return
    document = resolve(template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"], resolver)
    trusted: set[str] = set()
    for statement in document["Statement"]:
        services = statement.get("Principal", {}).get("Service", [])
        trusted |= {services} if isinstance(services, str) else set(services)
    if missing := sorted(_PRINCIPALS - trusted):
        raise EdgeSimulatorError(f"function.role: the role {role} must trust {' and '.join(missing)}")
