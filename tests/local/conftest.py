"""One emulator for the session, with a hand-written deployment in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import LocalRun, local_run
from tests.local.tiny_assembly import tiny_template, write_assembly


@dataclass(frozen=True, kw_only=True)
class Tiny:
    """The hand-written deployment, and what its screen said."""

    run: LocalRun
    said: list[str]
    assembly_dir: Path


@pytest.fixture(scope="session")
def assembly_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_assembly(tmp_path_factory.mktemp("assembly"), tiny_template())


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, assembly_dir: Path) -> Iterator[Tiny]:
    said: list[str] = []
    work_dir = tmp_path_factory.mktemp("run")
    with local_run(work_dir=work_dir, assembly_dir=assembly_dir, say=said.append, verbose=True) as run:
        yield Tiny(run=run, said=said, assembly_dir=assembly_dir)
