"""The shared assemblies: never those of other flags or of older sources, made once, and what the app itself makes."""

import threading
import time
from pathlib import Path

import pytest

from local.deployment.cdk_json import local_context
from local.deployment.synth import synthesize
from local.errors import LocalRunError
from tests.syntheses import Ask, Syntheses

FLAGS = {"variant": "regional"}
EVERYWHERE = {"account": "000000000000", "region": "eu-west-1"}


class Maker:
    """Writes what it was asked for, and counts."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []

    def __call__(self, ask: Ask, folder: Path) -> None:
        self.asked.append(ask)
        folder.mkdir()
        # Long enough for another to ask meanwhile.
        time.sleep(0.05)
        (folder / "asked").write_text(repr(ask))


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "stack.py").write_text("one")
    return folder


@pytest.fixture
def shared(tmp_path: Path, maker: Maker, source: Path) -> Syntheses:
    return Syntheses(tmp_path / "shared", sources=[source], make=maker)


def test_each_set_of_flags_account_and_region_has_its_own(shared: Syntheses, maker: Maker) -> None:
    asks = [
        Ask(context=FLAGS),
        Ask(context={}),
        Ask(context={"variant": "edge"}),
        Ask(context=FLAGS | {"rotation_days": "30"}),
        Ask(context=FLAGS | {"rotation_days": 30}),
        Ask(context=FLAGS, account="000000000000"),
        Ask(context=FLAGS, region="000000000000"),
        Ask(context=FLAGS, account="000000000000", region="eu-west-1"),
    ]
    for _ in range(2):
        found = [shared.assembly(ask.context, account=ask.account, region=ask.region) for ask in asks]
        assert [(folder / "asked").read_text() for folder in found] == list(map(repr, asks))
    assert maker.asked == asks


def test_the_order_of_flags_is_no_other_set(shared: Syntheses, maker: Maker) -> None:
    assert shared.assembly({"a": "1", "b": "2"}) == shared.assembly({"b": "2", "a": "1"})
    assert len(maker.asked) == 1


def test_a_changed_a_new_and_a_renamed_source_each_make_it_anew(shared: Syntheses, maker: Maker, source: Path) -> None:
    found = [shared.assembly(FLAGS)]
    (source / "stack.py").write_text("two")
    found.append(shared.assembly(FLAGS))
    (source / "other.py").write_text("")
    found.append(shared.assembly(FLAGS))
    (source / "other.py").rename(source / "renamed.py")
    found.append(shared.assembly(FLAGS))
    assert len(set(found)) == len(maker.asked) == 4
    assert shared.assembly(FLAGS) == found[-1]


def test_what_python_leaves_beside_sources_is_none(shared: Syntheses, maker: Maker, source: Path) -> None:
    shared.assembly(FLAGS)
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "stack.pyc").write_bytes(b"")
    shared.assembly(FLAGS)
    assert len(maker.asked) == 1


def test_who_asks_meanwhile_waits_and_gets_the_same(
    tmp_path: Path, shared: Syntheses, maker: Maker, source: Path
) -> None:
    """Another process has another lock on the same file, as another object has here."""
    another, found = Syntheses(tmp_path / "shared", sources=[source], make=maker), list[str]()

    def ask(syntheses: Syntheses) -> None:
        found.append((syntheses.assembly(FLAGS) / "asked").read_text())

    threads = [threading.Thread(target=ask, args=[syntheses]) for syntheses in (shared, another)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [repr(Ask(context=FLAGS))] * 2
    assert len(maker.asked) == 1


def test_what_was_not_finished_is_made_anew(tmp_path: Path, maker: Maker, source: Path) -> None:
    def fails(ask: Ask, folder: Path) -> None:
        folder.mkdir()
        (folder / "half").write_text("")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Syntheses(tmp_path / "shared", sources=[source], make=fails).assembly(FLAGS)
    made = Syntheses(tmp_path / "shared", sources=[source], make=maker).assembly(FLAGS)
    assert [file.name for file in made.iterdir()] == ["asked"]


def test_a_run_gets_a_copy_of_its_own(shared: Syntheses, maker: Maker, tmp_path: Path) -> None:
    folders = [
        shared.synthesize(context=FLAGS, out_dir=tmp_path / name / "cdk.out", **EVERYWHERE) for name in ("one", "two")
    ]
    (folders[0] / "asked").write_text("something else")
    (asked,) = maker.asked
    assert (folders[1] / "asked").read_text() == repr(asked)
    assert asked == Ask(context=local_context() | FLAGS, **EVERYWHERE)


def test_it_is_what_the_app_makes_in_a_process_of_its_own(syntheses: Syntheses, tmp_path: Path) -> None:
    flags = {"variant": "edge", "sample": "rest,http"}
    shared = syntheses.synthesize(context=flags, out_dir=tmp_path / "shared", **EVERYWHERE)
    own = synthesize(context=flags, out_dir=tmp_path / "own", **EVERYWHERE)
    assert _files(shared) == _files(own)


def test_a_refused_flag_is_told_as_by_a_process_of_its_own(syntheses: Syntheses, tmp_path: Path) -> None:
    with pytest.raises(LocalRunError, match=r"^synth failed: rate_limit: '5' is not allowed; "):
        syntheses.synthesize(context={"rate_limit": "5"}, out_dir=tmp_path, **EVERYWHERE)


def _files(folder: Path) -> dict[str, bytes]:
    """But for the metadata, where the CDK notes paths of the process that it was called in."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(".metadata.json")]
    assert any(file.name.endswith(".template.json") for file in files)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
