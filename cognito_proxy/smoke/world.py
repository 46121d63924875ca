"""What a check gets to see and to use."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, TypeVar

from cognito_proxy.smoke.http import Answer, Http
from cognito_proxy.smoke.leftovers import Leftovers
from cognito_proxy.smoke.lists import Lists
from cognito_proxy.smoke.stack import ALARM, DASHBOARD, SUBSCRIPTION, Clients, DeployedStack
from cognito_proxy.smoke.target import EDGE, REGIONAL, Target
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable, Verdict

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the caller allows beyond looking."""

    user: bool = False
    flood: int = 0
    """Requests at most; 0: none."""
    deny_me: bool = False
    address: str | None = None
    """The caller's own address as AWS sees it. Default: - AWS is asked (checkip.amazonaws.com)."""


@dataclass(kw_only=True)
class World:
    """One run over one target."""

    target: Target
    http: Http
    options: Options = field(default_factory=Options)
    clients: Clients | None = None
    """None: only the endpoint is known."""
    lists: Callable[[], Lists] | None = None
    """Finds the firewall's lists. None: only the endpoint is known."""
    leftovers: Leftovers | None = None
    """Where what is made is written down first; there if something may be made."""
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    run_id: str = field(default_factory=lambda: token_hex(6))
    memory: dict[str, Any] = field(default_factory=dict)
    """What a check leaves for a later one."""
    hidden: set[str] = field(default_factory=set, repr=False)
    """Passwords and tokens of the run: in nothing that is told."""
    local_id: str = ""
    """Of a run of `make local`. Default: - AWS."""

    @property
    def local_facts(self) -> dict[str, str]:
        """What leftovers of a local run are known by."""
        return {"local_id": self.local_id} if self.local_id else {}

    # Asked of Cognito for users that do not exist; nobody can be called so by chance.
    @property
    def nobody(self) -> str:
        """A user name that nobody has."""
        return f"cognito-proxy-smoke-{self.run_id}-{token_hex(4)}"

    def aws(self, service: str, *, region: str | None = None) -> Any:
        """A boto3 client; by default in the stack's Region."""
        if self.clients is None or self.target.stack is None:
            raise NotCheckable("needs --stack, and AWS credentials")
        return self.clients(service, region=region or self.target.stack.region)

    @property
    def stack(self) -> DeployedStack:
        """The proxy's stack."""
        if self.target.stack is None:
            raise NotCheckable("needs --stack, and AWS credentials")
        return self.target.stack

    @property
    def user_pool_id(self) -> str:
        """The pool's id."""
        if self.target.user_pool_id is None:
            raise NotCheckable("needs --stack, and AWS credentials")
        return self.target.user_pool_id

    def cognito(self) -> Any:
        """A boto3 client of Cognito, in the pool's Region."""
        return self.aws("cognito-idp", region=self.target.region)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What several checks look at is fetched once."""
        if key not in self.memory:
            self.memory[key] = make()
        value: T = self.memory[key]
        return value

    def call(self, operation: str, body: dict[str, Any] | bytes, **headers: str) -> Answer:
        """Call the proxy; a header's name has `_` for `-`.

        Raises:
            NotCheckable: this machine's address has sent too much; Cognito's own quotas answer with 400.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.call(self.target.endpoint, operation, body, headers=named)
        if answer.status == 429:
            raise NotCheckable(f"this machine is limited just now ({answer.told}); run this again in five minutes")
        return answer

    def call_cognito(self, operation: str, body: dict[str, Any]) -> Answer:
        """Call Cognito past the proxy, without credentials, as an attacker would."""
        return self.http.call(self.target.upstream, operation, body)

    def wait_for(self, look: Callable[[], T | None], *, seconds: float, every: float = 2.0) -> T | None:
        """Look until something is seen, for so many seconds at most."""
        attempts = max(1, int(seconds / every))
        for attempt in range(attempts + 1):
            seen = look()
            if seen is not None or attempt == attempts:
                return seen
            self.sleep(every)
        return None

    def my_address(self) -> str:
        """The caller's own address, as AWS sees it.

        Raises:
            NotCheckable: it cannot be found out.
        """
        if self.options.address is not None:
            return self.options.address
        if self.target.is_local:
            return "127.0.0.1"
        answer = self.http.send("https://checkip.amazonaws.com/", method="GET")
        address = answer.body.decode("ascii", "replace").strip()
        if answer.status != 200 or not address or len(address) > 45:
            raise NotCheckable("checkip.amazonaws.com does not tell this machine's address; give it with --address")
        return address

    def unmet(self, need: Need) -> tuple[Verdict, str] | None:
        """What becomes of a check whose need is not met, and why; None: it is met."""
        target, options = self.target, self.options
        if need is Need.AWS and target.stack is None:
            return Verdict.NOT_CHECKABLE, "needs --stack, and AWS credentials"
        if need is Need.ORIGIN and target.page_origin is None and target.stack is None:
            return Verdict.NOT_CHECKABLE, "needs --origin: an origin that may call"
        met, reason = {
            Need.AWS: (True, ""),
            Need.ORIGIN: (target.page_origin is not None, "no page may call this proxy"),
            Need.USER: (options.user, "needs --user"),
            Need.FLOOD: (options.flood > 0, "needs --flood"),
            Need.DENY_ME: (options.deny_me, "needs --deny-me"),
            Need.THREAT_PROTECTION: (target.tells_addresses, "this deployment tells Cognito no addresses"),
            Need.REGIONAL: (target.variant == REGIONAL, "for the regional variant"),
            Need.EDGE: (target.variant == EDGE, "for the edge variant"),
            Need.OWN_DOMAIN: (target.has_own_domain, "the host name is AWS's own, or an address"),
            Need.ROTATION: (self._has("AWS::SecretsManager::RotationSchedule"), "this deployment rotates no secret"),
            Need.POOL_SHIELD: (self._shields_pool(), "this deployment puts no web ACL onto the user pool"),
            Need.REQUEST_LINES: (target.logs_requests, f"this deployment's log_level is {target.log_level}"),
            Need.DASHBOARD: (self._has(DASHBOARD), "this deployment makes no dashboard"),
            Need.ALARMS: (self._has(ALARM), "this deployment makes no alarm"),
            Need.ALARM_MAIL: (self._has(SUBSCRIPTION), "this deployment tells nobody of alarms by e-mail"),
        }[need]
        return None if met else (Verdict.SKIPPED, reason)

    def _has(self, kind: str) -> bool:
        return any(any(stack.resources(kind)) for stack in self.target.stacks)

    def _shields_pool(self) -> bool:
        # What a web ACL is attached to is an API's stage, or else a user pool.
        return any(
            "apigateway" not in str(properties.get("ResourceArn"))
            for stack in self.target.stacks
            for _, properties in stack.resources("AWS::WAFv2::WebACLAssociation")
        )


def refused(answer: Answer, *, error: str, status: int = 400) -> str:
    """The answer as evidence, if it is this refusal.

    Raises:
        Failed: it is not.
    """
    if (answer.status, answer.error) != (status, error) or not answer.has_cognitos_shape:
        raise Failed(f"expected {status} {error}, got {answer.told}")
    return answer.told
