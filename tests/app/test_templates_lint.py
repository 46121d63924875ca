"""cfn-lint and cdk-nag over the app's templates, for several sets of flags."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import cdk_nag
import pytest
from aws_cdk import App, CfnResource, Stack, Validations

import app as deployment_plan
import cognito_proxy
from cognito_proxy.common.python_function import RUNTIME
from cognito_proxy.interceptors.sealed_tokens import KEY_LENGTH
from tests.app.flag_sets import FLAG_SETS
from tests.cfn_lint import findings
from tests.syntheses import template_validation

LIBRARY = Path(cognito_proxy.__file__).parent
# What a template may say about secrets; everything else that looks like one is a find.
PLAIN_SECRET = re.compile(r"SecretString|GenerateSecretString|SecretHash|SECRET_HASH|\{\{resolve:|AKIA|ASIA")


@dataclass(frozen=True, kw_only=True)
class Synthesized:
    """One synthesized set of flags."""

    app: App
    folder: Path

    @property
    def template_files(self) -> list[Path]:
        return sorted(self.folder.glob("*.template.json"))

    @property
    def violations(self) -> list[str]:
        report = json.loads((self.folder / "validation-report.json").read_text())
        return [
            f"{violation['ruleName']} {construct['constructPath']}"
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        ]


@pytest.fixture(scope="module", params=FLAG_SETS)
def synthesized(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The app's stacks with the CDK's own validation and cdk-nag looking at them."""
    folder = tmp_path_factory.mktemp(request.param.replace(" ", "-"))
    app = App(context=dict(FLAG_SETS[request.param]), outdir=str(folder))
    deployment_plan.plan(app)
    Validations.of(app).add_plugins(template_validation(), cdk_nag.AwsSolutionsChecks())
    try:
        app.synth()
    except RuntimeError as failed:
        assert "ValidationFailed" in str(failed)  # noqa: PT017 - the report says what; the tests below read it
    return Synthesized(app=app, folder=folder)


def test_cdk_nag_finds_nothing_unacknowledged(synthesized: Synthesized) -> None:
    assert synthesized.violations == []


def test_the_validation_would_say_what_is_wrong(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    CfnResource(Stack(app, "Stack"), "Bucket", type="AWS::S3::Bucket", properties={"NoSuchProperty": 1})
    Validations.of(app).add_plugins(template_validation())
    app.synth()
    (violation,) = Synthesized(app=app, folder=tmp_path).violations
    assert violation.endswith(" Stack/Bucket")


def test_every_acknowledgment_has_a_reason(synthesized: Synthesized) -> None:
    acknowledged = [
        (rule, reason)
        for construct in synthesized.app.node.find_all()
        for entry in construct.node.metadata
        if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY
        for rule, reason in entry.data.items()
    ]
    assert acknowledged
    assert [rule for rule, reason in acknowledged if len(reason.split()) < 5] == []


def test_cfn_lint_is_content(synthesized: Synthesized) -> None:
    assert {file.name: found for file in synthesized.template_files if (found := findings(file.read_text()))} == {}


def test_cfn_lint_would_say_what_is_wrong() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"NoSuchProperty": 1}}
    (found,) = findings(json.dumps({"Resources": {"Bucket": bucket}}))
    assert "NoSuchProperty" in found
    assert findings("{") != ()


@pytest.mark.proves("threat-logs")
def test_no_template_holds_a_secret(synthesized: Synthesized) -> None:
    assert synthesized.template_files
    for file in synthesized.template_files:
        text = _without_recipe(file.read_text())
        assert PLAIN_SECRET.findall(text) == []
        assert '"ClientSecret"' not in text


def _without_recipe(text: str) -> str:
    """Without the recipe by which Secrets Manager makes the first key of sealed tokens, which holds none."""
    document = json.loads(text)
    for resource in document.get("Resources", {}).values():
        recipe = resource.get("Properties", {}).get("GenerateSecretString", {})
        if recipe.get("SecretStringTemplate") == "{}" and recipe.get("PasswordLength") == KEY_LENGTH:
            del resource["Properties"]["GenerateSecretString"]
    return json.dumps(document)


def test_every_function_has_the_one_runtime_that_the_tests_were_run_on(synthesized: Synthesized) -> None:
    runtimes = {
        resource["Properties"]["Runtime"]
        for file in synthesized.template_files
        for resource in json.loads(file.read_text())["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    assert runtimes == {RUNTIME.name}


def test_the_runtime_stands_in_one_place() -> None:
    naming = [
        file.name for file in sorted(LIBRARY.rglob("*.py")) if re.search(r"PYTHON_3_\d|python3\.\d", file.read_text())
    ]
    assert naming == ["python_function.py"]
