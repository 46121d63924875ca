"""Each question names a saved query that there is, and columns that this query gives."""

from __future__ import annotations

import re

import pytest

from cognito_proxy.queries import texts
from cognito_proxy.top.questions import ATHENA, Question, Subject, questions

ALL = [question for subject in Subject for plain in (False, True) for question in questions(subject, plain=plain)]


def text_of(question: Question) -> str:
    if question.language == ATHENA:
        return texts.athena_query(question.source, question.name)
    plain = "hash" not in question.kind.value
    return texts.insights_query(question.source, question.name, plain=plain)


@pytest.mark.parametrize(
    "question", ALL, ids=lambda question: f"{question.language}-{question.full_name}-{question.who}"
)
def test_the_query_gives_the_columns(question: Question) -> None:
    text = text_of(question)
    if question.language == ATHENA:
        last_select = text.rpartition("SELECT")[2].partition("FROM")[0]
        assert re.search(rf"\b{question.who}\b", last_select)
        assert re.search(rf"\bAS {question.count}\b", last_select)
    else:
        (stats,) = (line for line in text.splitlines() if line.startswith("| stats"))
        columns, _, keys = stats.partition(" by ")
        assert question.who in re.split(r",\s*", keys)
        assert re.search(rf"\bas {question.count}\b", columns)


def test_every_subject_can_be_asked_about() -> None:
    assert {subject for subject in Subject if list(questions(subject, plain=False))} == set(Subject)


@pytest.mark.proves("top-no-cloudtrail")
def test_nobody_is_named_by_cloudtrail() -> None:
    """Behind the proxy it has the proxy's own address."""
    assert "cloudtrail" not in {question.source for question in ALL}
