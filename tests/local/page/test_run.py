"""A local run serves the page itself, so the page's stack is not deployed there."""

from types import SimpleNamespace
from typing import Any

import pytest

from local import run


def test_all_stacks_are_deployed_but_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["CognitoProxyRegionalDemo", "CognitoProxyRegionalDemo-Rest", "CognitoProxyRegionalDemo-Page"]
    assembly: Any = SimpleNamespace(stacks=[SimpleNamespace(name=name, region=None) for name in names])
    nothing: Any = SimpleNamespace(begin=lambda _: None, add=None)
    said: list[str] = []
    monkeypatch.setattr(run, "deploy", lambda _emulator, _assembly, name, **_: name)
    assert list(run._deploy_all(nothing, assembly, "eu-west-1", said.append, nothing)) == names[:2]
    assert said[-1] == f"not deployed here, where the run itself serves the page: {names[2]}"
