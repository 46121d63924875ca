"""Botocore's model of Cognito: the authority on operations and shapes."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel


@cache
def service_model() -> ServiceModel:
    """The model of the pinned botocore."""
    return ServiceModel(model_document(), "cognito-idp")


def model_document() -> dict[str, Any]:
    """The same as JSON; a copy of its own for who wants to change it."""
    document: dict[str, Any] = Loader().load_service_model("cognito-idp", "service-2")
    return document
