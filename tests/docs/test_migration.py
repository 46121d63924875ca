"""docs/migration.md: every command in it exists, and what it says of Cognito's requests fits botocore's model."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cognito_proxy.cli.app import app
from stacks.flags import AppFlags
from tests.needs import ROOT

PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
MODEL = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"))
OF_THE_AWS_CLI = {"query", "cli-input-json"}


def commands(program: str) -> Iterator[list[str]]:
    joined = PAGE.replace("\\\n", " ")
    for line in re.findall(rf"^    ({program} .*)$", joined, flags=re.MULTILINE):
        yield shlex.split(line.partition(" > ")[0].replace("<", "").replace(">", ""))
    for line in re.findall(rf"`({program} [^`]*)`", joined):
        yield shlex.split(line)


def test_there_are_commands() -> None:
    assert len(list(commands("cognito-proxy"))) >= 3
    assert len(list(commands("aws cognito-idp"))) >= 4


@pytest.mark.parametrize("words", list(commands("cognito-proxy")), ids=" ".join)
def test_commands_of_the_command_line_exist(words: list[str]) -> None:
    command = typer.main.get_command(app).commands[words[1]]  # type: ignore[attr-defined]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("words", list(commands("aws cognito-idp")), ids=" ".join)
def test_commands_of_the_aws_cli_exist(words: list[str]) -> None:
    operations = {xform_name(name, "-"): name for name in MODEL.operation_names}
    operation = MODEL.operation_model(operations[words[2]])
    given = {word.removeprefix("--") for word in words if word.startswith("--")} - OF_THE_AWS_CLI
    assert given <= {xform_name(name, "-") for name in operation.input_shape.members}
    if "--cli-input-json" not in words:
        assert {xform_name(name, "-") for name in operation.input_shape.required_members} <= given


def test_make_knows_its_target() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(re.findall(r"`make ([a-z]+)`", PAGE)) <= set(targets)


def test_the_flags_are_flags(tmp_path: Path) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "prod.json").write_text(block, encoding="utf-8")
    flags = AppFlags.from_mapping({"config": "prod.json"}, folder=tmp_path)
    assert (flags.user_pool_id, flags.auth_flows) == ("eu-west-1_AbCdEf123", ("srp",))


@pytest.mark.parametrize(("rotation", "flow"), [("ENABLED", "ADMIN_USER_PASSWORD"), ("DISABLED", "REFRESH_TOKEN")])
def test_narrowing_names_every_setting_that_there_is(
    rotation: str, flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = dict.fromkeys(MODEL.shape_for("UserPoolClientType").members, "as set")
    described |= {"RefreshTokenRotation": {"Feature": rotation}, "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}
    narrowed = narrow(described, tmp_path, monkeypatch)
    # All that can be set, so that nothing falls back to its default.
    assert set(narrowed) == set(MODEL.shape_for("UpdateUserPoolClientRequest").members)
    assert narrowed == json.loads((tmp_path / "as-it-was.json").read_text()) | {
        "ExplicitAuthFlows": [f"ALLOW_{flow}_AUTH"]
    }


def test_a_new_app_client_can_be_made_with_the_old_ones_settings() -> None:
    # `as-it-was.json` without `ClientId`, and with `GenerateSecret`.
    settings = set(MODEL.shape_for("UpdateUserPoolClientRequest").members) - {"ClientId"} | {"GenerateSecret"}
    assert settings <= set(MODEL.shape_for("CreateUserPoolClientRequest").members)


def narrow(described: dict[str, object], folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What `narrow.py` of the page makes of an app client."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    (folder / "old-client.json").write_text(json.dumps(described), encoding="utf-8")
    monkeypatch.chdir(folder)
    exec(compile(code, "narrow.py", "exec"), {})  # noqa: S102 - our own
    narrowed: dict[str, object] = json.loads((folder / "narrowed.json").read_text(encoding="utf-8"))
    return narrowed


def test_links_within_the_page_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", PAGE)) <= headings


def test_links_to_other_pages_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([\w./-]+\.md)", PAGE):
        assert (ROOT / "docs" / target).is_file(), target


def test_lines_are_not_too_long() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 100 and not line.startswith(("|", "["))] == []
