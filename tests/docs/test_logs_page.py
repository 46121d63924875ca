"""Numbers of docs/logs.md: how many metrics there can be, and how long a line is."""

import json
import re

import pytest

from proxy.errors import Internal, ProxyError
from proxy.metrics import COUNTED
from proxy.oauth import errors as oauth_errors
from proxy.oauth.routes import ROUTES
from proxy.operations import OPERATIONS
from proxy.outcomes import OUTCOMES
from tests.docs.markdown import ROOT

# The functions are run as their own tests run them.
from tests.proxy.conftest import clean_environment, fake  # noqa: F401
from tests.proxy.edge_events import edge_event
from tests.proxy.regional_calls import event
from tests.proxy.request_lines import Line, series
from tests.proxy.sample_requests import INITIATE_AUTH
from tests.proxy.test_request_lines import cognito, cold, store, world  # noqa: F401

PAGE = " ".join((ROOT / "docs" / "logs.md").read_text(encoding="utf-8").split())
COST = 0.3
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> list[Line]:
    """One of each kind: carried on, answered and refused."""
    for needed in ("store", "cognito"):
        request.getfixturevalue(needed)
    functions = request.getfixturevalue("world")
    return [
        *functions.edge("InitiateAuth", INITIATE_AUTH),
        *functions.regional("InitiateAuth", INITIATE_AUTH),
        *functions.regional("AdminGetUser", {}),
    ]


@pytest.mark.proves("metrics-at-most")
def test_so_many_metrics_there_can_be(lines: list[Line]) -> None:
    by: dict[frozenset[str], set[str]] = {}
    for line in lines:
        for name, dimensions in series(line):
            by.setdefault(frozenset(dict(dimensions)) - {"variant", "function"}, set()).add(name)
    alone, operation, outcome, reason = (
        len(by[frozenset(names)]) for names in ((), ("operation",), ("outcome",), ("reason",))
    )
    assert (alone, operation, outcome, reason) == (6, 2, 1, 1)
    operations = len(OPERATIONS) + 1  # `unknown`
    assert issubclass(oauth_errors.OAuthError, ProxyError)  # it has reasons of its own, once it is imported
    assert f"adds {len(ROUTES)} operations, {2 * len(ROUTES)} metrics" in PAGE
    refusals = len(_reasons(ProxyError) - _reasons(Internal))
    most = alone + operations * operation + len(OUTCOMES) + refusals + len(COUNTED)
    told = f"6 + {operations} {TIMES} 2 + {len(OUTCOMES)} outcomes + {refusals} reasons + {len(COUNTED)} counts, if any"
    assert f"never are more than {most} ({told})" in PAGE
    assert f"some ${most * COST:.0f} a month and Region" in PAGE


def test_every_count_has_a_row_of_its_own() -> None:
    assert sorted(re.findall(r"\| `(\w+)` \| [^|]+ \| count, if any \|", PAGE)) == sorted(COUNTED)


def test_every_reason_of_a_failure_has_one_row() -> None:
    table = PAGE.partition("| reason of `failed` |")[2].partition("<!--")[0]
    named = [name for cell in re.findall(r"\| (`[^|]+) \| ", table) for name in re.findall(r"`(\w+)`", cell)]
    rows = [name for name in named if name != "problem"]
    assert sorted(rows) == sorted(_reasons(Internal) | {"cognito"})


def _reasons(kind: type[ProxyError]) -> set[str]:
    return {kind.reason}.union(*(_reasons(each) for each in kind.__subclasses__()))


@pytest.mark.proves("metrics-usual")
def test_the_sum_of_a_usual_proxy_is_right() -> None:
    found = re.search(
        r"has about (\d+) \((\d+) \+ 8 . (\d+) \+ (\d+) outcomes \+ (\d+) reasons\): some \$(\d+) a", PAGE
    )
    assert found
    most, alone, each, outcomes, reasons, dollars = map(int, found.groups())
    assert most == alone + 8 * each + outcomes + reasons
    assert dollars == round(most * COST)


@pytest.mark.proves("line-size")
def test_a_line_is_about_as_long_as_the_page_says(lines: list[Line]) -> None:
    text = json.dumps(lines[1], separators=(",", ":"))
    assert 950 <= len(text) <= 1250
    assert "A line has about 1.1 KB" in PAGE


@pytest.mark.proves("line-request-id")
def test_a_line_has_the_id_that_the_answer_has(lines: list[Line]) -> None:
    edge, regional, _ = lines
    assert edge["request_id"] == edge_event("SignUp", {})["Records"][0]["cf"]["config"]["requestId"]
    assert regional["request_id"] == event("SignUp", {})["requestContext"]["extendedRequestId"]
