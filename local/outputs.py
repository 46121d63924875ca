"""`outputs.json`: what a program needs to use a local run."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where a local run can be reached, and what it is."""

    variant: str
    endpoint: str
    """URL of the proxy, for clients."""
    region: str
    """The user pool's Region."""
    user_pool_id: str
    client_id: str
    upstream: str
    """URL of Cognito itself, which refuses clients that cannot prove the secret."""
    template: str
    """Path of the synthesized template of the proxy's stack."""
    stack: str
    """Name of that stack."""
    stack_region: str
    """Its Region."""
    aws_endpoint_url: str
    """URL of AWS's APIs, for `cognito-proxy` and other SDKs; the access key id and its secret are `test`."""
    samples: Mapping[str, str] = field(default_factory=dict)
    """URLs of the sample stacks, by the names of those stacks' outputs: `RestApiUrl`, `HttpApiUrl`,
    `SignInUrl`. In the file they stand beside the others, under these names. Default: none."""

    human_check: Mapping[str, str] = field(default_factory=dict)
    """What the page is told of the human check's stand-in; likewise. Default: there is none."""

    def write(self, file: Path) -> None:
        """Write the file in one step: a reader sees all of it or none."""
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            partial.write_text(json.dumps(self._document(), indent=2) + "\n", encoding="utf-8")
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)

    def _document(self) -> dict[str, str]:
        spread = {"samples", "human_check"}
        document = {name: value for name, value in asdict(self).items() if name not in spread}
        return {**document, **self.samples, **self.human_check}
