"""botocore's service models as the oracle for what is sent and answered."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape

from local.simulators.cognito.shapes import problems
from local.simulators.common.root_client import NO_FILES


@cache
def service_model(service: str) -> ServiceModel:
    model: ServiceModel = botocore.session.Session(session_vars=NO_FILES).get_service_model(service)
    return model


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    return service_model(service).operation_model(operation)


def assert_is_a_request(service: str, operation: str, document: Mapping[str, Any], *, signed: bool) -> None:
    """What the operation takes, what an SDK would have filled in included; signed if it must be, and only then."""
    model = operation_model(service, operation)
    assert list(_broken(model.input_shape, document)) == []
    assert [member for member in model.idempotent_members if member not in document] == []
    assert signed == (model.auth_type != "none")


def assert_is_an_answer(service: str, operation: str, document: Mapping[str, Any]) -> None:
    """What the operation answers: members, and their types on the wire (a time is a number)."""
    assert list(_broken(operation_model(service, operation).output_shape, document)) == []


def _broken(shape: Shape | None, document: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong, without a value: these documents hold secrets."""
    if shape is None:
        yield from document
        return
    yield from (f"{problem.path}: {problem.kind}" for problem in problems(shape, document))
    for name, value in document.items():
        rules = shape.members[name].metadata if name in shape.members else {}
        if not isinstance(value, str):
            continue
        if not rules.get("min", 0) <= len(value) <= rules.get("max", len(value)):
            yield f"{name}: length"
        # Java's, but for the classes that Python lacks, which these requests do not depend on.
        pattern = rules.get("pattern", "")
        if pattern and "\\p{" not in pattern and not re.fullmatch(pattern, value, re.ASCII):
            yield f"{name}: pattern"
