"""docs/proofs.md, and the marks that it is made of."""

from pathlib import Path

import pytest

from tests.proofs.__main__ import ROOT
from tests.proofs.marks import MarkError, Proof, proofs
from tests.proofs.page import PAGE, ProofError, page
from tests.proofs.promises import Promise, PromiseError, promises


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with nothing in it."""
    for folder in ("docs", "tests", "local/simulators/waf"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "local/simulators/waf/README.md").write_text("x")
    (tmp_path / "requirements.txt").write_text("botocore==1.2.3\n")
    (tmp_path / "README.md").write_text("# Title\n")
    return tmp_path


def test_the_page_is_up_to_date_and_no_promise_is_without_proof() -> None:
    written = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written == page(promises(ROOT), proofs(ROOT), ROOT), "make proofs"


@pytest.mark.parametrize(
    ("text", "says", "section"),
    [
        ("<!-- promise: p -->\nIt is so. And more.", "It is so.", ""),
        ("# Title\n\nText. <!-- promise: p --> It is so.", "It is so.", ""),
        ("## A\n\nText. <!-- promise: p -->It\nis\n  so. No.\n\n## B\n", "It is so.", "A"),
        ("## A\n```sh\n# B\n```\n\n<!-- promise: p -->\nIt is so!", "It is so!", "A"),
        ("- <!-- promise: p -->\n  It is so\n- No.", "It is so", ""),
        ("| <!-- promise: p -->It is so | no. |", "It is so", ""),
        ("1. Yes. <!-- promise: p --> It [is](x.md#y) [so][z]. No.", "It is so.", ""),
        ("<!-- promise: p -->\n**It is so.** No.", "It is so.", ""),
        ("Yes. <!-- promise: p --> It takes 1.5 ms, e.g.no end. No.", "It takes 1.5 ms, e.g.no end.", ""),
        ("<!-- promise: p -->\nIt is so:\n\n    no", "It is so:", ""),
        ("<!-- promise: p -->\nIt is so: yes. No.", "It is so: yes.", ""),
        ("<!-- promise: p, row: who -->\n\n| a | b |\n|---|---|\n| **who** | does |\n| x | y |\n", "who; does", ""),
    ],
)
def test_a_promise_is_the_sentence_behind_its_mark(root: Path, text: str, says: str, section: str) -> None:
    (root / "docs/a.md").write_text(text)
    assert promises(root) == [Promise(name="p", says=says, file="docs/a.md", section=section)]


def test_a_mark_without_a_sentence_is_an_error(root: Path) -> None:
    (root / "docs/a.md").write_text("<!-- promise: p -->\n\nText.\n")
    assert promises(root)[0].says == "Text."
    (root / "docs/a.md").write_text("Text. <!-- promise: p -->\n")
    with pytest.raises(PromiseError, match=r"^docs/a.md: no sentence behind the mark of p$"):
        promises(root)


@pytest.mark.parametrize("words", ["is missing", "is twice", "is further down"])
def test_a_mark_without_its_row_is_an_error(root: Path, words: str) -> None:
    (root / "docs/a.md").write_text(
        f"<!-- promise: p, row: {words} -->\n\n| a |\n|---|\n| is twice |\n| is twice |\n\n"
        "Text.\n\n| is further down |\n"
    )
    with pytest.raises(PromiseError, match=r"^docs/a.md: no row behind the mark of p$"):
        promises(root)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- promise: p -->It is so.",
        "Text\n<!-- promise: p --> It is so.",
        "- <!-- promise: p --> It is so.",
        "Text.\n<!-- promise: p -->\nIt is so.",
    ],
)
def test_a_mark_that_would_break_its_paragraph_is_an_error(root: Path, text: str) -> None:
    (root / "docs/a.md").write_text(text)
    with pytest.raises(PromiseError, match=r"^docs/a.md: a mark that begins a line must begin a block, alone: "):
        promises(root)


def test_one_name_is_one_promise(root: Path) -> None:
    (root / "README.md").write_text("<!-- promise: p -->\nOne.")
    (root / "docs/a.md").write_text("<!-- promise: p -->\nTwo.")
    with pytest.raises(PromiseError, match=r"^docs/a.md: p is promised in README.md, too$"):
        promises(root)


def test_tests_and_checks_name_what_they_prove(root: Path) -> None:
    (root / "tests/test_a.py").write_text(
        "import pytest\n"
        'pytestmark = [pytest.mark.proves("all"), pytest.mark.node]\n'
        '@pytest.mark.parametrize("x", [1])\n'
        '@pytest.mark.proves("p", "q", oracle="botocore")\n'
        "def test_x(x): ...\n"
        '@pytest.mark.proves("p", simulator="waf")\n'
        "class TestY: ...\n"
    )
    smoke = root / "cognito_proxy/smoke"
    smoke.mkdir(parents=True)
    (smoke / "checks.py").write_text(
        'A = Check(name="answers", proves=("p", "q"))\nB = Check(name="signs", probe="C1", proves=("q",))\n'
        'C = Check(name="other")\n'
        "def _probe(number, name, *, proves=()):\n"
        '    return Check(name=name, probe=f"C{number}", proves=proves)\n'
        'D = _probe(2, "asks", proves=("p",))\n'
    )
    assert proofs(root) == sorted(
        [
            Proof(promise="all", kind="test", what="tests/test_a.py"),
            Proof(promise="p", kind="oracle", what="tests/test_a.py::test_x", against="botocore"),
            Proof(promise="q", kind="oracle", what="tests/test_a.py::test_x", against="botocore"),
            Proof(promise="p", kind="simulator", what="tests/test_a.py::TestY", against="waf"),
            Proof(promise="p", kind="smoke check", what="answers"),
            Proof(promise="q", kind="smoke check", what="answers"),
            Proof(promise="q", kind="probe", what="C1, signs"),
            Proof(promise="p", kind="probe", what="C2, asks"),
        ]
    )


@pytest.mark.parametrize(
    "mark", ["()", "(NAME)", '("p", oracle=NAME)', '("p", oracle="a", simulator="b")', '("p", somewhere="a")']
)
def test_a_mark_that_cannot_be_read_is_an_error(root: Path, mark: str) -> None:
    (root / "tests/test_a.py").write_text(f"@pytest.mark.proves{mark}\ndef test_x(): ...\n")
    with pytest.raises(MarkError, match=r"^tests/test_a.py:1: "):
        proofs(root)


PROMISE = Promise(name="p", says="It is so.", file="docs/a.md", section="How it is")


@pytest.mark.parametrize(
    ("proof", "problem"),
    [
        (None, "docs/a.md: nothing proves p: It is so."),
        (Proof(promise="q", kind="test", what="t"), "t proves q, which no document promises"),
        (Proof(promise="p", kind="oracle", what="t", against="Delphi"), "t: no oracle is called Delphi"),
        (Proof(promise="p", kind="simulator", what="t", against="moon"), "t: no simulator is called moon"),
    ],
)
def test_what_does_not_fit_is_an_error(root: Path, proof: Proof | None, problem: str) -> None:
    with pytest.raises(ProofError) as raised:
        page([PROMISE], [proof] if proof else [], root)
    assert problem in str(raised.value).splitlines()


def test_the_page_counts_each_kind_once_a_promise(root: Path) -> None:
    kept = Promise(name="k", says="It stays.", file="docs/a.md", section="How it is")
    text = page(
        [PROMISE, kept],
        [
            Proof(promise="p", kind="oracle", what="t1", against="botocore"),
            Proof(promise="p", kind="oracle", what="t2", against="botocore"),
            Proof(promise="p", kind="simulator", what="t3", against="waf"),
            Proof(promise="k", kind="probe", what="C1, signs"),
        ],
        root,
    )
    assert "| oracle | 1 |" in text
    assert "| probe | 1 |" in text
    assert "| anything on one machine | 1 |" in text
    assert "| on one machine, anything but AWS's documents, as our simulators have them | 0 |" in text
    assert "| a check on AWS | 1 |" in text
    assert "- **botocore**: AWS's own service models (botocore 1.2.3)." in text
    assert "## [a.md](a.md)" in text
    assert "### [How it is](a.md#how-it-is)" in text
    assert "**It is so.** (`p`)" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_the_page_counts_what_is_missing(root: Path) -> None:
    text = page(
        [PROMISE, Promise(name="k", says="It stays.", file="docs/a.md", section="")],
        [
            Proof(promise="p", kind="simulator", what="t1", against="waf"),
            Proof(promise="p", kind="smoke check", what="answers"),
            Proof(promise="k", kind="test", what="t2"),
        ],
        root,
    )
    assert "| on one machine, anything but AWS's documents, as our simulators have them | 1 |" in text
    assert "| anything on one machine | 0 |" in text
    assert "| a check on AWS | 1 |" in text
