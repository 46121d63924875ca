"""What the page says, and that nothing in it can do harm."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from local.rehearsal.as_html import html_of
from local.rehearsal.as_text import WIDTH, text_of
from local.rehearsal.document import Page, Points, Section, Table
from local.rehearsal.page import page_of
from local.rehearsal.plan import Plan
from tests.rehearsal.plans import distribution, edge_plan, plan, resource

EVIL = '<script>alert("1")</script>&'


class Tags(HTMLParser):
    """What is opened, closed and written."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def said(made: Plan) -> str:
    return " ".join(text_of(page_of(made)).split())


def test_html_escapes_everything() -> None:
    blocks = (EVIL, Points(sentences=(EVIL,)), Table(caption=EVIL, headings=(EVIL,), rows=((EVIL,),)))
    tags = Tags(html_of(Page(title=EVIL, sections=(Section(title=EVIL, blocks=blocks),))))
    assert "script" not in tags.seen
    assert tags.texts.count(EVIL) == 8
    assert tags.open == []


@pytest.mark.proves("rehearsal-page-inert")
def test_html_of_a_plan_with_evil_names_runs_nothing_and_loads_nothing() -> None:
    html = html_of(page_of(plan(resource("SNS::Topic"), warnings=(EVIL,), name=EVIL, region=EVIL)))
    tags = Tags(html)
    assert not tags.seen & {"script", "img", "link", "iframe", "a", "form"}
    assert "default-src 'none'" in html
    assert EVIL in tags.texts


def test_both_forms_say_the_same() -> None:
    page = page_of(plan(resource("SNS::Topic"), warnings=("Take care.",)))
    in_html = " ".join(" ".join(Tags(html_of(page)).texts).split())
    for section in page.sections:
        assert section.title in in_html
        assert section.title in text_of(page)
    assert "Take care." in in_html
    assert "Take care." in text_of(page)


def test_text_fits_a_terminal() -> None:
    text = text_of(page_of(edge_plan(distribution(signed=True, admin_calls="generated"))))
    assert max(map(len, text.splitlines())) <= WIDTH


def test_what_stays_is_named_with_its_stack() -> None:
    made = plan(resource("S3::Bucket", kept=True), resource("SNS::Topic"), name="Mine")
    assert (
        "Mine 1 bucket for CloudFront's log, for results of queries, for who reads these, or for the page's files"
        in said(made)
    )
    assert "all nothing" in said(plan())


def test_several_of_a_kind_are_counted() -> None:
    assert "2 lists of addresses" in said(plan(resource("WAFv2::IPSet"), resource("WAFv2::IPSet")))


def test_groups_that_are_charged_besides_are_named_and_not_priced() -> None:
    rules = [{"Statement": {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesATPRuleSet"}}, "Name": "ATP"}]
    sentence = "AWS charges account takeover prevention by month and by request besides"
    assert sentence in said(plan(resource("WAFv2::WebACL", Rules=rules)))
    assert "besides" not in said(plan(resource("WAFv2::WebACL", Rules=[])))


def test_edge_notes_are_for_the_edge() -> None:
    edge, regional = "in every Region that ran it", "API Gateway, payload"
    at_the_edge, in_a_region = said(edge_plan(distribution(signed=False, admin_calls="generated"))), said(plan())
    assert edge in at_the_edge
    assert regional not in at_the_edge
    assert edge not in in_a_region
    assert regional in in_a_region


def test_no_quote_and_the_day_are_told() -> None:
    assert "read on 2026-11-21" in said(plan())
    assert "not a quote" in said(plan())


@pytest.mark.parametrize(
    ("region", "words"), [("eu-west-1", "in eu-west-1"), (None, "in the Region that you deploy to")]
)
def test_the_region_of_a_stack(region: str | None, words: str) -> None:
    assert words in said(plan(region=region))
