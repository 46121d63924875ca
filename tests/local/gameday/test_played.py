"""The game day's short form: a Region goes away under load, and comes back; what was promised was kept."""

from pathlib import Path

import pytest

from local.gameday.day import Promise
from local.gameday.load import SIGN_IN
from local.gameday.run import play_day


@pytest.mark.proves("gameday", simulator="route53")
def test_what_was_promised_was_kept(tmp_path: Path) -> None:
    scenes = play_day(users=3, scene_seconds=1, work_dir=tmp_path, say=lambda _: None, flapping=False)
    assert [scene.promise for scene in scenes] == [
        Promise.NOTHING,
        Promise.IN_FLIGHT,
        Promise.NOTHING,
        Promise.UNTIL_DNS,
        Promise.NOTHING,
    ]
    assert [(scene.name, scene.broken) for scene in scenes if scene.broken] == []
    assert sum(scene.succeeded[SIGN_IN] for scene in scenes) > len(scenes)
    # The day is no quiet one: while a whole Region is away, and nobody has moved yet, calls do fail.
    assert sum(scenes[3].failed.values()) > 0
