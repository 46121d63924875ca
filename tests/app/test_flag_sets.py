"""The sets of flags that templates are made for: what lint, nag, rehearsal and monitoring's tests see."""

import pytest

from tests.app.flag_sets import FLAG_SETS

OTHER_THAN_DEFAULT = {
    "log_level": ("problems", "none"),
    "log_plain": ("true",),
    "monitoring": ("false",),
    "alarm_email": ("ops@example.com",),
    "trail_bucket": ("trail-of-the-account",),
}


@pytest.mark.parametrize("variant", ["regional", "edge"])
@pytest.mark.parametrize("flag", OTHER_THAN_DEFAULT)
def test_what_is_logged_and_watched_is_in_a_set_of_each_variant(flag: str, variant: str) -> None:
    given = {flags.get(flag) for flags in FLAG_SETS.values() if flags.get("variant", "regional") == variant}
    assert given & set(OTHER_THAN_DEFAULT[flag])
