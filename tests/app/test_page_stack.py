"""The sample `page`: what stands before the files, what may read them, and what the page may call."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import App, Validations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk.assertions import Match, Template

import app as deployment_plan
from cognito_proxy import CustomDomain, HumanCheckProvider, PropertyError
from local.rehearsal.catalogue import kinds
from stacks.edge import edge_stacks
from stacks.flags import AppFlags
from stacks.proxy import ProxyStack
from stacks.regional import RegionalStack
from stacks.samples import page as page_module
from stacks.samples import sample_stacks
from stacks.samples.page import PageSample, PageStack
from tests.cfn_lint import findings
from tests.syntheses import template_validation

FLAGS = {"user_pool_id": "eu-west-1_AbCdEf123", "allowed_origins": "https://d111.cloudfront.net"}
ENV = cdk.Environment(region="eu-west-1")
PROXY, API = "https://auth.example.com/", "https://abc.execute-api.eu-west-1.amazonaws.com/prod/"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
POLICY = "AWS::CloudFront::ResponseHeadersPolicy"


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page that is bundled, in the place of `make web`'s."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    monkeypatch.setattr(page_module, "WEB_DIST", folder)
    return folder


def sample(**properties: Any) -> Template:
    stack = cdk.Stack(App(), "Stack", env=ENV)
    values = {"proxy_endpoint": PROXY, "user_pool_id": "eu-west-1_AbCdEf123", "client_id": "1a2b3c"}
    PageSample(stack, "Page", **values, **properties)
    return Template.from_stack(stack)


def policy_of(template: Template) -> str:
    (resource,) = template.find_resources(POLICY).values()
    headers = resource["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return str(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])


def directives(policy: str) -> dict[str, str]:
    return {name: sources for name, _, sources in (each.partition(" ") for each in policy.split("; "))}


def test_without_a_bundle_one_line_says_what_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "WEB_DIST", tmp_path)
    with pytest.raises(PropertyError, match=r"^sample: page needs the bundled page in .*; run `make web` first$"):
        sample()


def test_the_app_says_so_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "WEB_DIST", tmp_path)
    with pytest.raises(SystemExit, match=r"^sample: page needs the bundled page in .*; run `make web` first$"):
        deployment_plan.plan(App(context={"sample": "page"}))


@pytest.mark.usefixtures("bundle")
class TestPage:
    @pytest.mark.proves("page-policy")
    def test_browser_may_call_the_proxy_and_the_apis_and_nobody_else(self) -> None:
        directives = dict(part.split(" ", 1) for part in policy_of(sample(api_urls={"restApiUrl": API})).split("; "))
        assert directives["connect-src"] == f"'self' {PROXY} {API}"
        assert directives["default-src"] == "'none'"
        assert {directives[name] for name in ("script-src", "style-src", "img-src")} == {"'self'"}
        assert not any("unsafe" in value or "*" in value or "data:" in value for value in directives.values())

    @pytest.mark.proves("page-bucket-private")
    @pytest.mark.parametrize(
        ("provider", "more"),
        [
            (
                HumanCheckProvider.TURNSTILE,
                {"script-src": "https://challenges.cloudflare.com", "frame-src": "https://challenges.cloudflare.com"},
            ),
            (
                HumanCheckProvider.RECAPTCHA,
                {
                    "script-src": "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
                    "frame-src": "https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/",
                },
            ),
            (
                HumanCheckProvider.HCAPTCHA,
                dict.fromkeys(
                    ("script-src", "frame-src", "style-src", "connect-src"),
                    "https://hcaptcha.com https://*.hcaptcha.com",
                ),
            ),
        ],
    )
    @pytest.mark.proves("human-check-policy")
    def test_a_human_check_lets_in_the_providers_hosts_and_nothing_else(
        self, provider: HumanCheckProvider, more: dict[str, str]
    ) -> None:
        without = directives(policy_of(sample()))
        with_check = directives(policy_of(sample(human_check=provider, human_check_site_key="site-key")))
        assert without.pop("require-trusted-types-for") == "'script'"
        assert without.pop("trusted-types") == "'none'"
        expected = {name: f"{without.get(name, '')} {sources}".strip() for name, sources in more.items()}
        assert with_check == without | expected

    def test_bucket_is_private_and_read_by_this_distribution_alone(self) -> None:
        template = sample()
        (bucket, distribution) = (
            next(name for name in template.find_resources(kind) if "Log" not in name)
            for kind in ("AWS::S3::Bucket", "AWS::CloudFront::Distribution")
        )
        template.has_resource_properties(
            "AWS::S3::Bucket",
            {
                "PublicAccessBlockConfiguration": dict.fromkeys(PUBLIC_ACCESS, True),
                "LoggingConfiguration": Match.absent(),
            },
        )
        (policy,) = (
            resource["Properties"]["PolicyDocument"]["Statement"]
            for resource in template.find_resources("AWS::S3::BucketPolicy").values()
            if resource["Properties"]["Bucket"] == {"Ref": bucket}
        )
        allowed = [statement for statement in policy if statement["Effect"] == "Allow"]
        assert [(statement["Principal"], statement["Action"]) for statement in allowed] == [
            ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
        ]
        assert distribution in json.dumps(allowed[0]["Condition"]["StringEquals"]["AWS:SourceArn"])
        assert any(statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for statement in policy)

    def test_distribution_redirects_to_tls_answers_on_ipv6_and_logs(self) -> None:
        template = sample()
        template.has_resource_properties(
            "AWS::CloudFront::Distribution",
            {
                "DistributionConfig": {
                    "DefaultRootObject": "index.html",
                    "DefaultCacheBehavior": Match.object_like({"ViewerProtocolPolicy": "redirect-to-https"}),
                    "HttpVersion": "http2and3",
                    "IPV6Enabled": True,
                    "Logging": Match.any_value(),
                    "Origins": [Match.object_like({"OriginAccessControlId": Match.any_value()})],
                }
            },
        )
        template.has_resource_properties(
            POLICY,
            {
                "ResponseHeadersPolicyConfig": {
                    "SecurityHeadersConfig": {
                        "StrictTransportSecurity": {"AccessControlMaxAgeSec": 63_072_000},
                        "FrameOptions": {"FrameOption": "DENY"},
                    }
                }
            },
        )

    def test_own_domain_needs_tls_1_2(self) -> None:
        stack = cdk.Stack(App(), "Stack", env=ENV)
        domain = CustomDomain(
            domain_name="page.example.com", certificate=acm.Certificate.from_certificate_arn(stack, "Cert", CERTIFICATE)
        )
        page = PageSample(
            stack, "Page", proxy_endpoint=PROXY, user_pool_id="eu-west-1_a", client_id="1a2b3c", domain=domain
        )
        assert page.url == "https://page.example.com/"
        Template.from_stack(stack).has_resource_properties(
            "AWS::CloudFront::Distribution",
            {
                "DistributionConfig": {
                    "Aliases": ["page.example.com"],
                    "ViewerCertificate": {"AcmCertificateArn": CERTIFICATE, "MinimumProtocolVersion": "TLSv1.2_2021"},
                }
            },
        )

    def test_copier_may_touch_no_bucket_but_the_pages_and_cdks(self) -> None:
        template = sample()
        (bucket,) = (name for name in template.find_resources("AWS::S3::Bucket") if "Log" not in name)
        (policy,) = template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            writes = any(action.startswith(("s3:Put", "s3:Delete")) for action in statement["Action"])
            for resource in statement["Resource"]:
                assert (bucket if writes else "cdk-hnb659fds-assets") in json.dumps(resource)
        assert "cloudfront:" not in json.dumps(policy)


PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@pytest.fixture(params=["regional", "edge"])
def synthesized(request: pytest.FixtureRequest, bundle: Path, tmp_path: Path) -> tuple[PageStack, Path]:
    """The page's stack beside either variant and the other samples; the CDK's own validation and cdk-nag look at it."""
    folder = tmp_path / "cdk.out"
    app = App(outdir=str(folder))
    flags = AppFlags.from_mapping({**FLAGS, "variant": request.param, "sample": "page,rest,http"})
    proxy: ProxyStack = (
        RegionalStack(app, "Proxy", flags=flags, env=ENV)
        if request.param == "regional"
        else edge_stacks(app, "Proxy", flags=flags, pool_region="eu-west-1")
    )
    page = sample_stacks(app, flags, proxy)[-1]
    assert isinstance(page, PageStack)
    Validations.of(app).add_plugins(template_validation(), cdk_nag.AwsSolutionsChecks())
    try:
        app.synth()
    except RuntimeError as failed:
        assert "ValidationFailed" in str(failed)  # noqa: PT017 - the report says what; a test below reads it
    return page, folder


def violations(folder: Path) -> Iterator[str]:
    report = json.loads((folder / "validation-report.json").read_text())
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield f"{violation['ruleName']} {construct['constructPath']}"


def test_linters_are_content(synthesized: tuple[PageStack, Path]) -> None:
    page, folder = synthesized
    assert list(violations(folder)) == []
    assert findings((folder / page.template_file).read_text()) == ()


def test_rehearsal_knows_every_type(synthesized: tuple[PageStack, Path]) -> None:
    page, folder = synthesized
    template = json.loads((folder / page.template_file).read_text())
    assert {resource["Type"] for resource in template["Resources"].values()} - kinds().keys() == set()


def test_configuration_comes_from_the_stacks_when_they_are_deployed(synthesized: tuple[PageStack, Path]) -> None:
    page, folder = synthesized
    template = json.loads((folder / page.template_file).read_text())
    assert page.stack_name == "Proxy-Page"
    assert page.region == "eu-west-1"
    assert set(template["Outputs"]) == {"PageUrl"}
    (copy,) = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "Custom::CDKBucketDeployment"
    )
    (document,) = (values for values in copy["SourceMarkers"] if values)
    read = json.dumps(document)
    assert '"StackName": "Proxy"' in read
    assert '"StackName": "Proxy-Rest"' in read
    assert '"StackName": "Proxy-Http"' in read
    assert "ImportValue" not in json.dumps(template)
