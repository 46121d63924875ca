"""The plain templates, made once a session for all workers."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.flags import Variant
from stacks.plain.template import plain_template, text
from tests.syntheses import Ask, Syntheses

TemplateText = Callable[[Variant], str]


@pytest.fixture(scope="session")
def template_text(tmp_path_factory: pytest.TempPathFactory) -> TemplateText:
    """The text of a variant's template, as `make template` writes it."""
    folder = tmp_path_factory.getbasetemp()
    session = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    made = Syntheses(session / "plain", make=_make)
    return lambda variant: (made.assembly({"variant": str(variant)}) / "template.yaml").read_text(encoding="ascii")


@pytest.fixture(params=Variant, ids=str)
def variant(request: pytest.FixtureRequest) -> Variant:
    return Variant(request.param)


@pytest.fixture(scope="session")
def template_of(template_text: TemplateText) -> Callable[[Variant], dict[str, Any]]:
    """The same, read."""
    return cache(lambda variant: yaml.load(template_text(variant), Loader=yaml.CSafeLoader))


@pytest.fixture
def template(template_of: Callable[[Variant], dict[str, Any]], variant: Variant) -> dict[str, Any]:
    """That of the variant at hand."""
    return template_of(variant)


def _make(ask: Ask, folder: Path) -> None:
    folder.mkdir(parents=True)
    written = text(plain_template(Variant(ask.context["variant"])))
    (folder / "template.yaml").write_text(written, encoding="ascii")
