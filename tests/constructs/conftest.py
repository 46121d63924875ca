"""Templates that many tests look at; each is synthesized once."""

import pytest
from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from cognito_proxy import (
    ApiRoute,
    ApiScopes,
    AppClient,
    AuthFlows,
    CodeGrantClient,
    CognitoAlarms,
    CognitoAuthorizedApi,
    CognitoLimits,
    CustomDomain,
    EdgeProxy,
    IpListExpiry,
    JwtAuthorizedApi,
    MachineClient,
    Monitoring,
    PoolShield,
    ProxyAlarms,
    ProxyHeader,
    ProxyOutputs,
    ProxyWebAcl,
    RefreshTokenRotation,
    RegionalProxy,
    SecretRotation,
    SignInDomain,
    Throttle,
    WafScope,
)
from cognito_proxy.apis.api_route import SIGN_IN_SCOPE
from tests.constructs.synthesized import EDGE_REGION, REGION, new_stack, new_stacks
from tests.queries import templates as log_queries


@pytest.fixture(scope="session")
def least_app_client() -> Template:
    """The least one can write."""
    stack = new_stack()
    AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_app_client() -> Template:
    """Everything set, on an imported pool."""
    stack = new_stack()
    AppClient(
        stack,
        "WebClient",
        user_pool=cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123"),
        auth_flows=AuthFlows(user_srp=False, user_password=True, user=True, custom=True),
        access_token_validity=Duration.minutes(5),
        id_token_validity=Duration.hours(24),
        refresh_token_validity=Duration.days(365),
        refresh_token_rotation=RefreshTokenRotation(grace_period=Duration.seconds(0)),
        prevent_user_existence_errors=False,
        enable_token_revocation=False,
        encryption_key=kms.Key(stack, "Key"),
        secret_replica_regions=["us-east-1", "ap-southeast-2"],
        removal_policy=RemovalPolicy.RETAIN,
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def existing_app_client() -> Template:
    """Everything set, on an app client that exists."""
    stack = new_stack()
    AppClient.from_client_id(
        stack,
        "WebClient",
        user_pool=cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123"),
        client_id="4h7exampleexampleexample00",
        encryption_key=kms.Key(stack, "Key"),
        secret_replica_regions=["us-east-1"],
        rotation=Duration.days(30),
        rotation_overlap=Duration.minutes(30),
        removal_policy=RemovalPolicy.DESTROY,
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_rotation() -> Template:
    """Everything set, for a secret of the user's own."""
    stack = new_stack()
    topic = sns.Topic(stack, "Topic")
    SecretRotation(
        stack,
        "Rotation",
        user_pool=cognito.UserPool(stack, "Pool"),
        client_id="4h7example",
        secret=secretsmanager.Secret(stack, "Secret"),
        every=Duration.days(1),
        overlap=Duration.hours(12),
        encryption_key=kms.Key(stack, "Key"),
        seeded=topic,
        alarm_action=actions.SnsAction(topic),
        log_retention=logs.RetentionDays.ONE_WEEK,
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_ip_list_expiry() -> Template:
    """Everything set, with the web ACL whose lists they are."""
    stack = new_stack(region=EDGE_REGION)
    web_acl = ProxyWebAcl(
        stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, allow_ips="192.0.2.1", deny_ips="2001:db8::/32"
    )
    IpListExpiry(
        stack, "Expiry", web_acl=web_acl, interval=Duration.minutes(15), log_retention=logs.RetentionDays.ONE_WEEK
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_pool_shield() -> Template:
    """Everything set, for two app clients."""
    stack = new_stack()
    PoolShield(
        stack,
        "Shield",
        user_pool=cognito.UserPool(stack, "Pool"),
        app_client_ids=["4h7example", "5i8example"],
        threat_protection=True,
        proxy_addresses=["192.0.2.0/24", "2001:db8::/32"],
        proxy_header=ProxyHeader(name="x-proxy", secret=secretsmanager.Secret(stack, "Header"), secret_field="value"),
        count_only=True,
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def least_authorized_api() -> Template:
    """The least one can write."""
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    client = AppClient(stack, "Client", user_pool=pool)
    CognitoAuthorizedApi(stack, "Rest", user_pool=pool, user_pool_clients=[client.user_pool_client])
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_authorized_api() -> Template:
    """Everything set, for two app clients of an imported pool."""
    stack = new_stack()
    CognitoAuthorizedApi(
        stack,
        "Rest",
        user_pool=cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123"),
        user_pool_clients=[
            cognito.UserPoolClient.from_user_pool_client_id(stack, name, name) for name in ("4h7example", "5i8example")
        ],
        scopes=["documents/read", "documents/write"],
        allowed_origins=["https://app.example.com", "capacitor://localhost"],
        throttle=Throttle(rate_limit=7.5, burst_limit=9),
        stage_name="live",
        memory_size=1024,
        log_retention=logs.RetentionDays.ONE_WEEK,
        cloud_watch_role=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def outputs() -> Template:
    """A proxy of two app clients with its outputs."""
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    clients = [AppClient(stack, f"{name}Client", user_pool=pool) for name in ("Web", "Ios")]
    proxy = RegionalProxy(stack, "Proxy", app_clients=clients)
    ProxyOutputs(stack, "Outputs", proxy=proxy, app_client_names=["web", "ios"])
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def least_proxy() -> Template:
    """The least one can write."""
    stack = new_stack()
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
    RegionalProxy(stack, "Proxy", app_clients=[client])
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_proxy() -> Template:
    """Everything set, with two app clients of one pool."""
    stack = new_stack()
    _full_proxy(stack)
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def alarms() -> Template:
    """A proxy with its alarms."""
    stack = new_stack()
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client])
    ProxyAlarms(stack, "Alarms", proxy=proxy, email="ops@example.com", threshold=3)
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_monitoring() -> Template:
    """Everything set, with a rotation to watch."""
    stack = new_stack()
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), rotation=Duration.days(30))
    Monitoring(
        stack,
        "Monitoring",
        proxy=RegionalProxy(stack, "Proxy", app_clients=[client]),
        email="ops@example.com",
        limits=CognitoLimits(user_authentication=500, user_federation=None),
        failed_percent=10,
        latency=Duration.seconds(5),
        throttled_calls=20,
        blocked_requests=5_000,
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_edge_monitoring() -> Template:
    """Of an edge proxy with a pool in another Region: the proxy's stack."""
    return Template.from_stack(_edge_monitoring()[1])


@pytest.fixture(scope="session")
def full_cognito_alarms() -> Template:
    """Of the same proxy: the pool's stack."""
    return Template.from_stack(_edge_monitoring()[0])


@pytest.fixture(scope="session")
def full_log_queries() -> Template:
    """Over every kind of log."""
    return log_queries.template()


@pytest.fixture(scope="session")
def least_edge() -> Template:
    """The least one can write, with the pool beside it."""
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
    EdgeProxy(stack, "Proxy", app_clients=[client])
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def far_edge() -> tuple[Template, Template]:
    """The least for a pool in another Region: the pool's stack and the proxy's."""
    pool_stack, stack = new_stacks()
    client = AppClient(
        pool_stack,
        "WebClient",
        user_pool=cognito.UserPool(pool_stack, "Pool"),
        secret_replica_regions=[EDGE_REGION],
    )
    EdgeProxy(stack, "Proxy", app_clients=[client])
    return Template.from_stack(pool_stack), Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_edge() -> Template:
    """Everything set, with two app clients of a pool in another Region."""
    pool_stack, stack = new_stacks()
    pool = cognito.UserPool(pool_stack, "Pool")
    replicas = [EDGE_REGION, "ap-southeast-2"]
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:{EDGE_REGION}:123456789012:certificate/abc"
    )
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    EdgeProxy(
        stack,
        "Proxy",
        app_clients=[
            AppClient(pool_stack, "WebClient", user_pool=pool, secret_replica_regions=replicas),
            AppClient(
                pool_stack,
                "PhoneClient",
                user_pool=pool,
                secret_replica_regions=replicas,
                encryption_key=kms.Key(pool_stack, "Key"),
            ),
        ],
        allowed_origins=["https://app.example.com", "capacitor://localhost"],
        additional_request_headers=["traceparent"],
        secret_ttl=Duration.minutes(1),
        domain=CustomDomain(domain_name="auth.example.com", certificate=certificate, hosted_zone=zone),
        ipv6=True,
        memory_size=1024,
        timeout=Duration.seconds(30),
        price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        log_retention=Duration.days(7),
    )
    return Template.from_stack(stack)


def _edge_monitoring() -> tuple[Stack, Stack]:
    pool_stack, stack = new_stacks()
    client = AppClient(
        pool_stack,
        "WebClient",
        user_pool=cognito.UserPool(pool_stack, "Pool"),
        secret_replica_regions=[EDGE_REGION],
        rotation=Duration.days(30),
    )
    proxy = EdgeProxy(stack, "Proxy", app_clients=[client])
    Monitoring(stack, "Monitoring", proxy=proxy, email="ops@example.com", edge_regions=["us-east-1", "eu-central-1"])
    CognitoAlarms(pool_stack, "CognitoAlarms", topic=sns.Topic(pool_stack, "Topic"), app_clients=[client])
    return pool_stack, stack


@pytest.fixture(scope="session")
def least_jwt_api() -> Template:
    """The least one can write, for an imported pool and app client."""
    stack = new_stack()
    JwtAuthorizedApi(
        stack,
        "Documents",
        user_pool=cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123"),
        user_pool_clients=[cognito.UserPoolClient.from_user_pool_client_id(stack, "Client", "4h7example")],
    )
    return Template.from_stack(stack)


@pytest.fixture(scope="session")
def full_jwt_api() -> Template:
    """Everything set, with the sign-in domain and both kinds of OAuth 2.0 app clients."""
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    api_domain, sign_in_domain = (
        CustomDomain(
            domain_name=name,
            certificate=acm.Certificate.from_certificate_arn(
                stack, f"{region}Certificate", f"arn:aws:acm:{region}:123456789012:certificate/abc"
            ),
            hosted_zone=zone,
        )
        for name, region in (("api.example.com", REGION), ("auth.example.com", EDGE_REGION))
    )
    SignInDomain(stack, "SignIn", user_pool=pool, domain=sign_in_domain)
    scopes = ApiScopes(
        stack,
        "Scopes",
        user_pool=pool,
        identifier="documents",
        scopes={"documents.read": "Read documents", "documents.write": "Keep documents"},
    )
    page = CodeGrantClient(
        stack,
        "Page",
        user_pool=pool,
        callback_urls=["https://app.example.com/", "myapp://callback", "http://localhost:8000/"],
        logout_urls=["https://app.example.com/"],
        api_scopes=scopes,
        scope_names=["documents.read", "documents.write"],
        implicit_grant=True,
        access_token_validity=Duration.minutes(5),
    )
    machine = MachineClient(
        stack,
        "Machine",
        user_pool=pool,
        api_scopes=scopes,
        scope_names=["documents.read"],
        access_token_validity=Duration.days(1),
        encryption_key=kms.Key(stack, "Key"),
        removal_policy=RemovalPolicy.RETAIN,
    )
    app_client = AppClient(stack, "Client", user_pool=pool)
    read, write = (scopes.named(name) for name in ("documents.read", "documents.write"))
    JwtAuthorizedApi(
        stack,
        "Documents",
        user_pool=pool,
        user_pool_clients=[client.user_pool_client for client in (app_client, page, machine)],
        routes=[
            ApiRoute(path="/", scopes=(SIGN_IN_SCOPE, read, write)),
            ApiRoute(path="/{proxy+}", scopes=(SIGN_IN_SCOPE, write)),
            ApiRoute(path="/{proxy+}", method=apigatewayv2.HttpMethod.GET, scopes=(SIGN_IN_SCOPE, read)),
        ],
        allowed_origins=["https://app.example.com"],
        throttle=Throttle(rate_limit=5, burst_limit=9),
        domain=api_domain,
        ipv6=True,
        nat_gateways=2,
        dynamodb_prefix_list=ec2.PrefixList.from_prefix_list_id(stack, "DynamoDb", "pl-6fa54006"),
        memory_size=1024,
        log_retention=logs.RetentionDays.ONE_WEEK,
        removal_policy=RemovalPolicy.DESTROY,
    )
    return Template.from_stack(stack)


def _full_proxy(stack: Stack) -> RegionalProxy:
    pool = cognito.UserPool(stack, "Pool")
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:{REGION}:123456789012:certificate/abc"
    )
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    return RegionalProxy(
        stack,
        "Proxy",
        app_clients=[
            AppClient(stack, "WebClient", user_pool=pool, secret_replica_regions=["us-east-1"]),
            AppClient(
                stack,
                "PhoneClient",
                user_pool=pool,
                secret_replica_regions=["us-east-1"],
                encryption_key=kms.Key(stack, "Key"),
            ),
        ],
        allowed_origins=["https://app.example.com", "capacitor://localhost"],
        secret_ttl=Duration.minutes(1),
        throttle=Throttle(rate_limit=7.5, burst_limit=9),
        domain=CustomDomain(domain_name="auth.example.com", certificate=certificate, hosted_zone=zone),
        stage_name="live",
        memory_size=1024,
        timeout=Duration.seconds(28),
        reserved_concurrent_executions=20,
        log_retention=logs.RetentionDays.ONE_WEEK,
        cloud_watch_role=True,
    )
