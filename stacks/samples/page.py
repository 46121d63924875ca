"""The sample `page`: the page to sign in on, on S3 behind CloudFront."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from aws_cdk import CfnElement, Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment
from constructs import Construct, IConstruct

from cognito_proxy import HumanCheckProvider, PropertyError
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.answer_headers import HSTS_DAYS
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.edge_log_bucket import edge_log_bucket
from stacks.flags import AppFlags
from stacks.page_headers import PAGE_HEADERS, WIDGETS, content_security_policy
from stacks.proxy import ProxyStack
from stacks.samples.sample_stack import SampleStack

WEB_DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
"""Where `make web` puts the bundle."""

_LOG_RETENTION = Duration.days(90)
_API_URLS = {"restApiUrl": "RestApiUrl", "httpApiUrl": "HttpApiUrl"}
"""What the page calls an API's URL, and the output that has it."""

_COPIER_ACTIONS = ("GetObject", "GetBucket", "List", "DeleteObject", "Abort")
_OWN_DOCUMENT = "config.json"
_MARK = ".ready"
"""What `make web` leaves beside the page's files."""


class PageSample(Construct):
    """A private bucket with the page's files, and the distribution that shows them and nothing else.

    The bundle is the same everywhere; what this deployment's page calls stands in config.json, which is written when
    the deployment knows it. Only that may be called: the content security policy names it.
    """

    bucket: s3.Bucket
    """What holds the files."""

    distribution: cloudfront.Distribution
    """What shows them."""

    url: str
    """Where the page is."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy_endpoint: str,
        user_pool_id: str,
        client_id: str,
        api_urls: Mapping[str, str] | None = None,
        domain: CustomDomain | None = None,
        human_check: HumanCheckProvider | None = None,
        human_check_site_key: str | None = None,
        folder: Path | None = None,
    ) -> None:
        """Make the page.

        Args:
            scope: The parent.
            construct_id: Id within `scope`.
            proxy_endpoint: The URL that apps call instead of Cognito's.
            user_pool_id: Where the users are.
            client_id: The app client that the page signs in with.
            api_urls: What the page may call with the tokens: `restApiUrl`, `httpApiUrl`. Default: no APIs.
            domain: A host name of one's own, with a certificate in us-east-1; browsers then need TLS 1.2. Default: -
                CloudFront's, whose certificate takes older versions, too.
            human_check: Whose widget the page shows where the proxy asks for a human check; of reCAPTCHA, v2's.
                Default: - none is shown.
            human_check_site_key: The provider's public site key, with `human_check`.
            folder: The bundle. Default: what `make web` makes.

        Raises:
            PropertyError: there is no bundle.
        """
        super().__init__(scope, construct_id)
        folder = folder or WEB_DIST
        if not (folder / "index.html").is_file():
            raise PropertyError(f"sample: page needs the bundled page in {folder}; run `make web` first")
        config = {"endpoint": proxy_endpoint, "userPoolId": user_pool_id, "clientId": client_id, **(api_urls or {})}
        if human_check is not None and human_check_site_key is not None:
            config |= {"humanCheckProvider": human_check.value, "humanCheckSiteKey": human_check_site_key}
        self._widget = None if human_check is None else WIDGETS[human_check.value]
        self.bucket = self._new_bucket()
        self.distribution = self._new_distribution([proxy_endpoint, *(api_urls or {}).values()], domain)
        self._deploy(folder, config)
        host = self.distribution.distribution_domain_name if domain is None else domain.domain_name
        self.url = f"https://{host}/"

    def _new_bucket(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Files",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            # All that is in it comes from this deployment, and is taken out again before the bucket goes.
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(bucket, {"S1": "Only CloudFront reads it, and CloudFront's own log says who asked for what."})
        return bucket

    def _new_distribution(self, calls: Sequence[str], domain: CustomDomain | None) -> cloudfront.Distribution:
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Page that signs in through the proxy",
            default_root_object="index.html",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(self.bucket),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                # The files say no-cache, so CloudFront asks the bucket whether they changed, and needs no invalidation.
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=self._new_headers(calls),
            ),
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=None if domain is None else cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            # No rate counts anything here by address, so an IPv6 network gains nothing.
            enable_ipv6=True,
            log_bucket=edge_log_bucket(self, retention=_LOG_RETENTION),
            certificate=None if domain is None else domain.certificate,
            domain_names=None if domain is None else [domain.domain_name],
        )
        rules = {
            "CFR1": "Users sign in from wherever they are.",
            "CFR2": "It shows the same few files to everybody; what can be abused has a firewall of its own.",
        }
        if domain is None:
            rules["CFR4"] = "CloudFront's own certificate leaves no choice of TLS versions; a domain of your own does."
        acknowledge(distribution, rules)
        return distribution

    def _new_headers(self, calls: Sequence[str]) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            comment="Page that signs in through the proxy: its own files, its own calls, no frames",
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in PAGE_HEADERS.items()
                ]
            ),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_security_policy(calls, widget=self._widget), override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(HSTS_DAYS), include_subdomains=False, override=True
                ),
            ),
        )

    def _deploy(self, folder: Path, config: Mapping[str, str]) -> None:
        """Let CDK's own function copy the files.

        CloudFormation has no resource for an object in a bucket, and a function of our own for it would be one more to
        trust. This one may read CDK's bucket of assets and fill this bucket, no more: without `distribution` it needs
        no right to invalidate.
        """
        deployment = s3_deployment.BucketDeployment(
            self,
            "Content",
            sources=[
                s3_deployment.Source.asset(str(folder), exclude=[_MARK]),
                s3_deployment.Source.json_data(_OWN_DOCUMENT, dict(config)),
            ],
            destination_bucket=self.bucket,
            cache_control=[s3_deployment.CacheControl.no_cache()],
            # The bucket can go with its stack, since it is empty by then.
            retain_on_delete=False,
            log_group=logs.LogGroup(
                self, "ContentLog", retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
            ),
        )
        self._acknowledge_copier(deployment.handler_role.node.scope)

    def _acknowledge_copier(self, function: IConstruct | None) -> None:
        """CDK's function, one a stack."""
        if function is None:
            return
        files = Stack.of(self).get_logical_id(cast("CfnElement", self.bucket.node.default_child))
        assets = "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>"
        region = Stack.of(self).region
        place = "<AWS::Region>" if Token.is_unresolved(region) else region
        why = "It is CDK's own: it reads the assets that CDK put there, and keeps the page's bucket as they are."
        acknowledge(
            function,
            {
                "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]": why,
                **{f"IAM5[Action::s3:{action}*]": why for action in _COPIER_ACTIONS},
                f"IAM5[Resource::{assets}-{place}/*]": why,
                f"IAM5[Resource::<{files}.Arn>/*]": why,
                "L1": "CDK chooses the runtime of its own function, which a newer CDK brings.",
            },
        )


class PageStack(SampleStack):
    """The page for the proxy's first app client, and for the APIs of the samples beside it.

    Its origin has to be among the proxy's `allowed_origins`. CloudFront gives the name when the page is there, and the
    page's policy names the proxy, so neither stack can wait for the other: the first deployment tells `PageUrl`, and
    the flag has it from the second on. Until then the page says that no answer came.
    """

    page: PageSample
    """What there is."""

    _description = "Page that signs in through the proxy"

    def _make(self, flags: AppFlags, proxy_stack: ProxyStack) -> None:
        told = {name: value for sample in self.beside for name, value in sample.told.items()}
        self.page = PageSample(
            self,
            "Page",
            proxy_endpoint=proxy_stack.proxy.endpoint,
            user_pool_id=self.user_pool.user_pool_id,
            client_id=self.user_pool_clients[0].user_pool_client_id,
            api_urls={name: told[output] for name, output in _API_URLS.items() if output in told},
            human_check=flags.human_check,
            human_check_site_key=flags.human_check_site_key,
        )
        self._tell(
            "PageUrl", self.page.url, "Page to sign in on; allowed_origins needs it without the slash at its end"
        )
