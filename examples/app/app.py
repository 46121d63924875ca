"""A CDK app of one's own: `pip install '.[cli]'` in a clone of the library, which is on no registry yet; `cdk synth`.

A user pool, an app client, and a proxy that asks a guard before each sign-up, limits the attempts on each username, and
tells a queue what changed of users.
"""

from pathlib import Path

from aws_cdk import App, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cognito_proxy import AppClient, FailurePolicy, Guards, ProxyOutputs, RegionalProxy, UserEvents, UserLimits

HERE = Path(__file__).resolve().parent


class SignIn(Stack):
    """Everything that signing in takes."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment | None = None) -> None:
        """Make it in one stack."""
        super().__init__(scope, construct_id, env=env)
        pool = cognito.UserPool(
            self, "Users", self_sign_up_enabled=True, removal_policy=RemovalPolicy.RETAIN, deletion_protection=True
        )
        client = AppClient(self, "WebClient", user_pool=pool, rotation=Duration.days(90))
        proxy = RegionalProxy(
            self,
            "Proxy",
            app_clients=[client],
            allowed_origins=["https://app.example.com"],
            guards=Guards(
                code=HERE / "guards",
                module="invited",
                attributes=["email"],
                tells=["invited_by"],
                operations=["SignUp"],
                timeout=Duration.millis(200),
                on_failure=FailurePolicy.CLOSED,
            ),
            user_limits=UserLimits(attempts=10),
            events=UserEvents(),
        )
        queue = sqs.Queue(self, "Changes", enforce_ssl=True, retention_period=Duration.days(14))
        events.Rule(
            self,
            "ToQueue",
            event_bus=proxy.event_bus,
            event_pattern=events.EventPattern(source=["cognito-proxy"]),
            targets=[targets.SqsQueue(queue)],
        )
        ProxyOutputs(self, "Outputs", proxy=proxy)


def main() -> None:
    """Synthesize."""
    app = App()
    SignIn(app, "SignIn", env=Environment(region="eu-west-1"))
    app.synth()


if __name__ == "__main__":
    main()
