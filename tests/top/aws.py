"""AWS as `top` calls it: scripted, and held against botocore's models, requests and answers alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

Script = Callable[..., Any]


@dataclass(kw_only=True)
class Aws:
    """Answers by operation in snake_case: a document, an exception, or a function of Region and parameters."""

    answers: Mapping[str, Any]
    called: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Region, operation, parameters."""

    def __call__(self, service: str, *, region: str | None = None) -> Any:
        return _Client(self, _model(service), region or "eu-west-1")

    def times(self, operation: str) -> int:
        """How often it was called."""
        return sum(name == operation for _, name, _ in self.called)


class _Client:
    def __init__(self, aws: Aws, model: ServiceModel, region: str) -> None:
        self._aws = aws
        self._model = model
        self._region = region

    def __getattr__(self, operation: str) -> Script:
        name = "".join(part.capitalize() for part in operation.split("_"))
        shapes = self._model.operation_model(name)

        def call(**parameters: Any) -> Any:
            _check(parameters, shapes.input_shape)
            self._aws.called.append((self._region, operation, parameters))
            answer = self._aws.answers[operation]
            answer = answer(self._region, **parameters) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            _check(answer, shapes.output_shape)
            return answer

        return call


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(service)


def _check(document: Any, shape: Any) -> None:
    report = ParamValidator().validate(document, shape)
    assert not report.has_errors(), report.generate_report()
    assert set(document) <= set(shape.members), set(document) - set(shape.members)
